//! The port's `EndpointStore` on SQLite.

use async_trait::async_trait;
use hopline_domain::{
    endpoint::Endpoint,
    id::{EndpointId, WorkspaceId},
    store::{
        Caller, Changed, Created, DeliveryView, EndpointCreate, EndpointDelete, EndpointSecretRotation,
        EndpointStore, EndpointTest, EndpointUpdate, Page, Paged, StoreError,
    },
    time::Timestamp,
};

use super::store::SqliteStore;

mod create;
mod read;
mod row;
mod secrets;
mod test;
mod tidy;
mod update;

pub(super) use self::read::get;
#[cfg(test)]
pub(super) use tidy::{DELIVERIES_LEFT, ENDPOINTS_OVER};

#[async_trait]
impl EndpointStore for SqliteStore {
    async fn endpoint_create(
        &self,
        caller: Caller,
        create: EndpointCreate,
        now: Timestamp,
    ) -> Result<Created<Endpoint>, StoreError> {
        let work =
            move |turn: &mut super::writer::Turn<'_>| create::create(turn.connection, caller, &create, now);
        self.core.run("make the endpoint", work).await
    }

    async fn endpoint_get(
        &self,
        workspace_id: WorkspaceId,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, StoreError> {
        let get = move |connection: &_| get(connection, workspace_id, id);
        self.core_readers.run("read the endpoint", get).await
    }

    async fn endpoint_list(
        &self,
        workspace_id: WorkspaceId,
        page: Page,
    ) -> Result<Paged<Endpoint>, StoreError> {
        let list = move |connection: &_| read::list(connection, workspace_id, page);
        self.core_readers.run("list the endpoints", list).await
    }

    async fn endpoint_update(
        &self,
        caller: Caller,
        update: EndpointUpdate,
        now: Timestamp,
    ) -> Result<Changed<Endpoint>, StoreError> {
        self.core.run("change the endpoint", move |turn| update::update(turn, caller, &update, now)).await
    }

    async fn endpoint_delete(
        &self,
        caller: Caller,
        delete: EndpointDelete,
        now: Timestamp,
    ) -> Result<Changed<Endpoint>, StoreError> {
        let work =
            move |turn: &mut super::writer::Turn<'_>| update::delete(turn.connection, caller, &delete, now);
        self.core.run("delete the endpoint", work).await
    }

    async fn endpoint_secret_rotate(
        &self,
        caller: Caller,
        rotation: EndpointSecretRotation,
        now: Timestamp,
    ) -> Result<Created<Endpoint>, StoreError> {
        let rotate = move |turn: &mut super::writer::Turn<'_>| {
            secrets::rotate(turn.connection, caller, &rotation, now)
        };
        self.core.run("rotate the endpoint's secret", rotate).await
    }

    async fn endpoint_test(
        &self,
        caller: Caller,
        test: EndpointTest,
        now: Timestamp,
    ) -> Result<Created<DeliveryView>, StoreError> {
        self.core.run("test the endpoint", move |turn| test::test(turn, caller, &test, now)).await
    }

    async fn endpoint_tidy(&self, now: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.core.run("tidy up after endpoints", move |turn| tidy::tidy(turn.connection, now, limit)).await
    }
}
