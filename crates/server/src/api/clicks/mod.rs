//! `/v1/clicks`: raw clicks out, and away.

pub(crate) mod delete;
pub(crate) mod export;

mod query;
mod view;
