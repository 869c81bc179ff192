//! The port's `ReplayStore` on SQLite: a replay is a cursor over the events of its workspace.

use async_trait::async_trait;
use hopline_domain::{
    endpoint::Replay,
    id::{ReplayId, WorkspaceId},
    store::{AuditEntry, Caller, Changed, Created, ReplayCreate, ReplayStep, ReplayStore, StoreError},
    time::Timestamp,
};

use super::store::SqliteStore;

mod create;
mod row;
pub(super) mod step;

#[async_trait]
impl ReplayStore for SqliteStore {
    async fn replay_create(
        &self,
        caller: Caller,
        create: ReplayCreate,
        now: Timestamp,
    ) -> Result<Created<Replay>, StoreError> {
        self.core.run("begin the replay", move |turn| create::create(turn, caller, &create, now)).await
    }

    async fn replay_get(
        &self,
        workspace_id: WorkspaceId,
        id: ReplayId,
    ) -> Result<Option<Replay>, StoreError> {
        let get = move |connection: &_| row::get(connection, workspace_id, id);
        self.core_readers.run("read the replay", get).await
    }

    async fn replay_cancel(
        &self,
        caller: Caller,
        id: ReplayId,
        audit: AuditEntry,
        now: Timestamp,
    ) -> Result<Changed<Replay>, StoreError> {
        let work = move |turn: &mut super::writer::Turn<'_>| {
            create::cancel(turn.connection, caller, (id, &audit), now)
        };
        self.core.run("cancel the replay", work).await
    }

    async fn replay_step(&self, now: Timestamp, limit: u32) -> Result<ReplayStep, StoreError> {
        self.core.run("move replays on", move |turn| step::step(turn, now, limit)).await
    }
}
