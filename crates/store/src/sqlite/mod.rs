//! The embedded adapter: three SQLite files, one writer thread for each, a few reader threads.
//!
//! `jobs`, `deliveries`, `keys`, `workspaces`, `evidence` and `maintenance` are the port's traits; the rest is how they work.

// The port.
mod clicks;
mod deliveries;
mod domains;
mod endpoints;
mod event_log;
mod evidence;
mod jobs;
mod keys;
mod links;
mod maintenance;
mod relay;
mod replays;
mod tags;
mod workspaces;

// What several of them write.
mod audit;
mod bodies;
mod events;
mod idempotency;
mod lanes;
mod ledger;

// The machine below.
mod check;
mod connection;
mod fault;
mod migrations;
mod orphans;
mod readers;
mod rows;
mod store;
mod writer;

#[cfg(test)]
mod plans;

pub use check::{Finding, Severity, check};
pub use migrations::{SchemaVersion, migrate, schema_versions};
pub use store::{SqliteOptions, SqliteStore};
