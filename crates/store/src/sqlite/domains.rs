//! The port's `DomainStore` on SQLite.

use async_trait::async_trait;
use hopline_domain::{
    id::{DomainId, WorkspaceId},
    short_link::{DomainHost, ShortDomain},
    store::{
        Caller, Changed, DomainCreate, DomainCreated, DomainDelete, DomainStore, DomainUpdate, DomainVerify,
        Page, Paged, StoreError,
    },
    time::Timestamp,
};

use super::store::SqliteStore;

mod change;
mod create;
pub(super) mod read;

#[async_trait]
impl DomainStore for SqliteStore {
    async fn domain_create(
        &self,
        caller: Caller,
        create: DomainCreate,
        now: Timestamp,
    ) -> Result<DomainCreated, StoreError> {
        self.core
            .run("make the domain", move |turn| create::create(turn.connection, caller, &create, now))
            .await
    }

    async fn domain_get(
        &self,
        workspace_id: WorkspaceId,
        id: DomainId,
    ) -> Result<Option<ShortDomain>, StoreError> {
        self.core_readers
            .run("read the domain", move |connection| read::get(connection, workspace_id, id))
            .await
    }

    async fn domain_list(
        &self,
        workspace_id: WorkspaceId,
        page: Page,
    ) -> Result<Paged<ShortDomain>, StoreError> {
        self.core_readers
            .run("list the domains", move |connection| read::list(connection, workspace_id, page))
            .await
    }

    async fn domain_by_host(&self, host: DomainHost) -> Result<Option<ShortDomain>, StoreError> {
        self.core_readers.run("look the host up", move |connection| read::by_host(connection, &host)).await
    }

    async fn domain_update(
        &self,
        caller: Caller,
        update: DomainUpdate,
        now: Timestamp,
    ) -> Result<Changed<ShortDomain>, StoreError> {
        self.core
            .run("change the domain", move |turn| change::update(turn.connection, caller, &update, now))
            .await
    }

    async fn domain_verify(
        &self,
        caller: Caller,
        verify: DomainVerify,
        now: Timestamp,
    ) -> Result<Changed<ShortDomain>, StoreError> {
        self.core
            .run("verify the domain", move |turn| change::verify(turn.connection, caller, &verify, now))
            .await
    }

    async fn domain_delete(
        &self,
        caller: Caller,
        delete: DomainDelete,
        now: Timestamp,
    ) -> Result<Changed<ShortDomain>, StoreError> {
        self.core
            .run("delete the domain", move |turn| change::delete(turn.connection, caller, &delete, now))
            .await
    }
}
