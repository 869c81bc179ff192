//! `/v1/keys`: API keys and the webhook secrets of their families.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod rotate;
pub(crate) mod update;
pub(crate) mod webhook_secret_get;
pub(crate) mod webhook_secret_rotate;

mod audit;
mod governed;
pub(in crate::api) mod members;
mod view;
