//! The port's `RelayStore` on SQLite: the deliveries of clicks and the cursor that says which were told.

use std::collections::{HashMap, hash_map::Entry};

use async_trait::async_trait;
use hopline_domain::{
    click::{JournalClick, JournalOffset, clicked_event, hidden_seq},
    event::{EventType, NewEvent},
    id::{LinkId, WorkspaceId},
    short_link::ShortLink,
    store::{RelayBatch, RelayStore, Relayed, StoreError},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    events::{self, Raised, Target},
    fault::SqlResult,
    links, rows,
    store::SqliteStore,
    writer::Turn,
};

const RELAY_CURSOR: &str = "-- relay_cursor
select value from counters where name = 'click_relay'";

const RELAY_MOVE: &str = "-- relay_move
insert into counters (name, value) values ('click_relay', ?1)
on conflict (name) do update set value = excluded.value";

/// The click's own row: the event log does not show it.
const CLICK_RAISE: &str = "-- click_raise
insert into events (seq, id, workspace_id, type, body, created_at, link_id, tag_ids)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (id) do nothing";

#[async_trait]
impl RelayStore for SqliteStore {
    async fn relay_cursor(&self) -> Result<JournalOffset, StoreError> {
        self.core_readers.run("read the relay's cursor", cursor).await
    }

    async fn relay_clicks(&self, batch: RelayBatch, now: Timestamp) -> Result<Relayed, StoreError> {
        self.core.run("tell of clicks", move |turn| relay(turn, &batch, now)).await
    }
}

fn cursor(connection: &Connection) -> SqlResult<JournalOffset> {
    let value: Option<i64> = rows::one(connection, RELAY_CURSOR, [], rows::value)?;
    Ok(JournalOffset(u64::try_from(value.unwrap_or(0)).unwrap_or(0)))
}

/// What is looked up once for a batch.
#[derive(Default)]
struct Known {
    targets: HashMap<WorkspaceId, Vec<Target>>,
    links: HashMap<LinkId, Option<ShortLink>>,
    queued: HashMap<WorkspaceId, i64>,
}

fn relay(turn: &mut Turn<'_>, batch: &RelayBatch, now: Timestamp) -> SqlResult<Relayed> {
    if cursor(turn.connection)? != batch.from {
        return Ok(Relayed::Stale);
    }
    let mut known = Known::default();
    for click in &batch.clicks {
        tell(turn, (click, batch), &mut known, now)?;
    }
    let mut deliveries = 0;
    for (workspace_id, queued) in known.queued {
        events::count(turn.connection, workspace_id, queued)?;
        deliveries += u32::try_from(queued).unwrap_or(0);
    }
    for (link_id, spent) in &batch.spent {
        links::limit::reached(turn, (*link_id, *spent), &batch.urls, now)?;
    }
    let next = i64::try_from(batch.next.0).unwrap_or(i64::MAX);
    rows::write(turn.connection, RELAY_MOVE, params![next])?;
    Ok(Relayed::Moved { deliveries })
}

/// Queues one delivery for each endpoint that wants this click and was there when it happened.
fn tell(
    turn: &mut Turn<'_>,
    (click, batch): (&JournalClick, &RelayBatch),
    known: &mut Known,
    now: Timestamp,
) -> SqlResult<()> {
    let of = &click.click;
    let targets = match known.targets.entry(of.workspace_id) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => {
            entry.insert(events::subscribed(turn.connection, of.workspace_id, EventType::LinkClicked)?)
        }
    };
    let wants = |target: &Target| target.was_there(of.at) && target.lets_through(Some(of.link_id), &of.tags);
    if !targets.iter().any(wants) {
        return Ok(());
    }
    let link = match known.links.entry(of.link_id) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => entry.insert(links::read::anywhere(turn.connection, of.link_id)?),
    };
    let event = clicked_event(click, link.as_ref(), &batch.urls);
    let raised = raise(turn.connection, hidden_seq(click), &event)?;
    for target in targets.iter_mut().filter(|target| wants(target)) {
        let queued = events::queue(turn, target, raised, None, now)?;
        *known.queued.entry(of.workspace_id).or_default() += i64::from(queued);
    }
    Ok(())
}

fn raise(connection: &Connection, seq: i64, event: &NewEvent) -> SqlResult<Raised> {
    let tags = (!event.tag_ids.is_empty()).then(|| rows::to_json(&event.tag_ids)).transpose()?;
    let columns = params![
        seq,
        event.id.0,
        event.workspace_id.0,
        event.event_type.as_str(),
        event.body,
        event.created_at.0,
        event.link_id.map(|id| id.0),
        tags
    ];
    rows::write(connection, CLICK_RAISE, columns)?;
    Ok(Raised { seq, id: event.id, job_id: None })
}
