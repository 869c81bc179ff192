//! A store that notes which of its methods are called and passes them on.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hopline_domain::{
    credit::{Balance, CreditEntry},
    delivery::Attempt,
    id::{CreditEntryId, DeliveryId, JobId, KeyId, WorkspaceId},
    key::Key,
    store::*,
    time::Timestamp,
};

pub(crate) struct Recorder {
    inner: Arc<dyn Store>,
    called: Mutex<BTreeSet<&'static str>>,
}

impl Recorder {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, called: Mutex::new(BTreeSet::new()) }
    }

    pub(crate) fn called(&self) -> BTreeSet<&'static str> {
        self.called.lock().unwrap().clone()
    }

    fn note(&self, method: &'static str) {
        self.called.lock().unwrap().insert(method);
    }
}

macro_rules! recorded {
    ($trait:ident: $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl $trait for Recorder {
            $(async fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                self.note(stringify!($method));
                self.inner.$method($($argument),*).await
            })*
        }
    };
}

recorded! { JobStore:
    job_accept(caller: Caller, accept: JobAccept, now: Timestamp) -> Accepted;
    job_get(caller: Caller, id: JobId) -> Option<JobView>;
    job_list(caller: Caller, page: Page) -> Paged<JobView>;
    job_claim(claim: JobClaim, now: Timestamp) -> Vec<ClaimedJob>;
    job_lease_extend(leases: Vec<JobLease>, until: Timestamp) -> Vec<JobLease>;
    job_finish(lease: JobLease, end: JobEnd, now: Timestamp) -> Finished;
    job_requeue(lease: JobLease, counted: Counted, due_at: Timestamp) -> Finished;
    job_lease_expired(now: Timestamp, limit: u32) -> Vec<ExpiredJob>;
}

recorded! { DeliveryStore:
    delivery_claim(claim: DeliveryClaim, now: Timestamp) -> Vec<ClaimedDelivery>;
    delivery_attempt_finish(lease: DeliveryLease, end: AttemptEnd, now: Timestamp) -> Finished;
    delivery_release(leases: Vec<DeliveryLease>, now: Timestamp) -> ();
    delivery_lease_sweep(now: Timestamp, limit: u32) -> u32;
    delivery_next_due(now: Timestamp) -> Option<Timestamp>;
    delivery_get(workspace_id: WorkspaceId, id: DeliveryId) -> Option<(DeliveryView, Vec<Attempt>)>;
    delivery_list(workspace_id: WorkspaceId, filter: DeliveryFilter, page: Page) -> Paged<DeliveryView>;
    delivery_retry(workspace_id: WorkspaceId, id: DeliveryId, now: Timestamp) -> ManualRetry;
    delivery_cancel(workspace_id: WorkspaceId, id: DeliveryId, now: Timestamp) -> ManualRetry;
}

recorded! { KeyStore:
    key_authenticate(hash: [u8; 32]) -> Option<AuthenticatedKey>;
    key_create(caller: Caller, create: KeyCreate, now: Timestamp) -> Created<Key>;
    key_get(workspace_id: WorkspaceId, id: KeyId) -> Option<Key>;
    key_list(workspace_id: WorkspaceId, page: Page) -> Paged<Key>;
    key_update(caller: Caller, update: KeyUpdate, now: Timestamp) -> Changed<Key>;
    key_rotate(caller: Caller, rotation: Rotation, now: Timestamp) -> Created<Key>;
    key_secrets_read(caller: Caller, key_id: KeyId, audit: AuditEntry, now: Timestamp) -> Option<Vec<FamilySecret>>;
    key_secret_rotate(caller: Caller, rotation: SecretRotation, now: Timestamp) -> Created<Key>;
    key_touch(uses: Vec<KeyUse>) -> ();
}

recorded! { WorkspaceStore:
    workspace_bootstrap(bootstrap: Bootstrap, now: Timestamp) -> Bootstrapped;
    workspace_get(id: WorkspaceId) -> Option<(Workspace, Balance)>;
    workspace_usage(caller: Caller, now: Timestamp) -> WorkspaceUsage;
    credit_grant(caller: Caller, grant: Grant, now: Timestamp) -> Created<CreditEntry>;
    credit_list(workspace_id: WorkspaceId, page: Page) -> Paged<CreditEntry>;
    credit_month_due(now: Timestamp, limit: u32) -> Vec<Workspace>;
    credit_month_turn(workspace_id: WorkspaceId, credits: i64, ledger_ids: [CreditEntryId; 2], now: Timestamp) -> ();
}

recorded! { EvidenceStore:
    evidence_put(document: Vec<u8>, now: Timestamp) -> EvidenceDigest;
    evidence_get(digest: EvidenceDigest) -> Option<Vec<u8>>;
    screenshot_put(png: Vec<u8>, now: Timestamp) -> EvidenceDigest;
    screenshot_get(digest: EvidenceDigest) -> Option<Vec<u8>>;
}

recorded! { MaintenanceStore:
    store_probe(now: Timestamp) -> ();
    store_schema() -> i64;
    retention_sweep(retention: Retention, limit: u32) -> Swept;
    queue_depths() -> QueueDepths;
}
