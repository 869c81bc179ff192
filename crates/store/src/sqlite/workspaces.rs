//! The port's `WorkspaceStore` on SQLite.

use async_trait::async_trait;
use hopline_domain::{
    credit::{Balance, CreditEntry},
    id::{CreditEntryId, WorkspaceId},
    store::{
        Bootstrap, Bootstrapped, Caller, Created, Grant, Page, Paged, StoreError, Workspace, WorkspaceStore,
        WorkspaceUsage,
    },
    time::Timestamp,
};

use super::{ledger, store::SqliteStore};

mod bootstrap;
mod credits;
mod read;

#[async_trait]
impl WorkspaceStore for SqliteStore {
    async fn workspace_bootstrap(
        &self,
        bootstrap: Bootstrap,
        now: Timestamp,
    ) -> Result<Bootstrapped, StoreError> {
        let make =
            move |turn: &mut super::writer::Turn<'_>| bootstrap::bootstrap(turn.connection, &bootstrap, now);
        self.core.run("make the first workspace", make).await
    }

    async fn workspace_get(&self, id: WorkspaceId) -> Result<Option<(Workspace, Balance)>, StoreError> {
        self.core_readers
            .run("read the workspace", move |connection| {
                let Some(workspace) = read::get(connection, id)? else { return Ok(None) };
                Ok(Some((workspace, ledger::balance(connection, id)?.unwrap_or_default())))
            })
            .await
    }

    async fn workspace_usage(&self, caller: Caller, now: Timestamp) -> Result<WorkspaceUsage, StoreError> {
        self.core_readers.run("read the usage", move |connection| read::usage(connection, caller, now)).await
    }

    async fn credit_grant(
        &self,
        caller: Caller,
        grant: Grant,
        now: Timestamp,
    ) -> Result<Created<CreditEntry>, StoreError> {
        self.core.run("grant credits", move |turn| credits::grant(turn.connection, caller, &grant, now)).await
    }

    async fn credit_list(
        &self,
        workspace_id: WorkspaceId,
        page: Page,
    ) -> Result<Paged<CreditEntry>, StoreError> {
        self.core_readers
            .run("list the ledger", move |connection| credits::list(connection, workspace_id, page))
            .await
    }

    async fn credit_month_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Workspace>, StoreError> {
        let due = move |connection: &_| read::month_due(connection, now, limit);
        self.core_readers.run("find workspaces for a new month", due).await
    }

    async fn credit_month_turn(
        &self,
        workspace_id: WorkspaceId,
        credits: i64,
        ledger_ids: [CreditEntryId; 2],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let month = credits::Month { workspace_id, credits, ledger_ids, now };
        self.core.run("turn the month", move |turn| credits::month_turn(turn.connection, month)).await
    }
}
