//! Extractors of our own: each refuses with a problem document, and none leaves a fault for the handler to find.

mod body;
mod creating;
mod idempotency;
mod json;
mod path;
mod prefer;
mod query;
mod strict_json;

pub(crate) use creating::{BodyKey, Creating, CreatingBody};
pub(crate) use json::{JsonFields, Presence};
pub(crate) use path::PathId;
pub(crate) use prefer::PreferWait;
pub(crate) use query::{FromQuery, ListQuery, PageQuery, QueryReader};
