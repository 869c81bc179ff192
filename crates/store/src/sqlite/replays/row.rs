//! A replay as its columns.

use hopline_domain::{
    endpoint::Replay,
    id::{EndpointId, ReplayId, WorkspaceId},
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    rows::{self, Columns},
};

/// The columns [`read`] takes, in its order.
macro_rules! replay_columns {
    () => {
        "id, workspace_id, endpoint_id, filter, kind, rate_per_s, state, scanned, total, matched, created_at,
    finished_at"
    };
}
pub(super) use replay_columns;

const REPLAY_GET: &str =
    concat!("-- replay_get\nselect ", replay_columns!(), " from replays where id = ?1 and workspace_id = ?2");

pub(super) fn read(columns: &mut Columns<'_, '_>) -> SqlResult<Replay> {
    Ok(Replay {
        id: ReplayId(columns.take()?),
        workspace_id: WorkspaceId(columns.take()?),
        endpoint_id: EndpointId(columns.take()?),
        filter: columns.json("a replay's filter")?,
        kind: columns.word("a replay's kind")?,
        rate_per_s: columns.take()?,
        state: columns.word("a replay's state")?,
        scanned: count(columns)?,
        total: count(columns)?,
        matched: count(columns)?,
        created_at: columns.time()?,
        finished_at: columns.time_or_none()?,
    })
}

fn count(columns: &mut Columns<'_, '_>) -> SqlResult<u64> {
    Ok(u64::try_from(columns.take::<i64>()?).unwrap_or(0))
}

pub(super) fn get(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: ReplayId,
) -> SqlResult<Option<Replay>> {
    rows::one(connection, REPLAY_GET, params![id.0, workspace_id.0], read)
}
