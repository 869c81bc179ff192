//! What a document's bytes say without running it: its kind, its encoding, its title and its refreshes.

mod charset;
mod content_type;
mod document;
mod emitter;
mod foreign;
mod page;
mod xml;

pub(crate) use content_type::ContentType;
pub(crate) use document::{DocumentKind, document_kind, is_attachment};
pub(crate) use page::{Document, read_page};
