//! `delivery_attempt_finish`: the attempt, where it leaves its delivery, and what it teaches about the lane; fenced (I06).

use hopline_domain::{
    delivery::{Attempt, AttemptError, DeliveryState, Next},
    id::WorkspaceId,
    store::{AttemptEnd, DeliveryLease, Finished},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::health;
use crate::sqlite::{
    fault::SqlResult,
    lanes,
    ledger::{self, Moved},
    rows,
    writer::Turn,
};

const DELIVERY_ATTEMPT_FINISH: &str = "-- delivery_attempt_finish
update deliveries set
    state = ?3,
    attempts = attempts + 1,
    step = step + 1,
    retry = 1,
    next_attempt_at = ?4,
    last_error = ?5,
    finished_at = ?6,
    lease_token = null,
    lease_until = null
where id = ?1 and lease_token = ?2 and state = 'delivering'
returning seq, lane_id, workspace_id, batch_seq is not null";

/// The others of a batch go where their leader goes.
const BATCH_FOLLOW: &str = "-- batch_follow
update deliveries set
    state = ?2,
    attempts = attempts + 1,
    step = step + 1,
    next_attempt_at = ?3,
    last_error = ?4,
    finished_at = ?5
where batch_seq = ?1 and seq <> ?1 and state = 'pending'";

const ATTEMPT_INSERT: &str = "-- attempt_insert
insert into attempts (
    id, delivery_seq, number, started_at, duration_ms, request_headers, response_status, response_headers,
    response_body, response_truncated, remote_addr, timings, error, error_detail
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

pub(super) fn finish(
    turn: &mut Turn<'_>,
    lease: DeliveryLease,
    end: &AttemptEnd,
    now: Timestamp,
) -> SqlResult<Finished> {
    let connection = turn.connection;
    let Some(Advanced { seq, lane_id, workspace_id, count }) = advance(connection, lease, end, now)? else {
        return Ok(Finished::LeaseLost);
    };
    insert_attempt(connection, seq, &end.attempt)?;
    if !matches!(end.decision.next, Next::RetryAt(_)) {
        ledger::post(
            connection,
            workspace_id,
            &[],
            Moved { deliveries_unfinished: -count, ..Moved::default() },
        )?;
    }
    let mut lane = lanes::get(connection, lane_id)?;
    lane.under_way = lane.under_way.saturating_sub(1);
    lane.learn(end.decision.next, end.decision.lane, now);
    health::follow(turn, &mut lane, end, now)?;
    let due_at = lanes::save(connection, &lane, now)?;
    turn.wakes.deliveries_due |= due_at.is_some_and(|at| at <= now);
    Ok(Finished::Recorded)
}

/// What an attempt moved.
struct Advanced {
    seq: i64,
    lane_id: i64,
    workspace_id: WorkspaceId,
    /// Deliveries: more than one in a batch.
    count: i64,
}

fn advance(
    connection: &Connection,
    lease: DeliveryLease,
    end: &AttemptEnd,
    now: Timestamp,
) -> SqlResult<Option<Advanced>> {
    let (state, next_attempt_at, finished_at) = match end.decision.next {
        Next::Succeeded => (DeliveryState::Succeeded, None, Some(now.0)),
        Next::RetryAt(at) => (DeliveryState::Pending, Some(at.0), None),
        Next::Failed => (DeliveryState::Failed, None, Some(now.0)),
    };
    let state: &str = state.into();
    let error = end.attempt.error.map(AttemptError::as_str);
    let columns = params![lease.delivery_id.0, lease.token.0, state, next_attempt_at, error, finished_at];
    let moved = rows::one(connection, DELIVERY_ATTEMPT_FINISH, columns, |columns| {
        let (seq, lane_id) = (columns.take()?, columns.take()?);
        let advanced = Advanced { seq, lane_id, workspace_id: WorkspaceId(columns.take()?), count: 1 };
        Ok((advanced, columns.take::<bool>()?))
    })?;
    let Some((advanced, leads)) = moved else { return Ok(None) };
    let followers = if leads {
        let columns = params![advanced.seq, state, next_attempt_at, error, finished_at];
        rows::write(connection, BATCH_FOLLOW, columns)?
    } else {
        0
    };
    Ok(Some(Advanced { count: 1 + i64::try_from(followers).unwrap_or(0), ..advanced }))
}

fn insert_attempt(connection: &Connection, delivery_seq: i64, attempt: &Attempt) -> SqlResult<usize> {
    let columns = params![
        attempt.id.0,
        delivery_seq,
        attempt.number,
        attempt.started_at.0,
        i64::try_from(attempt.duration_ms).unwrap_or(i64::MAX),
        rows::to_json(&attempt.request_headers)?,
        attempt.response_status,
        rows::to_json(&attempt.response_headers)?,
        attempt.response_body,
        attempt.response_truncated,
        attempt.remote_addr,
        attempt.timings.as_ref().map(rows::to_json).transpose()?,
        attempt.error.map(AttemptError::as_str),
        attempt.error_detail
    ];
    rows::write(connection, ATTEMPT_INSERT, columns)
}
