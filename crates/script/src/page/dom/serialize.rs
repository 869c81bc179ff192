//! Writes nodes as HTML text, as `innerHTML` shows them (HTML, "serialising HTML fragments").

use super::{
    node::{Element, NodeData, NodeId},
    tree::{DEPTH_MAX, Tree},
};

/// Elements whose text is written as it is.
const RAW_TEXT: [&str; 7] = ["style", "script", "xmp", "iframe", "noembed", "noframes", "plaintext"];
/// Elements that never have content, nor an end tag.
const VOID: [&str; 18] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen",
    "link", "meta", "param", "source", "track", "wbr",
];

impl Tree {
    /// What is inside a node.
    pub(in crate::page) fn inner_html(&self, id: NodeId) -> String {
        let mut writer = Writer { tree: self, html: String::new() };
        writer.inside(id, 0);
        writer.html
    }

    /// A node with what is inside it.
    pub(in crate::page) fn outer_html(&self, id: NodeId) -> String {
        let mut writer = Writer { tree: self, html: String::new() };
        writer.node(id, 0);
        writer.html
    }
}

struct Writer<'a> {
    tree: &'a Tree,
    html: String,
}

impl Writer<'_> {
    fn inside(&mut self, id: NodeId, level: usize) {
        if level > DEPTH_MAX {
            return;
        }
        let root = self.tree.element(id).and_then(|element| element.template).unwrap_or(id);
        for child in self.tree.children(root) {
            self.node(child, level + 1);
        }
    }

    fn node(&mut self, id: NodeId, level: usize) {
        match &self.tree.node(id).data {
            NodeData::Document | NodeData::Fragment => self.inside(id, level),
            NodeData::Doctype(name) => self.push(&["<!DOCTYPE ", name, ">"]),
            NodeData::Comment(text) => self.push(&["<!--", text, "-->"]),
            NodeData::Text(text) => self.text(id, text),
            NodeData::Element(element) => self.element(id, element, level),
        }
    }

    fn push(&mut self, parts: &[&str]) {
        for part in parts {
            self.html.push_str(part);
        }
    }

    fn text(&mut self, id: NodeId, text: &str) {
        let parent = self.tree.node(id).parent.and_then(|parent| self.tree.element(parent));
        if parent.is_some_and(|element| RAW_TEXT.contains(&element.local_name())) {
            self.html.push_str(text);
        } else {
            self.html.push_str(&escape(text));
        }
    }

    fn element(&mut self, id: NodeId, element: &Element, level: usize) {
        let name = element.local_name();
        self.push(&["<", name]);
        for (attribute, value) in &element.attributes {
            self.push(&[" ", attribute, "=\"", &escape(value).replace('"', "&quot;"), "\""]);
        }
        self.html.push('>');
        if !element.is_html() || !VOID.contains(&name) {
            self.inside(id, level);
            self.push(&["</", name, ">"]);
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('\u{a0}', "&nbsp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::super::{dom::Document, parser::parse_detached};

    #[test]
    fn what_is_written_reads_as_it_was() {
        let html = "<p title=\"a &amp; &quot;b&quot;\">x &lt; y<br></p><script>a<b</script><template><i>t</i></template><!--c-->";
        let document = Rc::new(Document::new());
        let root = parse_detached(&document, html).unwrap();
        let written = document.tree.borrow().inner_html(root);
        assert!(written.contains("<p title=\"a &amp; &quot;b&quot;\">x &lt; y<br></p>"), "{written}");
        assert!(written.contains("<script>a<b</script><template><i>t</i></template><!--c-->"), "{written}");
    }

    #[test]
    fn a_deep_page_does_not_exhaust_the_stack() {
        let document = Rc::new(Document::new());
        let root = parse_detached(&document, &"<div>".repeat(2_000)).unwrap();
        let html = document.tree.borrow().outer_html(root);
        assert!(html.contains("<div><div>"));
    }
}
