//! Feeds tags and text from the html5gum tokenizer to a sink, without building tokens that nobody reads.

use std::convert::Infallible;

use html5gum::{Emitter, Error, State};

/// A start tag with the attributes its sink asked for.
#[derive(Debug, Default)]
pub(super) struct StartTag {
    pub(super) name: Vec<u8>,
    pub(super) self_closing: bool,
    attributes: Vec<(Vec<u8>, Vec<u8>)>,
}

impl StartTag {
    /// The first attribute of that name, as the tokenizer keeps only the first.
    pub(super) fn attribute(&self, name: &[u8]) -> Option<&[u8]> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_slice())
    }
}

/// Who listens to the tokenizer.
pub(super) trait TagSink {
    /// Whether the attributes of tags of this name are needed.
    fn wants_attributes(&self, name: &[u8]) -> bool;
    /// A start tag; answers the tokenizer state its content is read in.
    fn start_tag(&mut self, tag: &StartTag) -> Option<State>;
    fn end_tag(&mut self, name: &[u8]);
    fn text(&mut self, text: &[u8]);
    /// Whether `<![CDATA[` opens a section here.
    fn allows_cdata(&self) -> bool;
}

/// Attributes kept of one tag; browsers keep all, a resolver reads four.
const ATTRIBUTES_MAX: usize = 64;

pub(super) struct TagEmitter<'a, S> {
    sink: &'a mut S,
    tag: StartTag,
    is_end_tag: bool,
    wants_attributes: bool,
    last_start_tag: Vec<u8>,
}

impl<'a, S: TagSink> TagEmitter<'a, S> {
    pub(super) fn new(sink: &'a mut S) -> Self {
        Self {
            sink,
            tag: StartTag::default(),
            is_end_tag: false,
            wants_attributes: false,
            last_start_tag: Vec::new(),
        }
    }

    fn begin_tag(&mut self) {
        self.tag.name.clear();
        self.tag.attributes.clear();
        self.tag.self_closing = false;
        self.wants_attributes = false;
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
        self.begin_tag();
        self.is_end_tag = false;
    }

    fn init_end_tag(&mut self) {
        self.begin_tag();
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
        let is_first = !self.wants_attributes && self.tag.attributes.is_empty();
        if is_first && !self.is_end_tag {
            self.wants_attributes = self.sink.wants_attributes(&self.tag.name);
        }
        if self.tag.attributes.len() == ATTRIBUTES_MAX {
            self.wants_attributes = false;
        }
        if self.wants_attributes {
            self.tag.attributes.push((Vec::new(), Vec::new()));
        }
    }

    fn push_attribute_name(&mut self, text: &[u8]) {
        if let (true, Some((name, _))) = (self.wants_attributes, self.tag.attributes.last_mut()) {
            name.extend_from_slice(text);
        }
    }

    fn push_attribute_value(&mut self, text: &[u8]) {
        if let (true, Some((_, value))) = (self.wants_attributes, self.tag.attributes.last_mut()) {
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
