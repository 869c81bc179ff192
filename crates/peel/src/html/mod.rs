//! What a document's bytes say without running it: its kind, its encoding, its title and its refreshes.

mod charset;
mod content_type;
mod document;
mod emitter;
mod foreign;
mod page;
mod xml;

pub use content_type::ContentType;
pub use document::{DocumentKind, document_kind, is_attachment};
pub use page::{Document, Page, read_page};
