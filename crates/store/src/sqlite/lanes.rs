//! Lanes: what waits in them, how much room they have, and when a claim should look at them next.

use hopline_domain::{
    delivery::Next,
    endpoint::{BatchRule, Endpoint, RateLimit},
    id::{EndpointId, WorkspaceId},
    lane::{LaneEffect, LaneKey},
    limits,
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    fault::SqlResult,
    rows::{self, Columns},
};

macro_rules! lane_columns {
    () => {
        "id, workspace_id, key, concurrency, paused_until, probing, failing, turn, under_way, due_at, endpoint_id,
    disabled, failing_since, rate_per_s, rate_even_until_us, batch_events, batch_wait_ms, gathering"
    };
}

/// A new delivery in a paused lane waits for the pause's end.
const LANE_JOIN: &str = "-- lane_join
insert into lanes (workspace_id, key, concurrency, deliveries, due_at) values (?1, ?2, ?3, 1, ?4)
on conflict (workspace_id, key) do update set
    deliveries = deliveries + 1,
    due_at = min(ifnull(due_at, max(?4, ifnull(paused_until, 0))), max(?4, ifnull(paused_until, 0)))
returning id";

pub(super) const LANES_DUE: &str = concat!(
    "-- lanes_due
select ",
    lane_columns!(),
    " from lanes where due_at is not null and due_at <= ?1 order by due_at limit ?2"
);

const LANE_GET: &str = concat!("-- lane_get\nselect ", lane_columns!(), " from lanes where id = ?1");

pub(super) const LANE_NEXT_FIRST: &str = "-- lane_next: first attempts
select min(next_attempt_at) from deliveries where lane_id = ?1 and retry = 0 and state = 'pending'";

pub(super) const LANE_NEXT_RETRY: &str = "-- lane_next: retries
select min(next_attempt_at) from deliveries where lane_id = ?1 and retry = 1 and state = 'pending'";

const LANE_SAVE: &str = "-- lane_save
update lanes set
    paused_until = ?2, probing = ?3, failing = ?4, turn = ?5, under_way = ?6, due_at = ?7, disabled = ?8,
    failing_since = ?9, rate_even_until_us = ?10, gathering = ?11
where id = ?1";

/// An endpoint's lane is there before its first delivery.
const LANE_OF_ENDPOINT: &str = "-- lane_of_endpoint
insert into lanes (workspace_id, key, concurrency, endpoint_id) values (?1, ?2, ?3, ?4) returning id";

/// What the lane owes to its endpoint's settings.
const LANE_SET: &str = "-- lane_set
update lanes set concurrency = ?2, rate_per_s = ?3, batch_events = ?4, batch_wait_ms = ?5 where id = ?1";

/// One more delivery; without a time the lane is not looked at.
const LANE_ENTER: &str = "-- lane_enter
update lanes set
    deliveries = deliveries + 1,
    gathering = gathering + (batch_events is not null),
    due_at = iif(?2 is null, due_at, min(ifnull(due_at, ?2), ?2))
where id = ?1";

const LANE_GATHERING: &str = "-- lane_gathering
select count(*) from (
    select 1 from deliveries where lane_id = ?1 and retry = 0 and state = 'pending' limit ?2
)";

const LANE_TURN: &str = "-- lane_turn
update counters set value = value + 1 where name = 'lane_turn' returning value";

#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) id: i64,
    pub(super) workspace_id: WorkspaceId,
    pub(super) key: LaneKey,
    pub(super) concurrency: u32,
    pub(super) paused_until: Option<Timestamp>,
    /// One attempt at a time, after a pause.
    pub(super) probing: bool,
    /// The last attempt did not succeed.
    pub(super) failing: bool,
    pub(super) turn: i64,
    pub(super) under_way: u32,
    pub(super) due_at: Option<Timestamp>,
    /// `None` for the receiver of a request.
    pub(super) endpoint_id: Option<EndpointId>,
    /// No attempt is made.
    pub(super) disabled: bool,
    /// The first failure since the last success, of an endpoint.
    pub(super) failing_since: Option<Timestamp>,
    pub(super) rate: Option<RateLimit>,
    pub(super) batch: Option<BatchRule>,
    /// Deliveries that wait for their batch to fill.
    pub(super) gathering: u32,
}

impl Lane {
    fn read(columns: &mut Columns<'_, '_>) -> SqlResult<Self> {
        Ok(Self {
            id: columns.take()?,
            workspace_id: WorkspaceId(columns.take()?),
            key: LaneKey::from_stored(columns.take()?),
            concurrency: columns.take()?,
            paused_until: columns.time_or_none()?,
            probing: columns.take()?,
            failing: columns.take()?,
            turn: columns.take()?,
            under_way: columns.take()?,
            due_at: columns.time_or_none()?,
            endpoint_id: columns.take::<Option<_>>()?.map(EndpointId),
            disabled: columns.take()?,
            failing_since: columns.time_or_none()?,
            rate: read_rate(columns)?,
            batch: read_batch(columns)?,
            gathering: columns.take()?,
        })
    }

    /// How many more may be claimed now.
    pub(super) fn room(&self, run_length: u32, now: Timestamp) -> u32 {
        let allowance = self.rate.map_or(u32::MAX, |rate| rate.allowance(now));
        self.places(run_length, now).min(allowance)
    }

    /// How many more there is place for. A lane that answers well is served in runs; one that fails, probes or sends
    /// batches is not.
    fn places(&self, run_length: u32, now: Timestamp) -> u32 {
        let most = match self {
            Self { disabled: true, .. } => 0,
            Self { paused_until: Some(until), .. } if *until > now => 0,
            Self { probing: true, .. } => 1,
            Self { failing: true, .. } | Self { batch: Some(_), .. } => self.concurrency,
            _ => self.concurrency.saturating_mul(run_length.max(1)),
        };
        most.saturating_sub(self.under_way)
    }

    /// What an attempt's end teaches about the receiver. One that ends during a pause began before it: it neither ends the
    /// pause nor shortens it.
    pub(super) fn learn(&mut self, next: Next, effect: LaneEffect, now: Timestamp) {
        self.failing = next != Next::Succeeded;
        let paused_until = self.paused_until.filter(|until| *until > now);
        match (effect, next, paused_until) {
            (LaneEffect::Pause { until }, _, paused) => {
                (self.paused_until, self.probing) =
                    (Some(paused.map_or(until, |paused| paused.max(until))), true);
            }
            (LaneEffect::Open, _, None) => (self.paused_until, self.probing) = (None, false),
            (LaneEffect::Keep, Next::RetryAt(at), None) if self.probing => self.paused_until = Some(at),
            (LaneEffect::Open | LaneEffect::Keep | LaneEffect::Disable, ..) => {}
        }
    }

    /// Counts what was claimed.
    #[must_use]
    pub(super) fn claimed(&self, count: u32, turn: i64, now: Timestamp) -> Self {
        let rate = self.rate.map(|rate| rate.taken(count, now));
        Self { under_way: self.under_way + count, turn, rate, ..self.clone() }
    }

    /// Nothing is sent any more, until [`Self::resume`].
    pub(super) fn disable(&mut self) {
        self.disabled = true;
    }

    /// One attempt is made; what waits follows when the receiver answers.
    pub(super) fn resume(&mut self) {
        (self.disabled, self.probing, self.paused_until, self.failing_since) = (false, true, None, None);
    }

    /// Whether a batch is full.
    fn is_full(&self) -> bool {
        self.batch.is_some_and(|batch| self.gathering >= batch.max_events)
    }

    /// When a claim should look again, given when the first of its deliveries is due.
    ///
    /// A lane that is due already keeps its place among the due ones, a lane that becomes due goes behind them.
    fn look_at(&self, first: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        if self.disabled {
            return None;
        }
        let first = if self.is_full() { Timestamp(0) } else { first? };
        let rate_at = self.rate.map_or(Timestamp(0), |rate| rate.free_at(Timestamp(0)));
        let at = first.max(self.paused_until.unwrap_or(Timestamp(0))).max(rate_at);
        let place = self.due_at.filter(|due| *due <= now).unwrap_or(now);
        Some(if at <= now { place } else { at })
    }
}

/// Counts one more delivery, due at `now`, in a lane that is made when it is not there.
pub(super) fn join(
    connection: &Connection,
    workspace_id: WorkspaceId,
    key: &LaneKey,
    now: Timestamp,
) -> SqlResult<i64> {
    let lane = params![workspace_id.0, key.as_str(), limits::LANE_CONCURRENCY_DEFAULT, now.0];
    rows::one(connection, LANE_JOIN, lane, rows::value)?
        .ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// The lane of a new endpoint.
pub(super) fn of_endpoint(connection: &Connection, endpoint: &Endpoint) -> SqlResult<i64> {
    let key = LaneKey::of_endpoint(endpoint.id);
    let lane =
        params![endpoint.workspace_id.0, key.as_str(), endpoint.settings.pace.concurrency, endpoint.id.0];
    let id = rows::one(connection, LANE_OF_ENDPOINT, lane, rows::value)?
        .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    set(connection, id, endpoint)?;
    Ok(id)
}

/// Follows a change of the endpoint's settings.
pub(super) fn set(connection: &Connection, id: i64, endpoint: &Endpoint) -> SqlResult<()> {
    let settings = &endpoint.settings;
    let columns = params![
        id,
        settings.pace.concurrency,
        settings.pace.rate_per_s,
        settings.batch.map(|batch| batch.max_events),
        settings.batch.map(|batch| batch.max_wait_ms)
    ];
    rows::write(connection, LANE_SET, columns).map(|_| ())
}

/// Counts one more delivery in a lane that is there, to be looked at then; `None` in a disabled one.
pub(super) fn enter(connection: &Connection, id: i64, look_at: Option<Timestamp>) -> SqlResult<()> {
    rows::write(connection, LANE_ENTER, params![id, look_at.map(|at| at.0)]).map(|_| ())
}

/// How many wait for a batch, counted as far as one batch needs.
pub(super) fn gathering(connection: &Connection, lane: &Lane) -> SqlResult<u32> {
    let Some(batch) = lane.batch else { return Ok(0) };
    Ok(rows::one(connection, LANE_GATHERING, params![lane.id, batch.max_events], rows::value)?.unwrap_or(0))
}

pub(super) fn read_batch(columns: &mut Columns<'_, '_>) -> SqlResult<Option<BatchRule>> {
    let (events, wait): (Option<u32>, Option<u32>) = (columns.take()?, columns.take()?);
    Ok(events.zip(wait).map(|(max_events, max_wait_ms)| BatchRule { max_events, max_wait_ms }))
}

pub(super) fn read_rate(columns: &mut Columns<'_, '_>) -> SqlResult<Option<RateLimit>> {
    let (per_s, even_until_us): (Option<u32>, i64) = (columns.take()?, columns.take()?);
    Ok(per_s.map(|per_s| RateLimit { per_s, even_until_us }))
}

/// Lanes in which something is due, longest due first, at most `limit`.
pub(super) fn due(connection: &Connection, now: Timestamp, limit: u32) -> SqlResult<Vec<Lane>> {
    rows::many(connection, LANES_DUE, params![now.0, limit], Lane::read)
}

pub(super) fn get(connection: &Connection, id: i64) -> SqlResult<Lane> {
    rows::one(connection, LANE_GET, [id], Lane::read)?
        .ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// The next turn number: one for each claim that takes something.
pub(super) fn next_turn(connection: &Connection) -> SqlResult<i64> {
    rows::one(connection, LANE_TURN, [], rows::value)?
        .ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// Keeps a changed lane; it is looked at again when its first delivery is due. Answers that time.
pub(super) fn save(connection: &Connection, lane: &Lane, now: Timestamp) -> SqlResult<Option<Timestamp>> {
    let due_at = lane.look_at(first_due(connection, lane.id)?, now);
    store(connection, lane, due_at)?;
    Ok(due_at)
}

/// Keeps a lane that was just claimed from: it goes behind the others that are due, and without room waits for an attempt's end.
pub(super) fn save_claimed(
    connection: &Connection,
    lane: &Lane,
    run_length: u32,
    now: Timestamp,
) -> SqlResult<()> {
    let full = lane.places(run_length, now) == 0 && lane.under_way > 0;
    let due_at = if full {
        None
    } else {
        Lane { due_at: None, ..lane.clone() }.look_at(first_due(connection, lane.id)?, now)
    };
    store(connection, lane, due_at)
}

fn first_due(connection: &Connection, lane_id: i64) -> SqlResult<Option<Timestamp>> {
    let min = |sql| rows::one(connection, sql, [lane_id], rows::time_or_none);
    let first = [min(LANE_NEXT_FIRST)?, min(LANE_NEXT_RETRY)?];
    Ok(first.into_iter().flatten().flatten().min())
}

fn store(connection: &Connection, lane: &Lane, due_at: Option<Timestamp>) -> SqlResult<()> {
    let paused_until = lane.paused_until.map(|at| at.0);
    let columns = params![
        lane.id,
        paused_until,
        lane.probing,
        lane.failing,
        lane.turn,
        lane.under_way,
        due_at.map(|at| at.0),
        lane.disabled,
        lane.failing_since.map(|at| at.0),
        lane.rate.map_or(0, |rate| rate.even_until_us),
        lane.gathering
    ];
    rows::write(connection, LANE_SAVE, columns).map(|_| ())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn lane() -> Lane {
        Lane {
            id: 1,
            workspace_id: WorkspaceId(Uuid::nil()),
            key: LaneKey::from_stored(String::new()),
            concurrency: 4,
            paused_until: None,
            probing: false,
            failing: false,
            turn: 0,
            under_way: 1,
            due_at: None,
            endpoint_id: None,
            disabled: false,
            failing_since: None,
            rate: None,
            batch: None,
            gathering: 0,
        }
    }

    #[test]
    fn room_depends_on_how_the_receiver_behaves() {
        assert_eq!(lane().room(8, NOW), 31);
        assert_eq!(Lane { failing: true, ..lane() }.room(8, NOW), 3);
        assert_eq!(Lane { probing: true, ..lane() }.room(8, NOW), 0);
        assert_eq!(Lane { probing: true, under_way: 0, ..lane() }.room(8, NOW), 1);
        let paused = Lane { paused_until: Some(NOW.plus_ms(1)), under_way: 0, ..lane() };
        assert_eq!(paused.room(8, NOW), 0);
        assert_eq!(paused.room(8, NOW.plus_ms(1)), 32);
    }

    #[test]
    fn a_disabled_lane_has_no_room_and_resumes_with_one_probe() {
        let mut off = Lane { under_way: 0, failing_since: Some(NOW), ..lane() };
        off.disable();
        assert_eq!((off.room(8, NOW), off.look_at(Some(NOW), NOW)), (0, None));
        off.resume();
        assert_eq!((off.room(8, NOW), off.failing_since), (1, None));
    }

    #[test]
    fn a_rate_limit_holds_a_lane_back_and_a_full_batch_does_not_wait() {
        let rate = RateLimit { per_s: 1, even_until_us: 0 };
        let slow = Lane { rate: Some(rate), under_way: 0, ..lane() };
        assert_eq!(slow.room(8, NOW), 1);
        let taken = slow.claimed(1, 1, NOW);
        assert_eq!((taken.room(8, NOW), taken.under_way), (0, 1));
        assert_eq!(taken.look_at(Some(NOW), NOW), Some(NOW.plus_ms(1_000)));
        let batch = Some(BatchRule { max_events: 3, max_wait_ms: 10 });
        let gathers = Lane { batch, gathering: 2, ..lane() };
        assert_eq!(gathers.look_at(Some(NOW.plus_ms(10)), NOW), Some(NOW.plus_ms(10)));
        assert_eq!(Lane { gathering: 3, ..gathers }.look_at(Some(NOW.plus_ms(10)), NOW), Some(NOW));
    }

    #[test]
    fn what_began_before_a_pause_neither_ends_nor_shortens_it() {
        let until = NOW.plus_ms(100);
        let paused = || Lane { paused_until: Some(until), probing: true, ..lane() };
        let learnt = |next, effect| {
            let mut lane = paused();
            lane.learn(next, effect, NOW);
            (lane.paused_until, lane.probing)
        };
        let soon = NOW.plus_ms(5);
        assert_eq!(learnt(Next::Succeeded, LaneEffect::Open), (Some(until), true));
        assert_eq!(learnt(Next::RetryAt(soon), LaneEffect::Keep), (Some(until), true));
        assert_eq!(learnt(Next::RetryAt(soon), LaneEffect::Pause { until: soon }), (Some(until), true));
        let mut lane = paused();
        lane.learn(Next::Succeeded, LaneEffect::Open, until);
        assert_eq!((lane.paused_until, lane.probing), (None, false), "the probe's own success does");
    }

    #[test]
    fn a_due_lane_keeps_its_place_and_a_pause_holds_it_back() {
        let waiting = Lane { due_at: Some(Timestamp(5)), ..lane() };
        assert_eq!(waiting.look_at(Some(Timestamp(1)), NOW), Some(Timestamp(5)));
        assert_eq!(lane().look_at(Some(Timestamp(1)), NOW), Some(NOW));
        assert_eq!(lane().look_at(Some(NOW.plus_ms(7)), NOW), Some(NOW.plus_ms(7)));
        assert_eq!(waiting.look_at(None, NOW), None);
        let paused = Lane { paused_until: Some(NOW.plus_ms(9)), ..waiting };
        assert_eq!(paused.look_at(Some(Timestamp(1)), NOW), Some(NOW.plus_ms(9)));
    }
}
