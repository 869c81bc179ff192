//! The members of `deny.toml` we read. cargo-deny reads more.

use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Policy {
    pub(super) graph: Graph,
    pub(super) licenses: Licenses,
    pub(super) bans: Bans,
    pub(super) sources: Sources,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Graph {
    pub(super) targets: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Licenses {
    /// SPDX identifiers, `X WITH Y` as one.
    pub(super) allow: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Bans {
    pub(super) deny: Vec<Entry>,
    /// Second versions we accept until upstream moves, as `name@version`.
    pub(super) skip: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "crate")]
    pub(super) name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Sources {
    pub(super) allow_registry: Vec<String>,
}
