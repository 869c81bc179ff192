//! Builds the tree as html5ever's tree builder asks for it.

use std::{borrow::Cow, rc::Rc};

use html5ever::{
    Attribute, QualName,
    interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
    tendril::StrTendril,
};

use super::{
    document::Document,
    name::NameCopy,
    node::{Element, NodeData, NodeId},
};

/// Parsing writes into a document that scripts hold as well, below `root`.
#[derive(Clone, Debug)]
pub(in crate::page) struct DocumentSink {
    pub(in crate::page) document: Rc<Document>,
    /// What the tree builder takes for the document.
    pub(in crate::page) root: NodeId,
}

impl DocumentSink {
    pub(in crate::page) fn of_document(document: Rc<Document>) -> Self {
        Self { document, root: NodeId::DOCUMENT }
    }

    /// Stands the root in for a node that a full document has no room for; `place` drops it.
    fn create(&self, data: NodeData) -> NodeId {
        let mut tree = self.document.tree.borrow_mut();
        tree.create(data).unwrap_or(self.root)
    }

    /// What is parsed aside reaches the document, if ever, by a script's hand.
    fn note(&self, id: NodeId) {
        if self.root == NodeId::DOCUMENT {
            self.document.note_parsed(id);
        }
    }

    fn place(&self, parent: NodeId, child: NodeOrText<NodeId>, before: Option<NodeId>) {
        let mut tree = self.document.tree.borrow_mut();
        match child {
            NodeOrText::AppendNode(node) if node == self.root || tree.contains(node, parent) => {}
            NodeOrText::AppendNode(node) => {
                let (parent, before) = tree.at_bearable_depth(parent, before);
                tree.insert(parent, node, before);
            }
            // A full document keeps what it has.
            NodeOrText::AppendText(text) => drop(tree.insert_text(parent, &text, before)),
        }
    }
}

impl TreeSink for DocumentSink {
    type Handle = NodeId;
    type Output = ();
    type ElemName<'a> = NameCopy;

    fn finish(self) {}

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        self.root
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> NameCopy {
        let tree = self.document.tree.borrow();
        let name = tree.element(*target).map(|element| element.name.clone());
        NameCopy(name.unwrap_or_else(|| QualName::new(None, html5ever::ns!(), html5ever::local_name!(""))))
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        let mut element = Element::new(name);
        for attribute in attributes {
            element.attributes.push((qualified(&attribute.name), attribute.value.to_string()));
        }
        if flags.template {
            element.template = Some(self.create(NodeData::Fragment));
        }
        let id = self.create(NodeData::Element(element));
        self.note(id);
        id
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.create(NodeData::Comment(text.to_string()))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.create(NodeData::Comment(format!("?{target} {data}")))
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.place(*parent, child, None);
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        if self.document.tree.borrow().node(*element).parent.is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, _public: StrTendril, _system: StrTendril) {
        let doctype = self.create(NodeData::Doctype(name.to_string()));
        self.place(self.root, NodeOrText::AppendNode(doctype), None);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        let tree = self.document.tree.borrow();
        tree.element(*target).and_then(|element| element.template).unwrap_or(*target)
    }

    fn same_node(&self, left: &NodeId, right: &NodeId) -> bool {
        left == right
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let parent = self.document.tree.borrow().node(*sibling).parent;
        if let Some(parent) = parent {
            self.place(parent, child, Some(*sibling));
        }
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        let mut tree = self.document.tree.borrow_mut();
        let Some(element) = tree.element_mut(*target) else { return };
        for attribute in attributes {
            let name = qualified(&attribute.name);
            if element.attribute(&name).is_none() {
                element.attributes.push((name, attribute.value.to_string()));
            }
        }
        drop(tree);
        self.note(*target);
    }

    fn associate_with_form(&self, target: &NodeId, form: &NodeId, _nodes: (&NodeId, Option<&NodeId>)) {
        if let Some(element) = self.document.tree.borrow_mut().element_mut(*target) {
            element.form_owner = Some(*form);
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.document.tree.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut tree = self.document.tree.borrow_mut();
        while let Some(child) = tree.node(*node).first_child {
            tree.insert(*new_parent, child, None);
        }
    }
}

/// `xlink:href`, not `href`, where the parser gave an attribute a namespace.
fn qualified(name: &QualName) -> String {
    match &name.prefix {
        Some(prefix) if !prefix.is_empty() => format!("{prefix}:{}", name.local),
        _ => name.local.to_string(),
    }
}
