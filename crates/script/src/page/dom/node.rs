//! One node of the tree and what it holds.

use html5ever::QualName;

/// Address of a node in its document's arena; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::page) struct NodeId(pub(in crate::page) u32);

impl NodeId {
    /// The document itself.
    pub(in crate::page) const DOCUMENT: Self = Self(1);

    pub(super) fn index(self) -> usize {
        self.0 as usize - 1
    }
}

/// A node with its place among its relatives.
#[derive(Debug)]
pub(in crate::page) struct Node {
    pub(in crate::page) parent: Option<NodeId>,
    pub(in crate::page) first_child: Option<NodeId>,
    pub(in crate::page) last_child: Option<NodeId>,
    pub(in crate::page) previous: Option<NodeId>,
    pub(in crate::page) next: Option<NodeId>,
    pub(in crate::page) data: NodeData,
}

impl Node {
    pub(super) fn new(data: NodeData) -> Self {
        Self { parent: None, first_child: None, last_child: None, previous: None, next: None, data }
    }
}

#[derive(Clone, Debug)]
pub(in crate::page) enum NodeData {
    Document,
    Fragment,
    Doctype(String),
    Text(String),
    Comment(String),
    Element(Element),
}

/// An element: its name, attributes, and what the parser noted about it.
#[derive(Clone, Debug)]
pub(in crate::page) struct Element {
    pub(in crate::page) name: QualName,
    pub(in crate::page) attributes: Vec<(String, String)>,
    /// Of a `<template>`: the fragment that holds its content.
    pub(in crate::page) template: Option<NodeId>,
    /// The form the parser associated, which need not be an ancestor.
    pub(in crate::page) form_owner: Option<NodeId>,
}

impl Element {
    pub(in crate::page) fn new(name: QualName) -> Self {
        Self { name, attributes: Vec::new(), template: None, form_owner: None }
    }

    pub(in crate::page) fn local_name(&self) -> &str {
        &self.name.local
    }

    pub(in crate::page) fn is_html(&self) -> bool {
        self.name.ns == html5ever::ns!(html)
    }

    pub(in crate::page) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(in crate::page) fn set_attribute(&mut self, name: &str, value: &str) {
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.attributes.push((name.to_owned(), value.to_owned())),
        }
    }
}
