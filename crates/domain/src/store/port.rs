//! The port as one: the sum of its nouns, and what they all speak of.

use super::{
    ClickStore, DeliveryStore, DomainStore, EndpointStore, EventStore, EvidenceStore, JobStore, KeyStore,
    LinkStore, MaintenanceStore, RelayStore, ReplayStore, TagStore, WorkspaceStore,
};
use crate::id::{FamilyId, KeyId, WorkspaceId};

/// The caller's place in the tenancy: a required argument wherever tenant data is read or written (I08).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub workspace_id: WorkspaceId,
    pub family_id: FamilyId,
    pub key_id: KeyId,
}

/// What a finish under a lease did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    Recorded,
    /// The token is no longer the latest: nothing was changed (I06).
    LeaseLost,
}

/// The whole port.
pub trait Store:
    JobStore
    + ClickStore
    + DeliveryStore
    + EndpointStore
    + EventStore
    + ReplayStore
    + RelayStore
    + KeyStore
    + LinkStore
    + DomainStore
    + TagStore
    + WorkspaceStore
    + EvidenceStore
    + MaintenanceStore
{
}

impl<
    S: JobStore
        + ClickStore
        + DeliveryStore
        + EndpointStore
        + EventStore
        + ReplayStore
        + RelayStore
        + KeyStore
        + LinkStore
        + DomainStore
        + TagStore
        + WorkspaceStore
        + EvidenceStore
        + MaintenanceStore,
> Store for S
{
}
