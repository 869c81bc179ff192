//! Folds the click journal into the clicks file, batch by batch, and lets go of what was folded.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use hopline_domain::{
    click::JournalOffset,
    store::{ClickFeedError, StoreError},
};
use tokio_util::sync::CancellationToken;

use crate::{backoff::Backoff, health::Beat, meters, parts::EngineParts, supervise::Worker};

/// Clicks of one transaction.
const BATCH_MAX: usize = 5_000;
/// Batches between two beats.
const BATCHES_MAX: u32 = 20;
/// Between two rounds: what comes meanwhile makes one larger batch.
const PAUSE_MS: u64 = 200;
/// A beat is given at least this often, news or not.
const IDLE_MS: u64 = 10_000;
const RETRY_MS_MIN: u64 = 200;
const RETRY_MS_MAX: u64 = 5_000;
/// A round waits for a locked file; more is a hang.
const SILENCE_MS_MAX: i64 = 120_000;

pub(crate) struct Fold {
    pub(crate) parts: Arc<EngineParts>,
}

impl Fold {
    /// Folds what the journal holds, at most some batches; how many clicks that were, and where it stands then.
    pub(crate) async fn round(&self) -> Result<(u64, JournalOffset), StoreError> {
        let mut from = self.parts.store.click_folded_until().await?;
        let mut clicks = 0;
        for _ in 0..BATCHES_MAX {
            let batch = self.parts.clicks.read(from, BATCH_MAX).await.map_err(unavailable)?;
            if batch.next <= from {
                break;
            }
            let folded = self.parts.store.click_fold(batch).await?;
            from = folded.until;
            clicks += u64::from(folded.clicks);
        }
        self.parts.clicks.forget(from).await.map_err(unavailable)?;
        meters::folded(clicks, self.parts.clicks.end().0.saturating_sub(from.0));
        Ok((clicks, from))
    }

    /// Waits before the next round: for news when all is folded.
    async fn rest(&self, ended: Result<(u64, JournalOffset), StoreError>, backoff: &mut Backoff) {
        let until = match ended {
            Ok((_, until)) => {
                backoff.reset();
                until
            }
            Err(error) => {
                tracing::warn!(%error, "clicks could not be folded; it is tried again, the journal keeps them");
                return tokio::time::sleep(backoff.next()).await;
            }
        };
        tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
        let news = self.parts.clicks.wait_for(until);
        // No news in that time is no fault.
        let _ = tokio::time::timeout(Duration::from_millis(IDLE_MS), news).await;
    }
}

fn unavailable(error: ClickFeedError) -> StoreError {
    StoreError::Unavailable { detail: error.detail }
}

impl Worker for Fold {
    fn name(&self) -> &'static str {
        "fold"
    }

    fn silence_ms_max(&self) -> i64 {
        SILENCE_MS_MAX
    }

    fn run(self: Arc<Self>, beat: Beat, stop: CancellationToken) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut backoff = Backoff::new(RETRY_MS_MIN, RETRY_MS_MAX);
            loop {
                beat.beat();
                let Some(ended) = stop.run_until_cancelled(self.round()).await else { return };
                beat.beat();
                if stop.run_until_cancelled(self.rest(ended, &mut backoff)).await.is_none() {
                    return;
                }
            }
        })
    }
}
