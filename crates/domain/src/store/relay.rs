//! Telling endpoints of clicks: the click is the record, a cursor in the core file says which were told.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    click::{JournalClick, JournalOffset},
    id::LinkId,
    short_link::ShortUrls,
    store::StoreError,
    time::Timestamp,
};

/// Clicks to tell of, in the journal's order.
#[derive(Clone, Debug)]
pub struct RelayBatch {
    /// Where the cursor stands.
    pub from: JournalOffset,
    pub clicks: Vec<JournalClick>,
    /// Where it is to stand.
    pub next: JournalOffset,
    /// Human clicks ever of the links a person clicked in this batch: what `max_clicks` is measured against.
    pub spent: Vec<(LinkId, u64)>,
    pub urls: Arc<ShortUrls>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relayed {
    Moved {
        deliveries: u32,
    },
    /// The cursor stands elsewhere: nothing was written.
    Stale,
}

#[async_trait]
pub trait RelayStore: Send + Sync {
    /// Everything before this was told.
    async fn relay_cursor(&self) -> Result<JournalOffset, StoreError>;

    /// Queues one `link.clicked` for each click and endpoint that wants it, raises `link.limit_reached` once for a limit
    /// that is reached, and moves the cursor, in one transaction: never lost, never twice.
    async fn relay_clicks(&self, batch: RelayBatch, now: Timestamp) -> Result<Relayed, StoreError>;
}
