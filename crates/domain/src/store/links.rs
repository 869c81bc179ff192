//! Short links: making, finding, changing and deleting them, and what the redirect path reads.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;

use crate::{
    id::{AuditId, DomainId, EventId, LeaseToken, LinkId, TagId, WorkspaceId},
    idempotency::IdempotencyClaim,
    problem::Fault,
    short_link::{HealthStatus, LinkContent, LinkStatus, ShortLink, ShortUrls, Slug, TagName},
    store::{Caller, Page, Paged, StoreError},
    time::Timestamp,
};

/// Which slug a link gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlugChoice {
    Chosen(Slug),
    /// Random ones, tried in order until one is free.
    Random(Vec<Slug>),
}

/// A tag for a link: the workspace's tag of that name, or a new one with this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagChoice {
    pub id: TagId,
    pub name: TagName,
}

/// A link to make; its content was checked (`short_link::check`).
#[derive(Clone, Debug)]
pub struct NewLink {
    pub id: LinkId,
    pub domain_id: DomainId,
    pub slug: SlugChoice,
    pub content: LinkContent,
    pub tags: Vec<TagChoice>,
}

/// Ids of what is written beside a link: its event and its audit line.
#[derive(Clone, Copy, Debug)]
pub struct LinkDeed {
    pub event_id: EventId,
    pub audit_id: AuditId,
}

/// What all changes of one request have in common.
#[derive(Clone, Debug)]
pub struct LinkScene {
    /// Where the request came from.
    pub address: Option<IpAddr>,
    pub urls: Arc<ShortUrls>,
    pub quota: LinkQuota,
}

/// How many the workspace's plan allows; `None` = any number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkQuota {
    pub links_max: Option<u32>,
    /// Links with a saved design.
    pub qr_codes_max: Option<u32>,
}

/// Everything one `POST /v1/links` brings.
#[derive(Clone, Debug)]
pub struct LinkCreate {
    pub link: NewLink,
    pub deed: LinkDeed,
    pub scene: LinkScene,
    pub idempotency: Option<IdempotencyClaim>,
}

/// Everything one `PUT /v1/links/by-external-id/{ext}` brings. The content's `external_id` names the link.
#[derive(Clone, Debug)]
pub struct LinkUpsert {
    /// The link if there is none yet; else its content and tags replace what is there. A random slug replaces none.
    pub link: NewLink,
    pub deed: LinkDeed,
    pub scene: LinkScene,
    /// The revision the caller read (`If-Match`); `None` = whatever it is.
    pub expected_revision: Option<u32>,
}

/// Why a link can't be as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkRefused {
    /// Another link has the slug, or a deleted one of another workspace had it.
    SlugTaken,
    /// None of the random slugs is free.
    NoFreeSlug,
    /// The workspace has no such domain, or it is not verified yet.
    DomainUnknown,
    DomainUnverified,
    /// Another link of the workspace has the external id.
    ExternalIdTaken,
    /// A destination lies on a short domain of this server: visitors would be sent in circles.
    OwnDomain {
        pointer: String,
    },
    LinksLimit {
        limit: u32,
        used: u32,
    },
    QrCodesLimit {
        limit: u32,
        used: u32,
    },
    /// A link stays on its domain.
    DomainFixed,
    /// Only the operator changes a blocked link's status.
    Blocked,
}

impl LinkRefused {
    /// As a fault of the request, for the rows of a bulk call and for problems with pointers.
    pub fn fault(&self) -> Fault {
        match self {
            Self::SlugTaken => Fault::new("/slug", "slug_taken", "the slug is taken; choose another one"),
            Self::NoFreeSlug => Fault::new("/slug", "no_free_slug", "no random slug was free; try again"),
            Self::DomainUnknown => {
                Fault::new("/domain", "domain_unknown", "the workspace has no such domain; add it first")
            }
            Self::DomainUnverified => Fault::new(
                "/domain",
                "domain_unverified",
                "the domain is not verified yet; set its TXT record and verify it",
            ),
            Self::ExternalIdTaken => {
                Fault::new("/external_id", "external_id_taken", "another link has this external id")
            }
            Self::OwnDomain { pointer } => Fault::new(
                pointer,
                "own_domain",
                "the destination is a short domain of this server; give the final destination",
            ),
            Self::LinksLimit { limit, .. } => {
                Fault::new("", "links_limit", format!("the plan allows {limit} links"))
            }
            Self::QrCodesLimit { limit, .. } => {
                Fault::new("/qr", "qr_codes_limit", format!("the plan allows {limit} saved QR designs"))
            }
            Self::DomainFixed => {
                Fault::new("/domain", "domain_fixed", "a link stays on its domain; make another link")
            }
            Self::Blocked => {
                Fault::new("/status", "blocked", "the link was blocked by the server's operator")
            }
        }
    }
}

/// What a creating call came to.
#[derive(Clone, Debug)]
pub enum LinkCreated {
    New(Box<ShortLink>),
    /// The same request made this link, as it is now.
    Replayed(Box<ShortLink>),
    /// The same request made this link; it was deleted since.
    ReplayedGone(LinkId),
    IdempotencyKeyReused,
    Refused(LinkRefused),
}

/// What a change came to.
#[derive(Clone, Debug)]
pub enum LinkChanged {
    /// `before` is the link as it was: caches forget its slug too.
    Done {
        link: Box<ShortLink>,
        before: Box<ShortLink>,
    },
    NotFound,
    /// Its revision differs from the expected one.
    Stale,
    Refused(LinkRefused),
}

/// What an upsert came to.
#[derive(Clone, Debug)]
pub enum LinkUpserted {
    Created(Box<ShortLink>),
    Changed { link: Box<ShortLink>, before: Box<ShortLink> },
    Stale,
    Refused(LinkRefused),
}

/// What a delete came to.
#[derive(Clone, Debug)]
pub enum LinkDeleted {
    Done(Box<ShortLink>),
    NotFound,
    Stale,
}

/// New content for a link, made from what the caller read.
#[derive(Clone, Debug)]
pub struct LinkUpdate {
    pub link_id: LinkId,
    /// `None` = the slug stays.
    pub slug: Option<Slug>,
    pub content: LinkContent,
    pub tags: Vec<TagChoice>,
    /// The revision the content was made from: a change in between is never lost.
    pub expected_revision: u32,
    pub deed: LinkDeed,
    pub scene: LinkScene,
}

/// The operator blocks or frees a link, of whatever workspace.
#[derive(Clone, Debug)]
pub struct LinkBlock {
    pub link_id: LinkId,
    /// `None` frees it.
    pub reason: Option<String>,
    pub deed: LinkDeed,
    pub scene: LinkScene,
}

#[derive(Clone, Debug)]
pub struct LinkDelete {
    pub link_id: LinkId,
    /// The revision the caller read (`If-Match`); `None` = whatever it is.
    pub expected_revision: Option<u32>,
    pub deed: LinkDeed,
    pub scene: LinkScene,
}

/// One row of a bulk call.
#[derive(Clone, Debug)]
pub struct BulkRow {
    /// The link, or why the row is none.
    pub link: Result<Box<NewLink>, Vec<Fault>>,
    pub deed: LinkDeed,
}

/// A stretch of a bulk call: at most `limits::BULK_CHUNK_ROWS` rows, committed together.
#[derive(Clone, Debug)]
pub struct LinkBulkChunk {
    /// Place of the first of these rows in the whole call, from 0.
    pub first_row: u32,
    pub rows: Vec<BulkRow>,
    /// Rows of the whole call.
    pub rows_total: u32,
    pub scene: LinkScene,
    /// `None` = the call keeps no record and can't be continued.
    pub record: Option<BulkRecord>,
}

/// What a bulk call with an idempotency key brings with every chunk.
#[derive(Clone, Debug)]
pub struct BulkRecord {
    pub claim: IdempotencyClaim,
    /// Of this run of the call: another one with the same key sees it running until then, or until the process ends.
    pub token: LeaseToken,
    pub running_until: Timestamp,
}

/// How far a bulk call is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkProgress {
    pub next_row: u32,
    pub rows_total: u32,
    pub created: u32,
    /// Rows that made no link, in order, with all that is wrong with each.
    pub failed: Vec<(u32, Vec<Fault>)>,
}

/// What a chunk came to.
#[derive(Clone, Debug)]
pub enum BulkChunked {
    /// Committed: what became of each of its rows, in order.
    Done(Vec<Result<Box<ShortLink>, Vec<Fault>>>),
    /// An earlier run with this key got so far and is no more. Nothing was written but that this run goes on: call again from there.
    ContinueAt(BulkProgress),
    /// An earlier run with this key came to its end.
    Replayed(BulkProgress),
    /// Another run with this key is under way.
    InProgress,
    IdempotencyKeyReused,
}

/// Which links a list shows; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkFilter {
    pub domain_id: Option<DomainId>,
    pub tag_id: Option<TagId>,
    /// `None` = all but archived ones.
    pub status: Option<LinkStatus>,
    pub health: Option<HealthStatus>,
    /// Part of the slug, URL or title, in whatever case (ASCII).
    pub text: Option<String>,
}

/// What lies at a path of a short domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectEntry {
    Link {
        link: Arc<ShortLink>,
        /// Bytes of the path that the slug takes: the whole of it, or with `forward_path` a prefix.
        matched_bytes: usize,
    },
    /// A link was deleted here.
    Deleted {
        /// Where its visits go; `None` = 410.
        fallback_url: Option<String>,
    },
    Nothing,
}

/// A link that ends after a number of clicks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkLimit {
    pub link_id: LinkId,
    pub max_clicks: u64,
}

/// Short links. Every change writes its event with deliveries, and its audit line, in the same transaction (I02).
#[async_trait]
pub trait LinkStore: Send + Sync {
    async fn link_create(
        &self,
        caller: Caller,
        create: LinkCreate,
        now: Timestamp,
    ) -> Result<LinkCreated, StoreError>;

    /// Makes or replaces the link of an external id.
    async fn link_upsert(
        &self,
        caller: Caller,
        upsert: LinkUpsert,
        now: Timestamp,
    ) -> Result<LinkUpserted, StoreError>;

    /// Makes the links of one chunk of a bulk call; a row that fails makes none and stops no other.
    async fn link_bulk_chunk(
        &self,
        caller: Caller,
        chunk: LinkBulkChunk,
        now: Timestamp,
    ) -> Result<BulkChunked, StoreError>;

    async fn link_get(&self, workspace_id: WorkspaceId, id: LinkId) -> Result<Option<ShortLink>, StoreError>;

    /// A link of the workspace by its slug, read under the domain's case rule.
    async fn link_by_slug(
        &self,
        workspace_id: WorkspaceId,
        domain_id: DomainId,
        slug: Slug,
    ) -> Result<Option<ShortLink>, StoreError>;

    async fn link_by_external_id(
        &self,
        workspace_id: WorkspaceId,
        external_id: String,
    ) -> Result<Option<ShortLink>, StoreError>;

    /// The workspace's links, newest first. One page looks at no more than `limits::LINK_LIST_ROWS_MAX` links: under a narrow
    /// filter it may be short and yet name a next one.
    async fn link_list(
        &self,
        workspace_id: WorkspaceId,
        filter: LinkFilter,
        page: Page,
    ) -> Result<Paged<ShortLink>, StoreError>;

    async fn link_update(
        &self,
        caller: Caller,
        update: LinkUpdate,
        now: Timestamp,
    ) -> Result<LinkChanged, StoreError>;

    /// The caller must hold scope `operator`: this reaches links of every workspace.
    async fn link_block(
        &self,
        caller: Caller,
        block: LinkBlock,
        now: Timestamp,
    ) -> Result<LinkChanged, StoreError>;

    /// Deletes a link. Its slug stays taken for every workspace but this one.
    async fn link_delete(
        &self,
        caller: Caller,
        delete: LinkDelete,
        now: Timestamp,
    ) -> Result<LinkDeleted, StoreError>;

    /// What a path of a domain means: the exact slug, else the longest prefix with `forward_path`. The path comes without its
    /// leading `/`. Whether the domain is verified is the caller's to ask.
    async fn redirect_lookup(&self, domain_id: DomainId, path: String) -> Result<RedirectEntry, StoreError>;

    /// Links with `max_clicks`, of all workspaces, by id after `after`: read at start, to count from what is stored.
    async fn link_limit_list(&self, after: Option<LinkId>, limit: u32) -> Result<Vec<LinkLimit>, StoreError>;

    /// Raises `link.expired` once for each of up to `limit` links whose end has come; answers how many.
    async fn link_expiry_sweep(
        &self,
        urls: Arc<ShortUrls>,
        limit: u32,
        now: Timestamp,
    ) -> Result<u32, StoreError>;
}
