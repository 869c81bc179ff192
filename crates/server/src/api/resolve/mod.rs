//! `/v1/resolve`: accepting links.

pub(crate) mod create;

mod answer;
mod held;
mod request;
