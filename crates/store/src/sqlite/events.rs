//! Raising an event and queueing its deliveries, in the transaction of the change they tell of (I02).

use hopline_domain::{
    event::EventType,
    id::{DeliveryId, EventId, FamilyId, JobId, WorkspaceId},
    lane::LaneKey,
    time::Timestamp,
};
use rusqlite::{Connection, params};
use url::Url;

use super::{
    fault::{Fault, SqlResult},
    lanes, rows,
    writer::Turn,
};

const EVENT_RAISE: &str = "-- event_raise
insert into events (id, workspace_id, type, job_id, body, created_at) values (?1, ?2, ?3, ?4, ?5, ?6)";

const DELIVERY_INSERT: &str = "-- delivery_insert
insert into deliveries (
    id, workspace_id, event_seq, job_id, family_id, lane_id, url, body, state, next_attempt_at, created_at
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', ?9, ?9)";

pub(super) struct EventRow {
    pub(super) id: EventId,
    pub(super) workspace_id: WorkspaceId,
    pub(super) event_type: EventType,
    pub(super) job_id: Option<JobId>,
    pub(super) body: Vec<u8>,
}

pub(super) struct DeliveryRow<'a> {
    pub(super) id: DeliveryId,
    pub(super) workspace_id: WorkspaceId,
    /// Whose secrets sign it.
    pub(super) family_id: FamilyId,
    pub(super) event_seq: i64,
    pub(super) job_id: Option<JobId>,
    pub(super) url: &'a str,
    pub(super) body: Vec<u8>,
}

/// Answers the event's `seq`.
pub(super) fn raise(connection: &Connection, event: &EventRow, now: Timestamp) -> SqlResult<i64> {
    let job_id = event.job_id.map(|id| id.0);
    let columns =
        params![event.id.0, event.workspace_id.0, event.event_type.as_str(), job_id, event.body, now.0];
    rows::write(connection, EVENT_RAISE, columns)?;
    Ok(connection.last_insert_rowid())
}

/// Queues one delivery on its receiver's lane, due now. The caller counts it in its workspace's sums.
pub(super) fn deliver(turn: &mut Turn<'_>, delivery: &DeliveryRow<'_>, now: Timestamp) -> SqlResult<()> {
    let url = Url::parse(delivery.url).map_err(|error| Fault::decode("a webhook URL", &error))?;
    let lane_id = lanes::join(turn.connection, delivery.workspace_id, &LaneKey::of_receiver(&url), now)?;
    let columns = params![
        delivery.id.0,
        delivery.workspace_id.0,
        delivery.event_seq,
        delivery.job_id.map(|id| id.0),
        delivery.family_id.0,
        lane_id,
        delivery.url,
        delivery.body,
        now.0
    ];
    rows::write(turn.connection, DELIVERY_INSERT, columns)?;
    turn.wakes.deliveries_due = true;
    Ok(())
}
