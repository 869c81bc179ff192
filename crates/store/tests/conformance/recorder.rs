//! A store that notes which of its methods are called and passes them on.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hopline_domain::{
    click::{
        JournalBatch, JournalClick, JournalOffset,
        analytics::{Analysed, Question},
    },
    credit::{Balance, CreditEntry},
    delivery::Attempt,
    endpoint::{Endpoint, Replay},
    event::EventType,
    id::{
        CreditEntryId, DeliveryId, DomainId, EndpointId, EventId, JobId, KeyId, LinkId, ReplayId, TagId,
        WorkspaceId,
    },
    key::Key,
    short_link::{DomainHost, ShortDomain, ShortLink, ShortUrls, Slug},
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

recorded! { ClickStore:
    click_folded_until() -> JournalOffset;
    click_fold(batch: JournalBatch) -> Folded;
    click_read(from: JournalOffset, limit: u32) -> Vec<JournalClick>;
    link_counts(links: Vec<LinkId>) -> Vec<LinkCount>;
    click_analyse(workspace_id: WorkspaceId, question: Question) -> Analysed;
    click_list(workspace_id: WorkspaceId, filter: ClickFilter, after: Option<(Timestamp, JournalOffset)>, limit: u32) -> Vec<JournalClick>;
    click_delete(caller: Caller, deletion: ClickDeletion, now: Timestamp) -> u64;
    click_sweep(before: Timestamp, limit: u32) -> u32;
}

recorded! { EndpointStore:
    endpoint_create(caller: Caller, create: EndpointCreate, now: Timestamp) -> Created<Endpoint>;
    endpoint_get(workspace_id: WorkspaceId, id: EndpointId) -> Option<Endpoint>;
    endpoint_list(workspace_id: WorkspaceId, page: Page) -> Paged<Endpoint>;
    endpoint_update(caller: Caller, update: EndpointUpdate, now: Timestamp) -> Changed<Endpoint>;
    endpoint_delete(caller: Caller, delete: EndpointDelete, now: Timestamp) -> Changed<Endpoint>;
    endpoint_secret_rotate(caller: Caller, rotation: EndpointSecretRotation, now: Timestamp) -> Created<Endpoint>;
    endpoint_test(caller: Caller, test: EndpointTest, now: Timestamp) -> Created<DeliveryView>;
    endpoint_tidy(now: Timestamp, limit: u32) -> u32;
}

recorded! { EventStore:
    event_get(workspace_id: WorkspaceId, id: EventId) -> Option<LoggedEvent>;
    event_list(workspace_id: WorkspaceId, event_type: Option<EventType>, page: Page) -> Paged<LoggedEvent>;
    event_after(workspace_id: WorkspaceId, event_type: Option<EventType>, seq: i64, limit: u32) -> Vec<LoggedEvent>;
    event_last_seq() -> i64;
}

recorded! { ReplayStore:
    replay_create(caller: Caller, create: ReplayCreate, now: Timestamp) -> Created<Replay>;
    replay_get(workspace_id: WorkspaceId, id: ReplayId) -> Option<Replay>;
    replay_cancel(caller: Caller, id: ReplayId, audit: AuditEntry, now: Timestamp) -> Changed<Replay>;
    replay_step(now: Timestamp, limit: u32) -> ReplayStep;
}

recorded! { RelayStore:
    relay_cursor() -> JournalOffset;
    relay_clicks(batch: RelayBatch, now: Timestamp) -> Relayed;
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

recorded! { LinkStore:
    link_create(caller: Caller, create: LinkCreate, now: Timestamp) -> LinkCreated;
    link_upsert(caller: Caller, upsert: LinkUpsert, now: Timestamp) -> LinkUpserted;
    link_bulk_chunk(caller: Caller, chunk: LinkBulkChunk, now: Timestamp) -> BulkChunked;
    link_get(workspace_id: WorkspaceId, id: LinkId) -> Option<ShortLink>;
    link_by_slug(workspace_id: WorkspaceId, domain_id: DomainId, slug: Slug) -> Option<ShortLink>;
    link_by_external_id(workspace_id: WorkspaceId, external_id: String) -> Option<ShortLink>;
    link_list(workspace_id: WorkspaceId, filter: LinkFilter, page: Page) -> Paged<ShortLink>;
    link_update(caller: Caller, update: LinkUpdate, now: Timestamp) -> LinkChanged;
    link_block(caller: Caller, block: LinkBlock, now: Timestamp) -> LinkChanged;
    link_delete(caller: Caller, delete: LinkDelete, now: Timestamp) -> LinkDeleted;
    redirect_lookup(domain_id: DomainId, path: String) -> RedirectEntry;
    link_limit_list(after: Option<LinkId>, limit: u32) -> Vec<LinkLimit>;
    link_expiry_sweep(urls: Arc<ShortUrls>, limit: u32, now: Timestamp) -> u32;
}

recorded! { DomainStore:
    domain_create(caller: Caller, create: DomainCreate, now: Timestamp) -> DomainCreated;
    domain_get(workspace_id: WorkspaceId, id: DomainId) -> Option<ShortDomain>;
    domain_list(workspace_id: WorkspaceId, page: Page) -> Paged<ShortDomain>;
    domain_by_host(host: DomainHost) -> Option<ShortDomain>;
    domain_update(caller: Caller, update: DomainUpdate, now: Timestamp) -> Changed<ShortDomain>;
    domain_verify(caller: Caller, verify: DomainVerify, now: Timestamp) -> Changed<ShortDomain>;
    domain_delete(caller: Caller, delete: DomainDelete, now: Timestamp) -> Changed<ShortDomain>;
}

recorded! { TagStore:
    tag_create(caller: Caller, create: TagCreate, now: Timestamp) -> TagCreated;
    tag_get(workspace_id: WorkspaceId, id: TagId) -> Option<TagView>;
    tag_list(workspace_id: WorkspaceId, page: Page) -> Paged<TagView>;
    tag_rename(caller: Caller, rename: TagRename, now: Timestamp) -> Changed<TagView>;
    tag_delete(caller: Caller, delete: TagDelete, now: Timestamp) -> Changed<TagView>;
}
