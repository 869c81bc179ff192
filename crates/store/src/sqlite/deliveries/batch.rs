//! Batches: which deliveries travel together is fixed when they are claimed for the first time, and never changes.

use hopline_domain::{
    endpoint::{BatchRule, batch_body},
    id::{BatchId, DeliveryId, derive},
    limits,
    time::Timestamp,
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    lanes::{self, Lane},
    rows,
};

/// What goes around the events of a batch, and a comma for each.
const FRAME_BYTES_MAX: usize = 128;

pub(in crate::sqlite) const BATCH_CANDIDATES: &str = "-- batch_candidates
select d.seq, length(iif(length(d.body) = 0, e.body, d.body)), d.next_attempt_at
from deliveries d join events e on e.seq = d.event_seq
where d.lane_id = ?1 and d.retry = 0 and d.state = 'pending' order by d.next_attempt_at, d.seq limit ?2";

/// The others of a batch are claimed by nobody: they go where their leader goes.
const BATCH_JOIN: &str = "-- batch_join
update deliveries set batch_seq = ?2, batch_at = ?3, retry = iif(seq = ?2, 1, 2) where seq = ?1";

pub(in crate::sqlite) const BATCH_BODIES: &str = "-- batch_bodies
select d.batch_at, iif(length(d.body) = 0, e.body, d.body)
from deliveries d join events e on e.seq = d.event_seq where d.batch_seq = ?1 order by d.seq";

/// A batch to send.
pub(super) struct Batch {
    pub(super) id: BatchId,
    pub(super) body: Vec<u8>,
}

/// The name of the batch that a delivery leads.
pub(super) fn id_of(leader: DeliveryId) -> BatchId {
    BatchId(derive(leader.0, b"batch"))
}

/// Makes up to `count` batches of what is ready: full ones, and those whose first event has waited long enough. Answers
/// their leaders.
pub(super) fn make(
    connection: &Connection,
    lane: &mut Lane,
    count: u32,
    now: Timestamp,
) -> SqlResult<Vec<i64>> {
    let mut leaders = Vec::new();
    let Some(rule) = lane.batch else { return Ok(leaders) };
    while leaders.len() < usize::try_from(count).unwrap_or(usize::MAX) {
        let Some(leader) = make_one(connection, lane, rule, now)? else { break };
        leaders.push(leader);
    }
    lane.gathering = lanes::gathering(connection, lane)?;
    Ok(leaders)
}

fn make_one(
    connection: &Connection,
    lane: &mut Lane,
    rule: BatchRule,
    now: Timestamp,
) -> SqlResult<Option<i64>> {
    let candidates =
        rows::many(connection, BATCH_CANDIDATES, params![lane.id, rule.max_events], |columns| {
            Ok((
                columns.take::<i64>()?,
                usize::try_from(columns.take::<i64>()?).unwrap_or(0),
                columns.time()?,
            ))
        })?;
    let full = candidates.len() >= usize::try_from(rule.max_events).unwrap_or(usize::MAX);
    let Some((leader, _, first_due)) = candidates.first().copied() else { return Ok(None) };
    if !full && first_due > now {
        return Ok(None);
    }
    let mut room = limits::BATCH_BODY_BYTES_MAX - FRAME_BYTES_MAX;
    for (seq, bytes, _) in candidates {
        let Some(left) = room.checked_sub(bytes + 1) else { break };
        room = left;
        rows::write(connection, BATCH_JOIN, params![seq, leader, now.0])?;
    }
    Ok(Some(leader))
}

/// The batch that `leader` leads, as it is sent every time.
pub(super) fn read(connection: &Connection, leader: i64, leader_id: DeliveryId) -> SqlResult<Batch> {
    let mut created_at = Timestamp(0);
    let bodies = rows::many(connection, BATCH_BODIES, [leader], |columns| {
        created_at = columns.time()?;
        columns.take::<Vec<u8>>()
    })?;
    let id = id_of(leader_id);
    Ok(Batch { id, body: batch_body(id, created_at, &bodies) })
}
