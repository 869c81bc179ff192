//! `cargo xtask deps`: what we depend on is allowed by `deny.toml`.
//!
//! Reads the same file as cargo-deny, so a machine without it checks licences, bans, duplicates and sources
//! all the same; where cargo-deny is installed it has the last word.

mod judge;
mod licence;
mod policy;
mod run;

pub(crate) use run::run;
