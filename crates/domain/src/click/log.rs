//! The click journal as others see it: redirects write it before they answer, a worker reads it. No part of the store.

use std::fmt;

use async_trait::async_trait;

use crate::click::{Click, JournalBatch, JournalOffset};

/// What became of a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// In the journal: answer.
    Written,
    /// The journal can't be written and the operator wants redirects to go on: answer. It was counted.
    Lost,
    /// The journal can't be written and the operator wants no redirect without its click: answer 503.
    Refused,
}

/// Where clicks go before their redirects are answered.
#[async_trait]
pub trait ClickLog: Send + Sync + fmt::Debug {
    /// Answers once the click is in the journal, where killing the process does not lose it.
    async fn append(&self, click: Click) -> Appended;
}

/// The journal can't be read.
#[derive(Debug, thiserror::Error)]
#[error("read the click journal: {detail}")]
pub struct ClickFeedError {
    pub detail: String,
}

/// The journal as the worker sees that folds it.
#[async_trait]
pub trait ClickFeed: Send + Sync + fmt::Debug {
    /// At most `limit` clicks from `from` on, or from the first record still kept, if that is later. Empty = nothing
    /// new, or only what was damaged: `next` is past it.
    async fn read(&self, from: JournalOffset, limit: usize) -> Result<JournalBatch, ClickFeedError>;

    /// Everything before this is written.
    fn end(&self) -> JournalOffset;

    /// Completes when something lies at or after `from`.
    async fn wait_for(&self, from: JournalOffset);

    /// Removes what lies before `until`, as far as whole segments do.
    async fn forget(&self, until: JournalOffset) -> Result<(), ClickFeedError>;
}
