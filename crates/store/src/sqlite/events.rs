//! Raising an event and queueing its deliveries, in the transaction of the change they tell of (I02).

use std::collections::BTreeSet;

use hopline_domain::{
    endpoint::{BatchRule, EventFilter, LinkFilter},
    event::{EventType, NewEvent},
    id::{DeliveryId, EndpointId, EventId, FamilyId, JobId, ReplayId, WorkspaceId, derive},
    lane::LaneKey,
    time::Timestamp,
};
use rusqlite::{Connection, params};
use url::Url;

use super::{
    fault::{Fault, SqlResult},
    lanes,
    ledger::{self, Moved},
    rows::{self, Columns},
    writer::Turn,
};

const EVENT_RAISE: &str = "-- event_raise
insert into events (id, workspace_id, type, job_id, body, created_at, link_id, tag_ids)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const DELIVERY_INSERT: &str = "-- delivery_insert
insert into deliveries (
    id, workspace_id, event_seq, job_id, family_id, lane_id, url, body, state, next_attempt_at, created_at
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', ?9, ?9)";

/// Its body is the event's. One that is there already is not made again.
const DELIVERY_TO_ENDPOINT_INSERT: &str = "-- delivery_to_endpoint_insert
insert into deliveries (
    id, workspace_id, event_seq, job_id, family_id, lane_id, url, body, state, next_attempt_at, created_at, replay_id
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, x'', 'pending', ?8, ?9, ?10)
on conflict (id) do nothing";

macro_rules! target_columns {
    () => {
        "p.id, p.workspace_id, p.family_id, p.url, p.links, l.id, l.disabled, l.paused_until, l.batch_events,
    l.batch_wait_ms, l.gathering, p.created_at"
    };
}

pub(super) const ENDPOINTS_TOLD: &str = concat!(
    "-- endpoints_told\nselect ",
    target_columns!(),
    "
from endpoint_subscriptions s join endpoints p on p.seq = s.endpoint_seq join lanes l on l.id = p.lane_id
where s.workspace_id = ?1 and s.name in (?2, ?3, ?4)"
);

const ENDPOINT_TARGET: &str = concat!(
    "-- endpoint_target\nselect ",
    target_columns!(),
    " from endpoints p join lanes l on l.id = p.lane_id
where p.id = ?1 and p.workspace_id = ?2 and p.state <> 'deleted'"
);

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

/// An endpoint as far as queueing for it takes.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) endpoint_id: EndpointId,
    pub(super) workspace_id: WorkspaceId,
    family_id: FamilyId,
    url: String,
    links: LinkFilter,
    lane_id: i64,
    disabled: bool,
    paused_until: Option<Timestamp>,
    batch: Option<BatchRule>,
    gathering: u32,
    created_at: Timestamp,
}

/// An event that is in the store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raised {
    pub(super) seq: i64,
    pub(super) id: EventId,
    pub(super) job_id: Option<JobId>,
}

/// Raises an event and queues one delivery for each endpoint it matches; answers the event's `seq`.
pub(super) fn write(turn: &mut Turn<'_>, event: &NewEvent) -> SqlResult<i64> {
    let raised = raise(turn, event)?;
    let mut queued = 0;
    for mut target in told(turn.connection, event)? {
        queued += i64::from(queue(turn, &mut target, raised, None, event.created_at)?);
    }
    count(turn.connection, event.workspace_id, queued)?;
    Ok(raised.seq)
}

/// Puts an event into the log, and queues nothing.
pub(super) fn raise(turn: &mut Turn<'_>, event: &NewEvent) -> SqlResult<Raised> {
    let tags = (!event.tag_ids.is_empty()).then(|| rows::to_json(&event.tag_ids)).transpose()?;
    let columns = params![
        event.id.0,
        event.workspace_id.0,
        event.event_type.as_str(),
        event.job_id.map(|id| id.0),
        event.body,
        event.created_at.0,
        event.link_id.map(|id| id.0),
        tags
    ];
    rows::write(turn.connection, EVENT_RAISE, columns)?;
    turn.wakes.events_raised = true;
    Ok(Raised { seq: turn.connection.last_insert_rowid(), id: event.id, job_id: event.job_id })
}

/// Endpoints that subscribe to an event and whose link filter lets it through.
fn told(connection: &Connection, event: &NewEvent) -> SqlResult<Vec<Target>> {
    let mut targets = subscribed(connection, event.workspace_id, event.event_type)?;
    targets.retain(|target| target.links.matches(event.link_id, &event.tag_ids));
    Ok(targets)
}

/// Endpoints that subscribe to an event by its name.
pub(super) fn subscribed(
    connection: &Connection,
    workspace_id: WorkspaceId,
    event_type: EventType,
) -> SqlResult<Vec<Target>> {
    let [name, family, all] = EventFilter::names_covering(event_type);
    let targets =
        rows::many(connection, ENDPOINTS_TOLD, params![workspace_id.0, name, family, all], read_target)?;
    let mut seen = BTreeSet::new();
    Ok(targets.into_iter().filter(|target| seen.insert(target.endpoint_id)).collect())
}

/// One endpoint of a workspace, to queue for.
pub(super) fn target(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: EndpointId,
) -> SqlResult<Option<Target>> {
    rows::one(connection, ENDPOINT_TARGET, params![id.0, workspace_id.0], read_target)
}

fn read_target(columns: &mut Columns<'_, '_>) -> SqlResult<Target> {
    Ok(Target {
        endpoint_id: EndpointId(columns.take()?),
        workspace_id: WorkspaceId(columns.take()?),
        family_id: FamilyId(columns.take()?),
        url: columns.take()?,
        links: columns.json("an endpoint's link filter")?,
        lane_id: columns.take()?,
        disabled: columns.take()?,
        paused_until: columns.time_or_none()?,
        batch: lanes::read_batch(columns)?,
        gathering: columns.take()?,
        created_at: columns.time()?,
    })
}

impl Target {
    /// Whether it was subscribed by then: what happened before is not for it.
    pub(super) fn was_there(&self, at: Timestamp) -> bool {
        self.created_at <= at
    }

    pub(super) fn lets_through(
        &self,
        link_id: Option<hopline_domain::id::LinkId>,
        tags: &[hopline_domain::id::TagId],
    ) -> bool {
        self.links.matches(link_id, tags)
    }

    /// The id of the delivery of an event to this endpoint: always the same one, so that none is made twice.
    pub(super) fn delivery_id(&self, event_id: EventId, replay: Option<ReplayId>) -> DeliveryId {
        let mut purpose = b"delivery".to_vec();
        purpose.extend_from_slice(self.endpoint_id.0.as_bytes());
        purpose.extend(replay.iter().flat_map(|id| *id.0.as_bytes()));
        DeliveryId(derive(event_id.0, &purpose))
    }
}

/// Queues one delivery for an endpoint; whether it was not there before. The caller counts it in its workspace's sums.
pub(super) fn queue(
    turn: &mut Turn<'_>,
    target: &mut Target,
    event: Raised,
    replay: Option<ReplayId>,
    now: Timestamp,
) -> SqlResult<bool> {
    let wait_ms = target.batch.map_or(0, |batch| i64::from(batch.max_wait_ms));
    let due_at = now.plus_ms(wait_ms);
    let columns = params![
        target.delivery_id(event.id, replay).0,
        target.workspace_id.0,
        event.seq,
        event.job_id.map(|id| id.0),
        target.family_id.0,
        target.lane_id,
        target.url,
        due_at.0,
        now.0,
        replay.map(|id| id.0)
    ];
    if rows::write(turn.connection, DELIVERY_TO_ENDPOINT_INSERT, columns)? == 0 {
        return Ok(false);
    }
    target.gathering += u32::from(target.batch.is_some());
    let full = target.batch.is_some_and(|batch| target.gathering >= batch.max_events);
    let look_at = if full { now } else { due_at }.max(target.paused_until.unwrap_or(now));
    lanes::enter(turn.connection, target.lane_id, (!target.disabled).then_some(look_at))?;
    turn.wakes.deliveries_due |= !target.disabled;
    Ok(true)
}

/// Counts deliveries that were queued in their workspace's sums.
pub(super) fn count(connection: &Connection, workspace_id: WorkspaceId, queued: i64) -> SqlResult<()> {
    if queued == 0 {
        return Ok(());
    }
    ledger::post(connection, workspace_id, &[], Moved { deliveries_unfinished: queued, ..Moved::default() })
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
