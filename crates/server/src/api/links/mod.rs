//! `/v1/links`: short links.

pub(crate) mod bulk;
pub(crate) mod by_slug;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod qr;
pub(crate) mod update;
pub(crate) mod upsert;

mod block;
mod chunk;
mod columns;
mod counts;
mod domains;
mod members;
mod patch;
mod prepare;
mod refusal;
mod rows;
mod schema;
mod view;
mod write;

pub(crate) use qr::QR_DRAWINGS_MAX;
