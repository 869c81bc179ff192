//! Pages for people: a landing page, the API reference, and one page per problem. Self-contained HTML, made once.

mod handlers;
mod html;
mod landing;
mod layout;
mod problems;
mod reference;
mod rendered;
mod schema;

pub(crate) use handlers::{landing, openapi, problem, problems, reference};
pub(crate) use html::escape;
pub(crate) use rendered::Pages;
