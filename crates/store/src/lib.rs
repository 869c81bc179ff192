//! Adapters of the store port of `hopline-domain`: SQLite now, PostgreSQL beside it later.
//!
//! Each adapter mirrors the port's file names; one conformance suite (`tests/conformance`) holds for all of them.

pub mod sqlite;
