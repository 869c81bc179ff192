//! The port's `ClickStore` on SQLite: raw clicks and roll-ups in a file of their own, fed from the click journal.

use async_trait::async_trait;
use hopline_domain::{
    click::{
        JournalBatch, JournalClick, JournalOffset,
        analytics::{Analysed, Question},
    },
    id::{LinkId, WorkspaceId},
    store::{Caller, ClickDeletion, ClickFilter, ClickStore, Folded, LinkCount, StoreError},
    time::Timestamp,
};
use rusqlite::params;

use super::{
    audit::{self, Actor},
    fault::{Fault, SqlResult},
    rows,
    store::SqliteStore,
};

pub(super) mod analyse;
pub(super) mod daily;
pub(super) mod delete;
pub(super) mod fold;
pub(super) mod hourly;
pub(super) mod raw;
pub(super) mod read;
pub(super) mod row;
pub(super) mod subjects;
pub(super) mod visitors;

pub(super) const CLICK_SWEEP: &str = "-- click_sweep
delete from clicks where place in (select place from clicks where at < ?1 order by at limit ?2)";

#[async_trait]
impl ClickStore for SqliteStore {
    async fn click_folded_until(&self) -> Result<JournalOffset, StoreError> {
        self.clicks_readers.run("read how far clicks are folded", fold::until).await
    }

    async fn click_fold(&self, batch: JournalBatch) -> Result<Folded, StoreError> {
        let fold = move |turn: &mut super::writer::Turn<'_>| {
            turn.wakes.clicks_folded = true;
            fold::fold(turn.connection, &batch)
        };
        self.clicks.run("fold clicks", fold).await
    }

    async fn click_read(&self, from: JournalOffset, limit: u32) -> Result<Vec<JournalClick>, StoreError> {
        let read = move |connection: &_| read::from_place(connection, from, limit);
        self.clicks_readers.run("read clicks", read).await
    }

    async fn link_counts(&self, links: Vec<LinkId>) -> Result<Vec<LinkCount>, StoreError> {
        let read = move |connection: &_| links.iter().map(|id| subjects::counts(connection, *id)).collect();
        self.clicks_readers.run("read the numbers of links", read).await
    }

    async fn click_analyse(
        &self,
        workspace_id: WorkspaceId,
        question: Question,
    ) -> Result<Analysed, StoreError> {
        let rows_max = self.analytics_rows_max;
        let asked = analyse::Asked { workspace_id, question, rows_max };
        let analyse = move |connection: &_| analyse::analyse(connection, &asked);
        self.clicks_readers.run("count clicks", analyse).await
    }

    async fn click_list(
        &self,
        workspace_id: WorkspaceId,
        filter: ClickFilter,
        after: Option<(Timestamp, JournalOffset)>,
        limit: u32,
    ) -> Result<Vec<JournalClick>, StoreError> {
        let list = move |connection: &_| read::list(connection, workspace_id, &filter, (after, limit));
        self.clicks_readers.run("read clicks", list).await
    }

    async fn click_delete(
        &self,
        caller: Caller,
        deletion: ClickDeletion,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let ClickDeletion { link_id, until, audit } = deletion;
        let note = move |turn: &mut super::writer::Turn<'_>| {
            audit::append(turn.connection, Actor::from(caller), &audit, None, now)
        };
        self.core.run("note that clicks are deleted", note).await?;
        let forget = delete::Forget { workspace_id: caller.workspace_id, link_id, until };
        self.clicks.run("delete the roll-ups", move |turn| forget.rollups(turn.connection)).await?;
        let mut deleted = 0;
        loop {
            let some =
                self.clicks.run("delete clicks", move |turn| forget.some_clicks(turn.connection)).await?;
            if some == 0 {
                return Ok(deleted);
            }
            deleted += some;
        }
    }

    async fn click_sweep(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        let sweep = move |turn: &mut super::writer::Turn<'_>| {
            rows::write(turn.connection, CLICK_SWEEP, params![before.0, limit]).map(narrow)
        };
        self.clicks.run("sweep clicks", sweep).await
    }
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Offsets are bytes of files: they fit SQLite's integers.
fn place(offset: JournalOffset) -> i64 {
    i64::try_from(offset.0).unwrap_or(i64::MAX)
}

fn offset(place: i64) -> JournalOffset {
    JournalOffset(u64::try_from(place).unwrap_or(0))
}

fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn broken(what: &'static str) -> Fault {
    Fault::decode(what, &"it can't be read back")
}

/// What most of this file's reads answer.
type Found<T> = SqlResult<Option<T>>;
