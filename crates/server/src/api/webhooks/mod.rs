//! `/v1/webhooks`: subscribed endpoints.

// What the calls share.
mod audit;
mod draft;
mod headers;
mod host;
mod members;
mod view;

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod replay;
pub(crate) mod secret_rotate;
pub(crate) mod test;
pub(crate) mod update;
