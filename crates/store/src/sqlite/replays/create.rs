//! `replay_create` and `replay_cancel`.

use hopline_domain::{
    endpoint::{Replay, ReplayState},
    id::ReplayId,
    limits,
    store::{AuditEntry, Caller, Changed, Created, ReplayCreate},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::row;
use crate::sqlite::{
    audit, endpoints, event_log,
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    rows,
    writer::Turn,
};

/// Events there are to look at: by age, then off the index of the workspace.
const REPLAY_TOTAL: &str = "-- replay_total
select count(*) from events where workspace_id = ?1 and seq > 0 and seq <= ?2";

const REPLAYS_RUNNING: &str = "-- replays_running
select count(*) from replays where workspace_id = ?1 and state = 'running'";

const REPLAY_INSERT: &str = "-- replay_insert
insert into replays (
    id, workspace_id, endpoint_id, filter, kind, rate_per_s, state, cursor, last_seq, total, created_at
) values (?1, ?2, ?3, ?4, ?5, ?6, 'running', 0, ?7, ?8, ?9)";

const REPLAY_CANCEL: &str = "-- replay_cancel
update replays set state = 'cancelled', finished_at = ?2 where id = ?1 and state = 'running'";

pub(super) fn create(
    turn: &mut Turn<'_>,
    caller: Caller,
    create: &ReplayCreate,
    now: Timestamp,
) -> SqlResult<Created<Replay>> {
    let connection = turn.connection;
    let place = Place { family_id: caller.family_id, kind: Kind::ReplayCreate };
    match idempotency::find::<uuid::Uuid>(connection, place, create.idempotency.as_ref(), now)? {
        Known::Nothing => {}
        Known::Reused => return Ok(Created::IdempotencyKeyReused),
        Known::Subject(id) => {
            let found = row::get(connection, caller.workspace_id, ReplayId(id))?;
            return Ok(found.map_or(Created::NotFound, Created::Replayed));
        }
    }
    if endpoints::get(connection, caller.workspace_id, create.endpoint_id)?.is_none() {
        return Ok(Created::NotFound);
    }
    let running: u32 =
        rows::one(connection, REPLAYS_RUNNING, [caller.workspace_id.0], rows::value)?.unwrap_or(0);
    if running >= limits::REPLAYS_RUNNING_MAX {
        return Ok(Created::Conflict);
    }
    insert(connection, caller, create, now)?;
    audit::append(connection, caller.into(), &create.audit, None, now)?;
    idempotency::record(connection, place, create.idempotency.as_ref(), create.id.0.as_bytes())?;
    let made = row::get(connection, caller.workspace_id, create.id)?;
    Ok(made.map_or(Created::NotFound, Created::New))
}

fn insert(connection: &Connection, caller: Caller, create: &ReplayCreate, now: Timestamp) -> SqlResult<()> {
    let last_seq = event_log::last_seq(connection)?;
    let total: i64 =
        rows::one(connection, REPLAY_TOTAL, params![caller.workspace_id.0, last_seq], rows::value)?
            .unwrap_or(0);
    let kind: &str = create.kind.into();
    let columns = params![
        create.id.0,
        caller.workspace_id.0,
        create.endpoint_id.0,
        rows::to_json(&create.filter)?,
        kind,
        create.rate_per_s,
        last_seq,
        total,
        now.0
    ];
    rows::write(connection, REPLAY_INSERT, columns).map(|_| ())
}

pub(super) fn cancel(
    connection: &Connection,
    caller: Caller,
    (id, audit): (ReplayId, &AuditEntry),
    now: Timestamp,
) -> SqlResult<Changed<Replay>> {
    let Some(replay) = row::get(connection, caller.workspace_id, id)? else { return Ok(Changed::NotFound) };
    if replay.state != ReplayState::Running {
        return Ok(Changed::Conflict);
    }
    rows::write(connection, REPLAY_CANCEL, params![id.0, now.0])?;
    audit::append(connection, caller.into(), audit, None, now)?;
    Ok(Changed::Done(Replay { state: ReplayState::Cancelled, finished_at: Some(now), ..replay }))
}
