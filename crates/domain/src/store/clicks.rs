//! Clicks folded from the journal: raw ones, roll-ups, and what is asked of them.

use async_trait::async_trait;

use crate::{
    click::{
        JournalBatch, JournalClick, JournalOffset,
        analytics::{Analysed, Question, Span},
    },
    id::{LinkId, WorkspaceId},
    store::{AuditEntry, Caller, StoreError},
    time::Timestamp,
};

/// What folding a batch did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Everything before this is folded now.
    pub until: JournalOffset,
    /// Clicks of the batch that were not folded before.
    pub clicks: u32,
}

/// A link's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkCount {
    /// Human clicks: what `clicks` shows.
    pub humans: u64,
    pub bots: u64,
    /// Human clicks ever, deleted ones too: what `max_clicks` is measured against.
    pub spent: u64,
    /// Of a person.
    pub last_clicked_at: Option<Timestamp>,
}

/// Whose clicks an export shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClickFilter {
    pub link_id: Option<LinkId>,
    pub span: Span,
}

/// Takes a link's clicks and roll-ups away.
#[derive(Clone, Debug)]
pub struct ClickDeletion {
    pub link_id: LinkId,
    /// End of the journal: the link's clicks before it are not folded any more.
    pub until: JournalOffset,
    pub audit: AuditEntry,
}

/// Folded clicks and their roll-ups.
#[async_trait]
pub trait ClickStore: Send + Sync {
    /// Where folding goes on.
    async fn click_folded_until(&self) -> Result<JournalOffset, StoreError>;

    /// Adds a batch to raw clicks, counters, roll-ups and sketches, and moves the offset, at once. What was folded
    /// before is passed over, so a batch may be given twice.
    async fn click_fold(&self, batch: JournalBatch) -> Result<Folded, StoreError>;

    /// At most `limit` folded clicks of all workspaces from `from` on, in the journal's order: what the relay reads.
    async fn click_read(&self, from: JournalOffset, limit: u32) -> Result<Vec<JournalClick>, StoreError>;

    /// The numbers of these links, in their order; zeros for those never clicked.
    async fn link_counts(&self, links: Vec<LinkId>) -> Result<Vec<LinkCount>, StoreError>;

    async fn click_analyse(
        &self,
        workspace_id: WorkspaceId,
        question: Question,
    ) -> Result<Analysed, StoreError>;

    /// At most `limit` clicks of a workspace after `after`, by time, then place: one piece of an export.
    async fn click_list(
        &self,
        workspace_id: WorkspaceId,
        filter: ClickFilter,
        after: Option<(Timestamp, JournalOffset)>,
        limit: u32,
    ) -> Result<Vec<JournalClick>, StoreError>;

    /// Takes a link's raw clicks, shown numbers, roll-ups and sketches away, and what the workspace's roll-ups count
    /// of them; answers how many raw clicks that were. The workspace's sketches stay: they name nobody. The audit line
    /// is written first.
    async fn click_delete(
        &self,
        caller: Caller,
        deletion: ClickDeletion,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Removes at most `limit` raw clicks from before `before`; roll-ups stay.
    async fn click_sweep(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError>;
}
