//! The sandbox a policy or a frame's attribute puts a document in (HTML, "sandboxing flag set").

/// What a sandboxed document may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) struct Sandbox {
    pub(in crate::page) scripts: bool,
    pub(in crate::page) forms: bool,
    pub(in crate::page) same_origin: bool,
    pub(in crate::page) top_navigation: bool,
    pub(in crate::page) modals: bool,
}

impl Sandbox {
    /// No sandbox at all.
    pub(in crate::page) const OPEN: Self =
        Self { scripts: true, forms: true, same_origin: true, top_navigation: true, modals: true };

    /// Of a list of `allow-…` tokens.
    pub(in crate::page) fn parse(tokens: &str) -> Self {
        let has =
            |token: &str| tokens.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(token));
        Self {
            scripts: has("allow-scripts"),
            forms: has("allow-forms"),
            same_origin: has("allow-same-origin"),
            top_navigation: has("allow-top-navigation"),
            modals: has("allow-modals"),
        }
    }

    /// What both allow.
    pub(in crate::page) fn and(self, other: Self) -> Self {
        Self {
            scripts: self.scripts && other.scripts,
            forms: self.forms && other.forms,
            same_origin: self.same_origin && other.same_origin,
            top_navigation: self.top_navigation && other.top_navigation,
            modals: self.modals && other.modals,
        }
    }
}
