//! The OpenAPI document, made from the routes themselves.

mod document;
mod operations;
mod problem_schema;

pub use document::document;
pub(crate) use document::served_by;
