//! The pure core of Hopline: vocabulary, rules, state machines and the store port.
//!
//! Nothing here opens a socket, touches a database, speaks HTTP or needs an async runtime.

// The words everything is said in.
pub mod entropy;
pub mod id;
pub mod limits;
pub mod time;

// Links, where they may lead, and what following them showed.
pub mod address;
pub mod chain;
#[cfg(test)]
mod chain_samples;
pub mod compare;
pub mod har;
pub mod link;
pub mod outcome;
pub mod profile;
pub mod provider;
pub mod short_link;
pub mod verdict;

// Who may do what, and what it costs.
pub mod credit;
pub mod key;
pub mod plan;
pub mod rate;

// Work and telling of it.
pub mod click;
pub mod delivery;
pub mod endpoint;
pub mod event;
pub mod idempotency;
pub mod job;
pub mod lane;
pub mod retry;

// The edges.
pub mod invariant;
pub mod problem;
pub mod store;
pub mod wake;
