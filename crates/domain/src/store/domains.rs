//! Domains that short links live on.

use async_trait::async_trait;

use crate::{
    id::{DomainId, WorkspaceId},
    idempotency::IdempotencyClaim,
    short_link::{CaseRule, DomainHost, ShortDomain},
    store::{AuditEntry, Caller, Changed, Page, Paged, StoreError},
    time::Timestamp,
};

/// Everything one `POST /v1/domains` brings.
#[derive(Clone, Debug)]
pub struct DomainCreate {
    pub id: DomainId,
    pub host: DomainHost,
    pub settings: DomainSettings,
    /// What the TXT record must hold.
    pub verification_token: String,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// What a creating call came to.
#[derive(Clone, Debug)]
pub enum DomainCreated {
    New(ShortDomain),
    /// The same request made this domain, as it is now.
    Replayed(ShortDomain),
    /// The same request made this domain; it was deleted since.
    ReplayedGone(DomainId),
    IdempotencyKeyReused,
    /// Another domain on this server has the host.
    HostTaken,
}

/// What a domain's owner sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainSettings {
    pub case_rule: CaseRule,
    pub root_url: Option<String>,
    pub not_found_url: Option<String>,
}

/// Whose domains a change may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainAuthority {
    /// Domains of the caller's workspace.
    Owner,
    /// The default domain and those of every workspace: the caller holds scope `operator`.
    Operator,
}

/// New settings for a domain, made from what the caller read.
#[derive(Clone, Debug)]
pub struct DomainUpdate {
    pub id: DomainId,
    pub authority: DomainAuthority,
    pub settings: DomainSettings,
    /// The revision the caller read.
    pub expected_revision: u32,
    pub audit: AuditEntry,
}

/// The TXT record was seen, or the operator vouches for the domain.
#[derive(Clone, Debug)]
pub struct DomainVerify {
    pub id: DomainId,
    pub authority: DomainAuthority,
    pub audit: AuditEntry,
}

#[derive(Clone, Debug)]
pub struct DomainDelete {
    pub id: DomainId,
    pub expected_revision: Option<u32>,
    pub audit: AuditEntry,
}

/// Short domains.
#[async_trait]
pub trait DomainStore: Send + Sync {
    /// Makes an unverified domain. A host that another workspace claimed, but did not prove within
    /// `limits::DOMAIN_CLAIM_MS`, is free.
    async fn domain_create(
        &self,
        caller: Caller,
        create: DomainCreate,
        now: Timestamp,
    ) -> Result<DomainCreated, StoreError>;

    /// A domain of the workspace, or the default domain.
    async fn domain_get(
        &self,
        workspace_id: WorkspaceId,
        id: DomainId,
    ) -> Result<Option<ShortDomain>, StoreError>;

    /// The workspace's domains and the default one, newest first.
    async fn domain_list(
        &self,
        workspace_id: WorkspaceId,
        page: Page,
    ) -> Result<Paged<ShortDomain>, StoreError>;

    /// The domain of a host, whosever it is; `None` for the default domain's. For the redirect path and the list of allowed
    /// domains.
    async fn domain_by_host(&self, host: DomainHost) -> Result<Option<ShortDomain>, StoreError>;

    /// Changes a domain. `Conflict` when the case rule would change under links or slugs that are not free.
    async fn domain_update(
        &self,
        caller: Caller,
        update: DomainUpdate,
        now: Timestamp,
    ) -> Result<Changed<ShortDomain>, StoreError>;

    /// Lets a domain serve; a verified one stays as it is.
    async fn domain_verify(
        &self,
        caller: Caller,
        verify: DomainVerify,
        now: Timestamp,
    ) -> Result<Changed<ShortDomain>, StoreError>;

    /// Deletes a domain of the workspace with the slugs it kept. `Conflict` while links live on it.
    async fn domain_delete(
        &self,
        caller: Caller,
        delete: DomainDelete,
        now: Timestamp,
    ) -> Result<Changed<ShortDomain>, StoreError>;
}
