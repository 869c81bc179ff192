//! What a document's bytes say without running it: its kind, its encoding, its title, its refreshes, what it is made of.

mod charset;
mod content_type;
mod document;
mod emitter;
mod foreign;
mod page;
mod signs;
mod xml;
mod xml_markup;

pub(crate) use content_type::ContentType;
pub(crate) use document::{DocumentKind, document_kind, is_attachment};
pub(crate) use emitter::{StartTag, TagEmitter, TagSink};
pub(crate) use page::{Document, Page, content_state, read_page, tidy_title};
pub(crate) use signs::Frame;
pub(crate) use xml_markup::as_html;
