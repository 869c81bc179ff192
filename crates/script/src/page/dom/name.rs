//! Element names as html5ever's tree builder wants to borrow them.

use html5ever::{LocalName, Namespace, QualName, interface::ElemName};

/// A copy of an element's name: names are interned, a copy costs next to nothing.
#[derive(Debug)]
pub(in crate::page) struct NameCopy(pub(super) QualName);

impl ElemName for NameCopy {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}
