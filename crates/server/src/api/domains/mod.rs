//! `/v1/domains`: domains that short links live on.

pub(crate) mod allowed;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod verify;

mod audit;
mod members;
mod refusal;
mod view;
