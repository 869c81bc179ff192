//! Subscribed endpoints: what people do to them.

use async_trait::async_trait;

use crate::{
    endpoint::{Endpoint, EndpointSettings},
    event::NewEvent,
    id::{EndpointId, FamilyId, WorkspaceId},
    idempotency::IdempotencyClaim,
    store::{AuditEntry, Caller, Changed, Created, DeliveryView, Page, Paged, StoreError},
    time::Timestamp,
};

/// Everything one `POST /v1/webhooks` brings.
#[derive(Clone, Debug)]
pub struct EndpointCreate {
    pub id: EndpointId,
    pub family_id: FamilyId,
    /// The webhook secret, sealed for the family.
    pub sealed_secret: Vec<u8>,
    pub settings: EndpointSettings,
    /// The plan's limit.
    pub endpoints_max: Option<u32>,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// What becomes of an endpoint's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// One attempt is made first; what waits follows when it succeeds.
    On,
    Off,
}

/// A change of an endpoint.
#[derive(Clone, Debug)]
pub struct EndpointUpdate {
    pub endpoint_id: EndpointId,
    /// The settings as they are to be.
    pub settings: EndpointSettings,
    pub switch: Option<Switch>,
    /// What the caller read; the change is refused if the endpoint is another one since.
    pub expected: Box<Endpoint>,
    pub audit: AuditEntry,
}

/// The end of an endpoint.
#[derive(Clone, Debug)]
pub struct EndpointDelete {
    pub endpoint_id: EndpointId,
    /// With `If-Match`: what the caller read.
    pub expected: Option<Box<Endpoint>>,
    pub audit: AuditEntry,
}

/// A new secret for an endpoint.
#[derive(Clone, Debug)]
pub struct EndpointSecretRotation {
    pub endpoint_id: EndpointId,
    pub sealed: Vec<u8>,
    /// The old secrets sign until then.
    pub old_until: Timestamp,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// A test of an endpoint.
#[derive(Clone, Debug)]
pub struct EndpointTest {
    pub endpoint_id: EndpointId,
    pub event: NewEvent,
    pub idempotency: Option<IdempotencyClaim>,
}

/// Subscribed endpoints.
#[async_trait]
pub trait EndpointStore: Send + Sync {
    async fn endpoint_create(
        &self,
        caller: Caller,
        create: EndpointCreate,
        now: Timestamp,
    ) -> Result<Created<Endpoint>, StoreError>;

    async fn endpoint_get(
        &self,
        workspace_id: WorkspaceId,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, StoreError>;

    async fn endpoint_list(
        &self,
        workspace_id: WorkspaceId,
        page: Page,
    ) -> Result<Paged<Endpoint>, StoreError>;

    /// Takes effect with the next attempt. Switching on what is on, or off what is off, changes nothing.
    async fn endpoint_update(
        &self,
        caller: Caller,
        update: EndpointUpdate,
        now: Timestamp,
    ) -> Result<Changed<Endpoint>, StoreError>;

    /// No further attempt is begun; deliveries that wait are cancelled by [`Self::endpoint_tidy`].
    async fn endpoint_delete(
        &self,
        caller: Caller,
        delete: EndpointDelete,
        now: Timestamp,
    ) -> Result<Changed<Endpoint>, StoreError>;

    /// Adds a secret and gives the older ones an end; the oldest beyond three live ones stops at once.
    async fn endpoint_secret_rotate(
        &self,
        caller: Caller,
        rotation: EndpointSecretRotation,
        now: Timestamp,
    ) -> Result<Created<Endpoint>, StoreError>;

    /// Raises the event and queues it for this endpoint alone, whatever it subscribes to.
    async fn endpoint_test(
        &self,
        caller: Caller,
        test: EndpointTest,
        now: Timestamp,
    ) -> Result<Created<DeliveryView>, StoreError>;

    /// Cancels waiting deliveries of endpoints that are gone, at most `limit`; answers how many.
    async fn endpoint_tidy(&self, now: Timestamp, limit: u32) -> Result<u32, StoreError>;
}
