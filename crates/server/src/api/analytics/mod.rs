//! `/v1/analytics`: questions about clicks.

pub(crate) mod get;

mod query;
mod view;
