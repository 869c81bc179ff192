//! Tags of a workspace.

use async_trait::async_trait;

use crate::{
    id::{TagId, WorkspaceId},
    idempotency::IdempotencyClaim,
    short_link::{Tag, TagName},
    store::{AuditEntry, Caller, Changed, Page, Paged, StoreError},
    time::Timestamp,
};

/// A tag with its times and how many links carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagView {
    pub tag: Tag,
    pub links: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Everything one `POST /v1/tags` brings.
#[derive(Clone, Debug)]
pub struct TagCreate {
    pub id: TagId,
    pub name: TagName,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// What a creating call came to.
#[derive(Clone, Debug)]
pub enum TagCreated {
    New(TagView),
    /// The same request made this tag, as it is now.
    Replayed(TagView),
    /// The same request made this tag; it was deleted since.
    ReplayedGone(TagId),
    IdempotencyKeyReused,
    /// The workspace has a tag of that name, in whatever case.
    NameTaken,
}

/// Another name for a tag; its links show it at once.
#[derive(Clone, Debug)]
pub struct TagRename {
    pub id: TagId,
    pub name: TagName,
    /// The name the caller read.
    pub expected: Option<TagName>,
    pub audit: AuditEntry,
}

#[derive(Clone, Debug)]
pub struct TagDelete {
    pub id: TagId,
    pub expected: Option<TagName>,
    pub audit: AuditEntry,
}

/// Tags. Renaming or deleting one is no change of its links and raises no event of theirs.
#[async_trait]
pub trait TagStore: Send + Sync {
    async fn tag_create(
        &self,
        caller: Caller,
        create: TagCreate,
        now: Timestamp,
    ) -> Result<TagCreated, StoreError>;

    async fn tag_get(&self, workspace_id: WorkspaceId, id: TagId) -> Result<Option<TagView>, StoreError>;

    /// The workspace's tags, newest first.
    async fn tag_list(&self, workspace_id: WorkspaceId, page: Page) -> Result<Paged<TagView>, StoreError>;

    /// Renames a tag. `Conflict` when another one has that name.
    async fn tag_rename(
        &self,
        caller: Caller,
        rename: TagRename,
        now: Timestamp,
    ) -> Result<Changed<TagView>, StoreError>;

    /// Deletes a tag and takes it off its links; answers it as it was.
    async fn tag_delete(
        &self,
        caller: Caller,
        delete: TagDelete,
        now: Timestamp,
    ) -> Result<Changed<TagView>, StoreError>;
}
