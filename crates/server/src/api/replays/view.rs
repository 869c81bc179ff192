//! A replay and how far it is.

use hopline_domain::{
    endpoint::{Replay, ReplayFilter, ReplayKind, ReplayState},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Sending events to an endpoint once more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Replay)]
pub(crate) struct ReplayBody {
    #[schema(example = "rpl_019e97803c0070008000000000000001")]
    id: String,
    endpoint_id: String,
    #[schema(value_type = Object)]
    filter: ReplayFilter,
    dry_run: bool,
    rate_per_s: Option<u32>,
    #[schema(value_type = String, pattern = "^(running|finished|cancelled)$")]
    status: ReplayState,
    /// Events looked at so far.
    scanned: u64,
    /// Events there are to look at.
    total: u64,
    /// Events that matched so far: deliveries queued, or with `dry_run` those there would be.
    matched: u64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl ReplayBody {
    pub(in crate::api) fn of(replay: &Replay) -> Self {
        Self {
            id: replay.id.to_string(),
            endpoint_id: replay.endpoint_id.to_string(),
            filter: replay.filter.clone(),
            dry_run: replay.kind == ReplayKind::DryRun,
            rate_per_s: replay.rate_per_s,
            status: replay.state,
            scanned: replay.scanned,
            total: replay.total,
            matched: replay.matched,
            created_at: replay.created_at,
            finished_at: replay.finished_at,
        }
    }
}
