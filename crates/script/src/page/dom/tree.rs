//! The arena and the moves of its nodes: append, insert, detach, copy, and walks in document order.

use super::node::{Element, Node, NodeData, NodeId};

/// Nodes one document may hold: what a page may grow to before it is cut.
const NODES_MAX: usize = 400_000;

/// Levels the parser nests.
const PARSED_DEPTH_MAX: usize = 512;
/// Levels that are copied or written out, whoever nested them.
pub(super) const DEPTH_MAX: usize = 1024;

/// The document has grown past its bound.
#[derive(Debug, thiserror::Error)]
#[error("grow the document: it holds {NODES_MAX} nodes already")]
pub(in crate::page) struct TooManyNodes;

#[derive(Debug)]
pub(in crate::page) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::new(NodeData::Document)] }
    }

    /// A new node without relatives.
    pub(in crate::page) fn create(&mut self, data: NodeData) -> Result<NodeId, TooManyNodes> {
        if self.nodes.len() >= NODES_MAX {
            return Err(TooManyNodes);
        }
        self.nodes.push(Node::new(data));
        u32::try_from(self.nodes.len()).map(NodeId).map_err(|_| TooManyNodes)
    }

    pub(in crate::page) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.index()]
    }

    pub(in crate::page) fn data_mut(&mut self, id: NodeId) -> &mut NodeData {
        &mut self.node_mut(id).data
    }

    pub(in crate::page) fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.node(id).data {
            NodeData::Element(element) => Some(element),
            _ => None,
        }
    }

    pub(in crate::page) fn element_mut(&mut self, id: NodeId) -> Option<&mut Element> {
        match &mut self.node_mut(id).data {
            NodeData::Element(element) => Some(element),
            _ => None,
        }
    }

    pub(in crate::page) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(id).first_child, |child| self.node(*child).next)
    }

    pub(in crate::page) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(id).parent, |ancestor| self.node(*ancestor).parent)
    }

    /// `root` and everything below it, in document order; template contents are not below their template.
    pub(in crate::page) fn walk(&self, root: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(root), move |id| self.following(*id, root))
    }

    fn following(&self, id: NodeId, root: NodeId) -> Option<NodeId> {
        if let Some(child) = self.node(id).first_child {
            return Some(child);
        }
        let mut at = id;
        while at != root {
            if let Some(next) = self.node(at).next {
                return Some(next);
            }
            at = self.node(at).parent?;
        }
        None
    }

    pub(in crate::page) fn is_connected(&self, id: NodeId) -> bool {
        id == NodeId::DOCUMENT || self.ancestors(id).last() == Some(NodeId::DOCUMENT)
    }

    /// Whether `ancestor` is `id` or above it.
    pub(in crate::page) fn contains(&self, ancestor: NodeId, id: NodeId) -> bool {
        ancestor == id || self.ancestors(id).any(|above| above == ancestor)
    }

    /// Puts `child` under `parent`, before `before` or last. It leaves its old place first.
    pub(in crate::page) fn insert(&mut self, parent: NodeId, child: NodeId, before: Option<NodeId>) {
        self.detach(child);
        let previous = match before {
            Some(next) => self.node(next).previous,
            None => self.node(parent).last_child,
        };
        let node = self.node_mut(child);
        node.parent = Some(parent);
        node.previous = previous;
        node.next = before;
        match previous {
            Some(previous) => self.node_mut(previous).next = Some(child),
            None => self.node_mut(parent).first_child = Some(child),
        }
        match before {
            Some(next) => self.node_mut(next).previous = Some(child),
            None => self.node_mut(parent).last_child = Some(child),
        }
    }

    /// Where the parser puts what stands too deep: beside its parent, as Chromium does.
    pub(super) fn at_bearable_depth(
        &self,
        parent: NodeId,
        before: Option<NodeId>,
    ) -> (NodeId, Option<NodeId>) {
        match self.node(parent).parent {
            Some(above) if self.ancestors(parent).count() >= PARSED_DEPTH_MAX => (above, None),
            _ => (parent, before),
        }
    }

    /// Takes a node, with what is below it, out of its place.
    pub(in crate::page) fn detach(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
        let Some(parent) = parent else { return };
        match previous {
            Some(previous) => self.node_mut(previous).next = next,
            None => self.node_mut(parent).first_child = next,
        }
        match next {
            Some(next) => self.node_mut(next).previous = previous,
            None => self.node_mut(parent).last_child = previous,
        }
    }

    /// Adds text, to the text that is there already if it is next to it.
    pub(super) fn insert_text(
        &mut self,
        parent: NodeId,
        text: &str,
        before: Option<NodeId>,
    ) -> Result<(), TooManyNodes> {
        let neighbour = match before {
            Some(next) => self.node(next).previous,
            None => self.node(parent).last_child,
        };
        if let Some(neighbour) = neighbour
            && let NodeData::Text(known) = &mut self.node_mut(neighbour).data
        {
            known.push_str(text);
            return Ok(());
        }
        let node = self.create(NodeData::Text(text.to_owned()))?;
        self.insert(parent, node, before);
        Ok(())
    }

    /// All text below a node, in order.
    pub(in crate::page) fn text(&self, id: NodeId) -> String {
        let mut text = String::new();
        for below in self.walk(id) {
            if let NodeData::Text(part) = &self.node(below).data {
                text.push_str(part);
            }
        }
        text
    }

    /// A copy without relatives; with `Depth::Subtree` its descendants and template contents are copied too.
    pub(in crate::page) fn copy(&mut self, id: NodeId, depth: Depth) -> Result<NodeId, TooManyNodes> {
        self.copy_below(id, depth, 0)
    }

    fn copy_below(&mut self, id: NodeId, depth: Depth, level: usize) -> Result<NodeId, TooManyNodes> {
        let data = self.node(id).data.clone();
        let copy = self.create(data)?;
        let template = self.element(id).and_then(|element| element.template);
        if let Some(contents) = template {
            let contents = match depth {
                Depth::Subtree => self.copy_below(contents, depth, level + 1)?,
                Depth::Node => self.create(NodeData::Fragment)?,
            };
            if let Some(element) = self.element_mut(copy) {
                element.template = Some(contents);
            }
        }
        if depth == Depth::Subtree && level < DEPTH_MAX {
            let children: Vec<_> = self.children(id).collect();
            for child in children {
                let child = self.copy_below(child, depth, level + 1)?;
                self.insert(copy, child, None);
            }
        }
        Ok(copy)
    }
}

/// How much of a node is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) enum Depth {
    Node,
    Subtree,
}
