//! Delivering: claimed deliveries wait in their lane, are signed, sent and recorded; nothing here knows what event it is.
//!
//! Bounds: a lane has at most its own concurrency of requests under way, whatever a claim brings; all lanes together
//! `deliver_concurrency`. What waits behind a request that hangs goes back to the store, so a hanging lane holds its own
//! places and no more: it takes `deliver_concurrency / lane concurrency` of them at once (64 with the defaults) to keep
//! others waiting.

// From the store to the lanes.
mod deliveries;
mod lanes;
mod run_length;

// From a lane to the receiver and back.
mod attempt;
mod headers;
mod place;

pub(crate) use deliveries::Deliver;
