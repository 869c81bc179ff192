//! The sandbox a policy or a frame's attribute puts a document in (HTML, "sandboxing flag set").

/// What a sandboxed document may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) struct Sandbox {
    pub(in crate::page) scripts: bool,
    pub(in crate::page) forms: bool,
    pub(in crate::page) same_origin: bool,
    pub(in crate::page) top_navigation: TopNavigation,
    pub(in crate::page) modals: bool,
}

/// Where code of a frame may take the top without a visitor's hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::page) enum TopNavigation {
    Nowhere,
    /// As a frame of another origin may that no sandbox holds.
    OwnHost,
    Anywhere,
}

/// No token of the standard: what a frame without an origin of its own gets where its holder lists nothing.
const TO_OWN_HOST: &str = "allow-top-navigation-to-own-host";

impl TopNavigation {
    fn listed(has: impl Fn(&str) -> bool) -> Self {
        match () {
            () if has("allow-top-navigation") => Self::Anywhere,
            () if has(TO_OWN_HOST) => Self::OwnHost,
            () => Self::Nowhere,
        }
    }
}

impl Sandbox {
    /// No sandbox at all.
    pub(in crate::page) const OPEN: Self = Self {
        scripts: true,
        forms: true,
        same_origin: true,
        top_navigation: TopNavigation::Anywhere,
        modals: true,
    };

    /// Of a list of `allow-…` tokens.
    pub(in crate::page) fn parse(tokens: &str) -> Self {
        let has =
            |token: &str| tokens.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(token));
        Self {
            scripts: has("allow-scripts"),
            forms: has("allow-forms"),
            same_origin: has("allow-same-origin"),
            top_navigation: TopNavigation::listed(has),
            modals: has("allow-modals"),
        }
    }

    /// What both allow.
    pub(in crate::page) fn and(self, other: Self) -> Self {
        Self {
            scripts: self.scripts && other.scripts,
            forms: self.forms && other.forms,
            same_origin: self.same_origin && other.same_origin,
            top_navigation: self.top_navigation.min(other.top_navigation),
            modals: self.modals && other.modals,
        }
    }
}
