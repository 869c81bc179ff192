//! `replay_step`: the cursor and the deliveries it passes move in one transaction, so a crash neither loses nor repeats.

use hopline_domain::{
    endpoint::{EventFilter, RateLimit, Replay, ReplayKind, ReplayOnly},
    event::EventType,
    id::{EventId, JobId, LinkId, TagId},
    store::ReplayStep,
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::row;
use crate::sqlite::{
    endpoints,
    events::{self, Raised, Target},
    fault::SqlResult,
    rows::{self, Columns},
    writer::Turn,
};

/// The running one that has waited longest for its turn.
pub(in crate::sqlite) const REPLAYS_DUE: &str = concat!(
    "-- replays_due\nselect ",
    row::replay_columns!(),
    ", seq, cursor, last_seq, rate_even_until_us from replays where state = 'running' order by rate_even_until_us, seq limit 100"
);

pub(in crate::sqlite) const EVENTS_AFTER: &str = "-- replay: events after the cursor
select seq, id, type, job_id, link_id, tag_ids, created_at from events
where workspace_id = ?1 and seq > ?2 and seq <= ?3 order by seq limit ?4";

/// Deliveries of an event in a lane: how many, how many of them succeeded or are still to be sent.
pub(in crate::sqlite) const DELIVERED: &str = "-- replay: what became of an event
select count(*), ifnull(sum(state in ('succeeded', 'pending', 'delivering')), 0)
from deliveries where event_seq = ?1 and lane_id = (select lane_id from endpoints where id = ?2)";

const REPLAY_MOVE: &str = "-- replay_move
update replays set
    cursor = ?2, scanned = scanned + ?3, matched = matched + ?4, rate_even_until_us = ?5,
    state = iif(?6, 'finished', state), finished_at = iif(?6, ?7, finished_at)
where seq = ?1";

/// A replay with its place.
struct Running {
    replay: Replay,
    seq: i64,
    cursor: i64,
    last_seq: i64,
    rate: Option<RateLimit>,
}

/// An event the cursor passes.
struct Passed {
    raised: Raised,
    event_type: EventType,
    link_id: Option<LinkId>,
    tag_ids: Vec<TagId>,
    created_at: Timestamp,
}

/// How far a step came.
#[derive(Default)]
struct Came {
    cursor: i64,
    scanned: u32,
    matched: u32,
    /// The rate limit, not the end, stopped it.
    held: bool,
}

pub(in crate::sqlite) fn step(turn: &mut Turn<'_>, now: Timestamp, limit: u32) -> SqlResult<ReplayStep> {
    let running = rows::many(turn.connection, REPLAYS_DUE, [], read)?;
    let free_at = |running: &Running| running.rate.map_or(now, |rate| rate.free_at(now));
    let Some(until) = running.iter().map(free_at).min() else { return Ok(ReplayStep::Idle) };
    let Some(next) = running.iter().find(|running| free_at(running) <= now) else {
        return Ok(ReplayStep::Waits { until });
    };
    let came = advance(turn, next, now, limit)?;
    Ok(ReplayStep::Moved { scanned: came.scanned, matched: came.matched })
}

fn read(columns: &mut Columns<'_, '_>) -> SqlResult<Running> {
    let replay = row::read(columns)?;
    let (seq, cursor, last_seq) = (columns.take()?, columns.take()?, columns.take()?);
    let even_until_us = columns.take()?;
    let per_s = replay.rate_per_s.filter(|_| replay.kind == ReplayKind::Send);
    Ok(Running { rate: per_s.map(|per_s| RateLimit { per_s, even_until_us }), replay, seq, cursor, last_seq })
}

fn advance(turn: &mut Turn<'_>, running: &Running, now: Timestamp, limit: u32) -> SqlResult<Came> {
    let replay = &running.replay;
    let endpoint = endpoints::get(turn.connection, replay.workspace_id, replay.endpoint_id)?;
    let target = events::target(turn.connection, replay.workspace_id, replay.endpoint_id)?;
    let mut came = Came { cursor: running.cursor, ..Came::default() };
    let mut ended = true;
    if let (Some(endpoint), Some(mut target)) = (endpoint, target) {
        let scope = params![replay.workspace_id.0, running.cursor, running.last_seq, limit];
        let passed = rows::many(turn.connection, EVENTS_AFTER, scope, read_passed)?;
        ended = passed.len() < usize::try_from(limit).unwrap_or(usize::MAX);
        let allowance = running.rate.map_or(u32::MAX, |rate| rate.allowance(now));
        pass(turn, replay, (&endpoint.settings.events, &mut target), (passed, allowance, now), &mut came)?;
    }
    let taken = running.rate.map_or(0, |rate| rate.taken(came.matched, now).even_until_us);
    let over = ended && !came.held;
    // A replay without a rate takes turns with the others all the same.
    let turn_us = if running.rate.is_some() { taken } else { now.0.saturating_mul(1_000) };
    let moved = params![running.seq, came.cursor, came.scanned, came.matched, turn_us, over, now.0];
    rows::write(turn.connection, REPLAY_MOVE, moved)?;
    Ok(came)
}

/// Passes events until the rate limit holds it back, queueing those that match.
fn pass(
    turn: &mut Turn<'_>,
    replay: &Replay,
    (subscribed, target): (&EventFilter, &mut Target),
    (passed, allowance, now): (Vec<Passed>, u32, Timestamp),
    came: &mut Came,
) -> SqlResult<()> {
    let mut queued = 0;
    for event in passed {
        let wanted = subscribed.matches(event.event_type)
            && target.lets_through(event.link_id, &event.tag_ids)
            && is_meant(turn.connection, replay, &event)?;
        if wanted && came.matched >= allowance {
            came.held = true;
            break;
        }
        came.cursor = event.raised.seq;
        came.scanned += 1;
        came.matched += u32::from(wanted);
        if wanted && replay.kind == ReplayKind::Send {
            queued += i64::from(events::queue(turn, target, event.raised, Some(replay.id), now)?);
        }
    }
    events::count(turn.connection, replay.workspace_id, queued)
}

/// Whether the replay's own filter lets an event through. A test is meant for its moment.
fn is_meant(connection: &Connection, replay: &Replay, event: &Passed) -> SqlResult<bool> {
    let filter = &replay.filter;
    let named =
        filter.events.is_empty() || EventFilter::new(filter.events.iter().cloned()).matches(event.event_type);
    let in_time = filter.since.is_none_or(|since| event.created_at >= since)
        && filter.until.is_none_or(|until| event.created_at < until);
    let of_link = filter.link_id.is_none_or(|id| event.link_id == Some(id));
    if !(named && in_time && of_link) || event.event_type == EventType::WebhookTest {
        return Ok(false);
    }
    let of_event = params![event.raised.seq, replay.endpoint_id.0];
    let (all, live) = rows::one(connection, DELIVERED, of_event, |columns| {
        Ok((columns.take::<i64>()?, columns.take::<i64>()?))
    })?
    .unwrap_or_default();
    Ok(match filter.only {
        ReplayOnly::All => true,
        ReplayOnly::Undelivered => live == 0,
        ReplayOnly::Failed => all > 0 && live == 0,
        ReplayOnly::Missing => all == 0,
    })
}

fn read_passed(columns: &mut Columns<'_, '_>) -> SqlResult<Passed> {
    let (seq, id) = (columns.take()?, EventId(columns.take()?));
    let event_type = columns.word("an event's type")?;
    let raised = Raised { seq, id, job_id: columns.take::<Option<_>>()?.map(JobId) };
    let link_id = columns.take::<Option<_>>()?.map(LinkId);
    let tag_ids = columns.json_or_none("an event's tags")?.unwrap_or_default();
    Ok(Passed { raised, event_type, link_id, tag_ids, created_at: columns.time()? })
}
