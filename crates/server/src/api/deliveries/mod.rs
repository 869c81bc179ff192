//! `/v1/deliveries`: what was sent to receivers, what waits and why.

pub(crate) mod cancel;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod retry;

mod attempt;
mod manual;
pub(in crate::api) mod view;
