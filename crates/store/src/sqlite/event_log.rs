//! The port's `EventStore` on SQLite. Rows with a negative `seq` are clicks, which are not part of the log.

use async_trait::async_trait;
use hopline_domain::{
    event::EventType,
    id::{EventId, JobId, LinkId, WorkspaceId},
    store::{EventStore, LoggedEvent, Page, Paged, StoreError},
};
use rusqlite::{Connection, params};

use super::{
    fault::SqlResult,
    rows::{self, Columns},
    store::SqliteStore,
};

macro_rules! event_columns {
    () => {
        "seq, id, type, job_id, link_id, created_at, body from events"
    };
}

const EVENT_GET: &str =
    concat!("-- event_get\nselect ", event_columns!(), " where id = ?1 and workspace_id = ?2");

pub(super) const EVENT_LIST: &str = concat!(
    "-- event_list\nselect ",
    event_columns!(),
    " where workspace_id = ?1 and seq < ?2 and seq > 0 order by seq desc limit ?3"
);

pub(super) const EVENT_LIST_OF_TYPE: &str = concat!(
    "-- event_list: of one type\nselect ",
    event_columns!(),
    " where workspace_id = ?1 and type = ?4 and seq < ?2 and seq > 0 order by seq desc limit ?3"
);

pub(super) const EVENT_AFTER: &str = concat!(
    "-- event_after\nselect ",
    event_columns!(),
    " where workspace_id = ?1 and seq > ?2 order by seq limit ?3"
);

pub(super) const EVENT_AFTER_OF_TYPE: &str = concat!(
    "-- event_after: of one type\nselect ",
    event_columns!(),
    " where workspace_id = ?1 and type = ?4 and seq > ?2 order by seq limit ?3"
);

pub(super) const EVENT_LAST_SEQ: &str = "-- event_last_seq
select ifnull(max(seq), 0) from events";

#[async_trait]
impl EventStore for SqliteStore {
    async fn event_get(
        &self,
        workspace_id: WorkspaceId,
        id: EventId,
    ) -> Result<Option<LoggedEvent>, StoreError> {
        let get = move |connection: &Connection| {
            let found = rows::one(connection, EVENT_GET, params![id.0, workspace_id.0], read)?;
            Ok(found.map(|(_, event)| event))
        };
        self.core_readers.run("read the event", get).await
    }

    async fn event_list(
        &self,
        workspace_id: WorkspaceId,
        event_type: Option<EventType>,
        page: Page,
    ) -> Result<Paged<LoggedEvent>, StoreError> {
        let list = move |connection: &Connection| list(connection, workspace_id, event_type, page);
        self.core_readers.run("list the events", list).await
    }

    async fn event_after(
        &self,
        workspace_id: WorkspaceId,
        event_type: Option<EventType>,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let after = move |connection: &Connection| after(connection, workspace_id, event_type, (seq, limit));
        self.core_readers.run("read new events", after).await
    }

    async fn event_last_seq(&self) -> Result<i64, StoreError> {
        self.core_readers.run("find the newest event", last_seq).await
    }
}

fn list(
    connection: &Connection,
    workspace_id: WorkspaceId,
    event_type: Option<EventType>,
    page: Page,
) -> SqlResult<Paged<LoggedEvent>> {
    let (below, count) = rows::page_bounds(page);
    let events = match event_type.map(EventType::as_str) {
        None => rows::many(connection, EVENT_LIST, params![workspace_id.0, below, count], read)?,
        Some(word) => {
            rows::many(connection, EVENT_LIST_OF_TYPE, params![workspace_id.0, below, count, word], read)?
        }
    };
    Ok(rows::page_of(events, page.limit))
}

fn after(
    connection: &Connection,
    workspace_id: WorkspaceId,
    event_type: Option<EventType>,
    (seq, limit): (i64, u32),
) -> SqlResult<Vec<LoggedEvent>> {
    let seq = seq.max(0);
    let events = match event_type.map(EventType::as_str) {
        None => rows::many(connection, EVENT_AFTER, params![workspace_id.0, seq, limit], read)?,
        Some(word) => {
            rows::many(connection, EVENT_AFTER_OF_TYPE, params![workspace_id.0, seq, limit, word], read)?
        }
    };
    Ok(events.into_iter().map(|(_, event)| event).collect())
}

pub(super) fn last_seq(connection: &Connection) -> SqlResult<i64> {
    Ok(rows::one(connection, EVENT_LAST_SEQ, [], rows::value::<i64>)?.unwrap_or(0).max(0))
}

fn read(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, LoggedEvent)> {
    let seq = columns.take()?;
    let event = LoggedEvent {
        seq,
        id: EventId(columns.take()?),
        event_type: columns.word("an event's type")?,
        job_id: columns.take::<Option<_>>()?.map(JobId),
        link_id: columns.take::<Option<_>>()?.map(LinkId),
        created_at: columns.time()?,
        body: columns.take()?,
    };
    Ok((seq, event))
}
