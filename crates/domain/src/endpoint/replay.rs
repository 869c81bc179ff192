//! Sending events to an endpoint once more, as a job that can be watched and stopped.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::EventPattern;
use crate::{
    id::{EndpointId, LinkId, ReplayId, WorkspaceId},
    time::Timestamp,
};

/// Which of the events, by what became of them at this endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReplayOnly {
    /// Never delivered and no delivery waiting: failed ones and missing ones.
    #[default]
    Undelivered,
    /// There is a delivery, and every one ended without success.
    Failed,
    /// There is no delivery at all: the endpoint came later, or its filter was another.
    Missing,
    All,
}

/// Which events a replay sends. All conditions have to hold, and the endpoint's own filters as well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayFilter {
    #[serde(default)]
    pub only: ReplayOnly,
    /// Empty: whatever the endpoint subscribes to.
    #[serde(default)]
    pub events: Vec<EventPattern>,
    pub link_id: Option<LinkId>,
    /// Events made at or after this.
    pub since: Option<Timestamp>,
    /// Events made before this.
    pub until: Option<Timestamp>,
}

/// Whether a replay sends anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReplayKind {
    Send,
    /// Only counts what would be sent.
    DryRun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReplayState {
    Running,
    Finished,
    Cancelled,
}

impl ReplayState {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A replay and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    pub id: ReplayId,
    pub workspace_id: WorkspaceId,
    pub endpoint_id: EndpointId,
    pub filter: ReplayFilter,
    pub kind: ReplayKind,
    /// Deliveries queued a second; `None` = as fast as the store takes them.
    pub rate_per_s: Option<u32>,
    pub state: ReplayState,
    /// Events looked at so far, and all there are to look at.
    pub scanned: u64,
    pub total: u64,
    /// Events that matched so far; each is one delivery unless this is a dry run.
    pub matched: u64,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}
