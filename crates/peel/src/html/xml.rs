//! Open elements of an XML document, as far as its default namespace says which of them are XHTML.

use super::{emitter::StartTag, foreign::Namespace};

const XHTML: &[u8] = b"http://www.w3.org/1999/xhtml";

/// Browsers nest no deeper; deeper tags are not tracked.
const DEPTH_MAX: usize = 512;

/// The open elements with the default namespace in force inside each.
#[derive(Debug, Default)]
pub(super) struct XmlElements(Vec<(Vec<u8>, Namespace)>);

impl XmlElements {
    /// Takes a start tag and says whether the element is XHTML.
    pub(super) fn open(&mut self, tag: &StartTag) -> Namespace {
        let inherited = self.0.last().map_or(Namespace::Foreign, |(_, namespace)| *namespace);
        let namespace = match tag.attribute(b"xmlns") {
            Some(name) if name == XHTML => Namespace::Html,
            Some(_) => Namespace::Foreign,
            None => inherited,
        };
        if !tag.is_self_closing() && self.0.len() < DEPTH_MAX {
            self.0.push((tag.name().to_vec(), namespace));
        }
        namespace
    }

    pub(super) fn close(&mut self, name: &[u8]) {
        if let Some(at) = self.0.iter().rposition(|(open, _)| open == name) {
            self.0.truncate(at);
        }
    }
}
