//! A document: its tree, and what the parser added since scripts last looked.

use std::cell::{Cell, RefCell};

use super::{
    node::{Element, NodeData, NodeId},
    tree::{TooManyNodes, Tree},
};

/// Elements that do something by being in the document.
const ACTIVE_ELEMENTS: [&str; 15] = [
    "audio", "base", "body", "details", "embed", "object", "source", "frame", "iframe", "img", "link",
    "meta", "style", "svg", "video",
];

/// Where the text comes from that is parsed at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) enum TextSource {
    /// The bytes of the response.
    Response,
    /// `document.write`.
    Script,
}

/// A tree that the parser and scripts change in turn.
#[derive(Debug)]
pub(in crate::page) struct Document {
    pub(in crate::page) tree: RefCell<Tree>,
    pub(in crate::page) source: Cell<TextSource>,
    /// SVG's scripts: the tree builder does not stop at them.
    drawn_scripts: RefCell<Vec<NodeId>>,
    arrivals: RefCell<Vec<(NodeId, TextSource)>>,
    names: RefCell<Vec<String>>,
}

impl Document {
    pub(in crate::page) fn new() -> Self {
        Self {
            tree: RefCell::new(Tree::new()),
            source: Cell::new(TextSource::Response),
            drawn_scripts: RefCell::default(),
            arrivals: RefCell::default(),
            names: RefCell::default(),
        }
    }

    pub(in crate::page) fn new_fragment(&self) -> Result<NodeId, TooManyNodes> {
        self.tree.borrow_mut().create(NodeData::Fragment)
    }

    /// The parser created this element.
    pub(super) fn note_parsed(&self, id: NodeId) {
        let tree = self.tree.borrow();
        let Some(element) = tree.element(id) else { return };
        if ACTIVE_ELEMENTS.contains(&element.local_name()) || is_noteworthy(element) {
            self.arrivals.borrow_mut().push((id, self.source.get()));
        }
        if element.name.ns == html5ever::ns!(svg) && element.local_name() == "script" {
            self.drawn_scripts.borrow_mut().push(id);
        }
        for attribute in ["id", "name"] {
            if let Some(name) = element.attribute(attribute) {
                self.note_name(name);
            }
        }
    }

    /// SVG's scripts the parser read since the last call.
    pub(in crate::page) fn take_drawn_scripts(&self) -> Vec<NodeId> {
        self.drawn_scripts.take()
    }

    /// An element got this `id` or `name`.
    pub(in crate::page) fn note_name(&self, name: &str) {
        if !name.is_empty() {
            self.names.borrow_mut().push(name.to_owned());
        }
    }

    /// Active elements the parser added since the last call.
    pub(in crate::page) fn take_arrivals(&self) -> Vec<(NodeId, TextSource)> {
        self.arrivals.take()
    }

    pub(in crate::page) fn has_names(&self) -> bool {
        !self.names.borrow().is_empty()
    }

    /// Names elements got since the last call.
    pub(in crate::page) fn take_names(&self) -> Vec<String> {
        self.names.take()
    }

    /// Elements below `root` that do something by being in the document, scripts included.
    pub(in crate::page) fn active_below(&self, root: NodeId) -> Vec<NodeId> {
        let tree = self.tree.borrow();
        let mut active = Vec::new();
        for id in tree.walk(root) {
            let Some(element) = tree.element(id) else { continue };
            for attribute in ["id", "name"] {
                if let Some(name) = element.attribute(attribute) {
                    self.note_name(name);
                }
            }
            let name = element.local_name();
            if name == "script" || ACTIVE_ELEMENTS.contains(&name) || is_noteworthy(element) {
                active.push(id);
            }
        }
        active
    }
}

/// Whether an attribute makes any element one to look at when it arrives.
fn is_noteworthy(element: &Element) -> bool {
    let starts = ["autofocus", "onanimation", "ontransition"];
    element.local_name().contains('-')
        || element.attributes.iter().any(|(name, _)| starts.iter().any(|start| name.starts_with(start)))
}
