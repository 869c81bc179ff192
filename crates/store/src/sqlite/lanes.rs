//! Lanes: what waits in them, how much room they have, and when a claim should look at them next.

use hopline_domain::{
    delivery::Next,
    id::WorkspaceId,
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
        "id, workspace_id, key, concurrency, paused_until, probing, failing, turn, under_way, due_at"
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
update lanes set paused_until = ?2, probing = ?3, failing = ?4, turn = ?5, under_way = ?6, due_at = ?7 where id = ?1";

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
        })
    }

    /// How many more may be claimed. A lane that answers well is served in runs; one that fails or probes is not.
    pub(super) fn room(&self, run_length: u32, now: Timestamp) -> u32 {
        let most = match self {
            Self { paused_until: Some(until), .. } if *until > now => 0,
            Self { probing: true, .. } => 1,
            Self { failing: true, .. } => self.concurrency,
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
            (LaneEffect::Open | LaneEffect::Keep, ..) => {}
        }
    }

    /// When a claim should look again, given when the first of its deliveries is due.
    ///
    /// A lane that is due already keeps its place among the due ones, a lane that becomes due goes behind them.
    fn look_at(&self, first: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        let at = first?.max(self.paused_until.unwrap_or(Timestamp(0)));
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
    let full = lane.room(run_length, now) == 0 && lane.under_way > 0;
    let first = if full { None } else { first_due(connection, lane.id)? };
    let due_at = Lane { due_at: None, ..lane.clone() }.look_at(first, now);
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
        due_at.map(|at| at.0)
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
