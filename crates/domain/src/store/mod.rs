//! The store port: what the rooms above ask of a database, at use-case level.
//!
//! Each method is one transaction and one operation. It takes the scope it works in, the time, and every id and
//! secret it will write, and returns an enum that says what happened. There is no begin and no commit here.

mod deliveries;
mod error;
mod evidence;
mod jobs;
mod keys;
mod maintenance;
mod page;
mod workspaces;

pub use deliveries::{
    AttemptEnd, ClaimedDelivery, DeliveryClaim, DeliveryFilter, DeliveryLease, DeliveryStore, DeliveryView,
    ManualRetry, NewDelivery,
};
pub use error::StoreError;
pub use evidence::{EvidenceDigest, EvidenceStore};
pub use jobs::{
    Accepted, ClaimedJob, Counted, ExpiredJob, JobAccept, JobClaim, JobEnd, JobLease, JobStore, JobView,
    NewJob, Refused,
};
pub use keys::{
    AuditEntry, AuthenticatedKey, Changed, Created, FamilySecret, KeyCreate, KeyPatch, KeyStore, KeyUpdate,
    KeyUse, NewKey, Rotation, SecretRotation,
};
pub use maintenance::{MaintenanceStore, QueueDepths, Retention, Swept};
pub use page::{Cursor, Page, Paged};
pub use workspaces::{Bootstrap, Bootstrapped, Grant, Workspace, WorkspaceStore, WorkspaceUsage};

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
    JobStore + DeliveryStore + KeyStore + WorkspaceStore + EvidenceStore + MaintenanceStore
{
}

impl<S: JobStore + DeliveryStore + KeyStore + WorkspaceStore + EvidenceStore + MaintenanceStore> Store for S {}
