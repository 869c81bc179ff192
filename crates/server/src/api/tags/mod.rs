//! `/v1/tags`: words that links are sorted by.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod update;

mod members;
mod view;
