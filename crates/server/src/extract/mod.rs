//! Extractors of our own: each refuses with a problem document, and none leaves a fault for the handler to find.

mod body;
mod bulk;
mod creating;
mod idempotency;
mod json;
mod path;
mod prefer;
mod query;
mod strict_json;

pub(crate) use bulk::{BulkBody, BulkFormat, BulkPlaces};
pub(crate) use creating::{BodyKey, Creating, CreatingBody, CreatingObject};
pub(crate) use json::{JsonFields, JsonObject, Presence, read_members};
pub(crate) use path::{PathId, PathPair};
pub(crate) use prefer::PreferWait;
pub(crate) use query::{FromQuery, ListQuery, PageQuery, QueryReader};
pub(crate) use strict_json::StrictJson;
