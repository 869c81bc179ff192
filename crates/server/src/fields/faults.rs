//! Faults with their places: JSON pointers (RFC 6901) that grow as a reader goes down.

use hopline_domain::problem::Fault;

/// Faults told of one request; further ones are left out.
const FAULTS_MAX: usize = 100;
/// Bytes of a pointer that are told: member names are the caller's and may be long.
const POINTER_BYTES_MAX: usize = 256;

/// What is wrong with a request, so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn push(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        if self.0.len() < FAULTS_MAX {
            let fits = pointer.char_indices().take_while(|(at, c)| at + c.len_utf8() <= POINTER_BYTES_MAX);
            let cut: String = fits.map(|(_, c)| c).collect();
            self.0.push(Fault::new(cut, code, detail));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

/// A place in a document, where something may be wrong.
#[derive(Debug)]
pub(crate) struct Place<'f> {
    pub(super) pointer: String,
    pub(super) faults: &'f mut Faults,
}

impl<'f> Place<'f> {
    /// The document itself.
    pub(crate) fn root(faults: &'f mut Faults) -> Self {
        Self { pointer: String::new(), faults }
    }

    /// A member or item of what is here.
    pub(crate) fn below(&mut self, token: &str) -> Place<'_> {
        let escaped = token.replace('~', "~0").replace('/', "~1");
        Place { pointer: format!("{}/{escaped}", self.pointer), faults: self.faults }
    }

    /// Notes a fault at a pointer that begins here.
    pub(crate) fn refuse_below(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        self.faults.push(&format!("{}{pointer}", self.pointer), code, detail);
    }

    /// Notes a fault here; always `None`, so that a reader can end with it.
    pub(crate) fn refuse<T>(&mut self, code: &str, detail: impl Into<String>) -> Option<T> {
        self.faults.push(&self.pointer, code, detail);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_escaped_and_bounded() {
        let mut faults = Faults::default();
        Place::root(&mut faults).below("a/b~c").below("0").refuse::<()>("x", "y");
        Place::root(&mut faults).below(&"é".repeat(1_000)).refuse::<()>("x", "y");
        let faults = faults.into_vec();
        assert_eq!(faults[0].pointer, "/a~1b~0c/0");
        assert!(faults[1].pointer.len() <= POINTER_BYTES_MAX);
    }
}
