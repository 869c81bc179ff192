//! The calls of `/v1`: one folder a resource, one file a call, each with its request, its answer and its handler.

pub(crate) mod account;
pub(crate) mod analytics;
pub(crate) mod clicks;
pub(crate) mod credits;
pub(crate) mod deliveries;
pub(crate) mod domains;
pub(crate) mod events;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod meta;
pub(crate) mod providers;
pub(crate) mod replays;
pub(crate) mod resolve;
pub(crate) mod tags;
pub(crate) mod webhooks;
