//! Which tags are SVG or `MathML` instead of HTML (tree construction "rules for parsing tokens in foreign content"),
//! so that `<svg><style>` is no raw text and `<svg><base>` no base.

use super::emitter::StartTag;

/// Browsers nest no deeper; deeper tags are not tracked.
const DEPTH_MAX: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    Html,
    Foreign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Foreign,
    /// An integration point: what stands in it is HTML again.
    Html,
}

#[derive(Debug)]
struct Element {
    name: Vec<u8>,
    content: Content,
}

/// The open foreign elements; empty in plain HTML.
#[derive(Debug, Default)]
pub(super) struct ForeignContent(Vec<Element>);

/// HTML tags that end foreign content where they stand.
const BREAKOUT: [&str; 44] = [
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

impl ForeignContent {
    /// Whether the current node is foreign and no integration point.
    pub(super) fn is_inside(&self) -> bool {
        self.0.last().is_some_and(|element| element.content == Content::Foreign)
    }

    /// Takes a start tag and says whose it is.
    pub(super) fn open(&mut self, tag: &StartTag) -> Namespace {
        if self.is_inside() && breaks_out(tag) {
            self.leave();
        }
        let is_root = matches!(tag.name(), b"svg" | b"math");
        if !self.is_inside() && !is_root {
            return Namespace::Html;
        }
        if !tag.is_self_closing() && self.0.len() < DEPTH_MAX {
            self.0.push(Element { name: tag.name().to_vec(), content: content_of(tag) });
        }
        Namespace::Foreign
    }

    pub(super) fn close(&mut self, name: &[u8]) {
        if self.is_inside() && matches!(name, b"p" | b"br") {
            self.leave();
        } else if let Some(at) = self.0.iter().rposition(|element| element.name == name) {
            self.0.truncate(at);
        }
    }

    /// Back to the nearest integration point or to HTML.
    fn leave(&mut self) {
        let kept = self.0.iter().rposition(|element| element.content == Content::Html).map_or(0, |at| at + 1);
        self.0.truncate(kept);
    }
}

fn breaks_out(tag: &StartTag) -> bool {
    let is_styled_font = || {
        tag.name() == b"font"
            && [&b"color"[..], b"face", b"size"].iter().any(|name| tag.attribute(name).is_some())
    };
    std::str::from_utf8(tag.name()).is_ok_and(|name| BREAKOUT.binary_search(&name).is_ok())
        || is_styled_font()
}

/// Where HTML begins again. SVG and `MathML` names do not clash here, so one table serves both.
fn content_of(tag: &StartTag) -> Content {
    match tag.name() {
        b"foreignobject" | b"desc" | b"title" | b"mi" | b"mo" | b"mn" | b"ms" | b"mtext" => Content::Html,
        b"annotation-xml" if is_html_annotation(tag) => Content::Html,
        _ => Content::Foreign,
    }
}

fn is_html_annotation(tag: &StartTag) -> bool {
    let is = |value: &[u8], want: &[u8]| value.eq_ignore_ascii_case(want);
    tag.attribute(b"encoding")
        .is_some_and(|value| is(value, b"text/html") || is(value, b"application/xhtml+xml"))
}
