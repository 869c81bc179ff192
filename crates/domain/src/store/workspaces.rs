//! Workspaces, their plans and their credit ledger.

use async_trait::async_trait;

use crate::{
    credit::{Balance, CreditEntry, Pool},
    id::{CreditEntryId, FamilyId, WorkspaceId},
    idempotency::IdempotencyClaim,
    store::{AuditEntry, Caller, Created, NewKey, Page, Paged, StoreError},
    time::Timestamp,
};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    /// Name of its plan in the configuration.
    pub plan: String,
    pub created_at: Timestamp,
}

/// The first workspace with its first key, made when there is none.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    pub workspace: Workspace,
    pub key: NewKey,
    pub family_id: FamilyId,
    pub sealed_secret: Vec<u8>,
    pub grant_id: CreditEntryId,
    pub credits: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bootstrapped {
    Made,
    /// There is a workspace already; nothing was changed.
    Existing(WorkspaceId),
}

/// What a workspace uses, beside its credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkspaceUsage {
    /// Keys that are not revoked.
    pub keys: u32,
    pub jobs_unfinished: u64,
    pub evidence_bytes: u64,
    pub links: u32,
    /// Links with a saved QR design.
    pub qr_codes: u32,
    /// Resolve calls of the caller's family this UTC day.
    pub resolves_today: u32,
}

/// Credits given by the operator.
#[derive(Clone, Debug)]
pub struct Grant {
    pub id: CreditEntryId,
    pub workspace_id: WorkspaceId,
    pub pool: Pool,
    /// Positive.
    pub amount: i64,
    pub note: Option<String>,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// Workspaces and credits.
#[async_trait]
pub trait WorkspaceStore: Send + Sync {
    /// Makes the first workspace, its key and its credits, if there is no workspace.
    async fn workspace_bootstrap(
        &self,
        bootstrap: Bootstrap,
        now: Timestamp,
    ) -> Result<Bootstrapped, StoreError>;

    async fn workspace_get(&self, id: WorkspaceId) -> Result<Option<(Workspace, Balance)>, StoreError>;

    async fn workspace_usage(&self, caller: Caller, now: Timestamp) -> Result<WorkspaceUsage, StoreError>;

    /// Adds a grant to the ledger and the balance. `NotFound` for an unknown workspace.
    async fn credit_grant(
        &self,
        caller: Caller,
        grant: Grant,
        now: Timestamp,
    ) -> Result<Created<CreditEntry>, StoreError>;

    /// The ledger, newest first.
    async fn credit_list(
        &self,
        workspace_id: WorkspaceId,
        page: Page,
    ) -> Result<Paged<CreditEntry>, StoreError>;

    /// Workspaces whose plan pool was last filled before this month (`Timestamp::utc_month` of `now`), with their plan.
    async fn credit_month_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Workspace>, StoreError>;

    /// Expires what is left in the plan pool and grants the month's credits, once a month.
    async fn credit_month_turn(
        &self,
        workspace_id: WorkspaceId,
        credits: i64,
        ledger_ids: [CreditEntryId; 2],
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
