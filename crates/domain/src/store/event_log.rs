//! The event log: what was told, in the order of commit.

use async_trait::async_trait;

use crate::{
    event::EventType,
    id::{EventId, JobId, LinkId, WorkspaceId},
    store::{Page, Paged, StoreError},
    time::Timestamp,
};

/// An event of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Place in the order of commit.
    pub seq: i64,
    pub id: EventId,
    pub event_type: EventType,
    pub job_id: Option<JobId>,
    pub link_id: Option<LinkId>,
    pub created_at: Timestamp,
    /// As endpoints get it.
    pub body: Vec<u8>,
}

/// The event log. Clicks are not in it.
#[async_trait]
pub trait EventStore: Send + Sync {
    async fn event_get(
        &self,
        workspace_id: WorkspaceId,
        id: EventId,
    ) -> Result<Option<LoggedEvent>, StoreError>;

    /// Newest first; with a type, only those of it.
    async fn event_list(
        &self,
        workspace_id: WorkspaceId,
        event_type: Option<EventType>,
        page: Page,
    ) -> Result<Paged<LoggedEvent>, StoreError>;

    /// What was committed after `seq`, oldest first, at most `limit`.
    async fn event_after(
        &self,
        workspace_id: WorkspaceId,
        event_type: Option<EventType>,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError>;

    /// The last `seq` given out; 0 when there was no event yet.
    async fn event_last_seq(&self) -> Result<i64, StoreError>;
}
