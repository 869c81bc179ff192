//! The port's `DeliveryStore` on SQLite.

use async_trait::async_trait;
use hopline_domain::{
    delivery::Attempt,
    id::{DeliveryId, WorkspaceId},
    store::{
        AttemptEnd, ClaimedDelivery, DeliveryClaim, DeliveryFilter, DeliveryLease, DeliveryStore,
        DeliveryView, Finished, ManualRetry, Page, Paged, StoreError,
    },
    time::Timestamp,
};

use super::store::SqliteStore;

pub(super) mod batch;
pub(super) mod claim;
mod finish;
mod health;
pub(super) mod lease;
mod manual;
pub(super) mod read;
mod row;
mod rules;

#[async_trait]
impl DeliveryStore for SqliteStore {
    async fn delivery_claim(
        &self,
        claim: DeliveryClaim,
        now: Timestamp,
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        self.core.run("claim deliveries", move |turn| claim::claim(turn.connection, claim, now)).await
    }

    async fn delivery_attempt_finish(
        &self,
        lease: DeliveryLease,
        end: AttemptEnd,
        now: Timestamp,
    ) -> Result<Finished, StoreError> {
        self.core.run("record the attempt", move |turn| finish::finish(turn, lease, &end, now)).await
    }

    async fn delivery_release(&self, leases: Vec<DeliveryLease>, now: Timestamp) -> Result<(), StoreError> {
        self.core.run("release deliveries", move |turn| lease::release(turn, &leases, now)).await
    }

    async fn delivery_lease_sweep(&self, now: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.core.run("sweep delivery leases", move |turn| lease::sweep(turn, now, limit)).await
    }

    async fn delivery_next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.core_readers
            .run("find the next delivery", move |connection| lease::next_due(connection, now))
            .await
    }

    async fn delivery_get(
        &self,
        workspace_id: WorkspaceId,
        id: DeliveryId,
    ) -> Result<Option<(DeliveryView, Vec<Attempt>)>, StoreError> {
        self.core_readers
            .run("read the delivery", move |connection| read::get(connection, workspace_id, id))
            .await
    }

    async fn delivery_list(
        &self,
        workspace_id: WorkspaceId,
        filter: DeliveryFilter,
        page: Page,
    ) -> Result<Paged<DeliveryView>, StoreError> {
        let list = move |connection: &_| read::list(connection, workspace_id, filter, page);
        self.core_readers.run("list deliveries", list).await
    }

    async fn delivery_retry(
        &self,
        workspace_id: WorkspaceId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<ManualRetry, StoreError> {
        self.core.run("retry the delivery", move |turn| manual::retry(turn, workspace_id, id, now)).await
    }

    async fn delivery_cancel(
        &self,
        workspace_id: WorkspaceId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<ManualRetry, StoreError> {
        self.core.run("cancel the delivery", move |turn| manual::cancel(turn, workspace_id, id, now)).await
    }
}
