//! Feeds tags and text from the html5gum tokenizer to a sink, without building tokens that nobody reads.

use std::convert::Infallible;

use html5gum::{Emitter, Error, State};

/// A start tag.
#[derive(Debug, Default)]
pub(crate) struct StartTag {
    name: Vec<u8>,
    self_closing: bool,
    /// Only the first `attribute_count` are this tag's; the others are room that is used again.
    attributes: Vec<(Vec<u8>, Vec<u8>)>,
    attribute_count: usize,
}

impl StartTag {
    /// In lowercase, as the tokenizer gives names.
    pub(crate) fn name(&self) -> &[u8] {
        &self.name
    }

    pub(crate) const fn is_self_closing(&self) -> bool {
        self.self_closing
    }

    /// The first attribute of that name, as browsers keep only the first.
    pub(crate) fn attribute(&self, name: &[u8]) -> Option<&[u8]> {
        self.attributes().iter().find(|(key, _)| key == name).map(|(_, value)| value.as_slice())
    }

    pub(crate) fn attribute_names(&self) -> impl Iterator<Item = &[u8]> {
        self.attributes().iter().map(|(name, _)| name.as_slice())
    }

    fn attributes(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.attributes[..self.attribute_count]
    }

    fn clear(&mut self) {
        self.name.clear();
        self.self_closing = false;
        self.attribute_count = 0;
    }

    fn begin_attribute(&mut self) {
        match self.attributes.get_mut(self.attribute_count) {
            Some((name, value)) => {
                name.clear();
                value.clear();
            }
            None => self.attributes.push((Vec::new(), Vec::new())),
        }
        self.attribute_count += 1;
    }
}

/// Who listens to the tokenizer.
pub(crate) trait TagSink {
    /// A start tag; answers the tokenizer state its content is read in.
    fn start_tag(&mut self, tag: &StartTag) -> Option<State>;
    fn end_tag(&mut self, name: &[u8]);
    fn text(&mut self, text: &[u8]);
    /// Whether `<![CDATA[` opens a section here.
    fn allows_cdata(&self) -> bool;
}

/// Attributes kept of one tag; browsers keep all, a resolver reads a few.
const ATTRIBUTES_MAX: usize = 64;

pub(crate) struct TagEmitter<'a, S> {
    sink: &'a mut S,
    tag: StartTag,
    is_end_tag: bool,
    /// The attribute under way is one too many.
    is_surplus: bool,
    last_start_tag: Vec<u8>,
}

impl<'a, S: TagSink> TagEmitter<'a, S> {
    pub(crate) fn new(sink: &'a mut S) -> Self {
        Self {
            sink,
            tag: StartTag::default(),
            is_end_tag: false,
            is_surplus: false,
            last_start_tag: Vec::new(),
        }
    }

    fn open_attribute(&mut self) -> Option<&mut (Vec<u8>, Vec<u8>)> {
        let last = self.tag.attribute_count.checked_sub(1).filter(|_| !self.is_surplus)?;
        self.tag.attributes.get_mut(last)
    }
}

impl<S: TagSink> Emitter for TagEmitter<'_, S> {
    type Token = Infallible;

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start_tag.clear();
        self.last_start_tag.extend_from_slice(last_start_tag.unwrap_or_default());
    }

    fn emit_eof(&mut self) {}

    fn emit_error(&mut self, _error: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_string(&mut self, text: &[u8]) {
        self.sink.text(text);
    }

    fn init_start_tag(&mut self) {
        self.tag.clear();
        self.is_end_tag = false;
    }

    fn init_end_tag(&mut self) {
        self.tag.clear();
        self.is_end_tag = true;
    }

    fn init_comment(&mut self) {}

    fn emit_current_tag(&mut self) -> Option<State> {
        if self.is_end_tag {
            self.sink.end_tag(&self.tag.name);
            return None;
        }
        self.last_start_tag.clone_from(&self.tag.name);
        self.sink.start_tag(&self.tag)
    }

    fn emit_current_comment(&mut self) {}

    fn emit_current_doctype(&mut self) {}

    fn set_self_closing(&mut self) {
        self.tag.self_closing = true;
    }

    fn set_force_quirks(&mut self) {}

    fn push_tag_name(&mut self, name: &[u8]) {
        self.tag.name.extend_from_slice(name);
    }

    fn push_comment(&mut self, _text: &[u8]) {}

    fn push_doctype_name(&mut self, _name: &[u8]) {}

    fn init_doctype(&mut self) {}

    fn init_attribute(&mut self) {
        self.is_surplus = self.is_end_tag || self.tag.attribute_count == ATTRIBUTES_MAX;
        if !self.is_surplus {
            self.tag.begin_attribute();
        }
    }

    fn push_attribute_name(&mut self, text: &[u8]) {
        if let Some((name, _)) = self.open_attribute() {
            name.extend_from_slice(text);
        }
    }

    fn push_attribute_value(&mut self, text: &[u8]) {
        if let Some((_, value)) = self.open_attribute() {
            value.extend_from_slice(text);
        }
    }

    fn set_doctype_public_identifier(&mut self, _value: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _value: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _text: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _text: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end_tag && !self.last_start_tag.is_empty() && self.tag.name == self.last_start_tag
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.sink.allows_cdata()
    }
}
