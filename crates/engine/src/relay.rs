//! Tells endpoints of clicks, as fast as deliveries go out: when too many wait, clicks wait where they are.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use hopline_domain::{
    click::{JournalClick, JournalOffset},
    id::LinkId,
    store::{RelayBatch, Relayed, StoreError},
};
use tokio_util::sync::CancellationToken;

use crate::{backoff::Backoff, health::Beat, meters, parts::EngineParts, supervise::Worker};

/// Clicks of one transaction.
const BATCH_CLICKS: u32 = 500;
/// Batches between two beats.
const BATCHES_MAX: u32 = 40;
/// Deliveries that may wait before clicks do: they lie in their own file, and nothing of them is lost.
const PENDING_MAX: u64 = 1_000_000;
/// A look is taken at least this often, news or not.
const IDLE_MS: u64 = 5_000;
/// How long it is left alone when too many deliveries wait.
const HELD_MS: u64 = 1_000;
const RETRY_MS_MIN: u64 = 200;
const RETRY_MS_MAX: u64 = 5_000;
/// A round waits for a locked file; more is a hang.
const SILENCE_MS_MAX: i64 = 120_000;

pub(crate) struct Relay {
    pub(crate) parts: Arc<EngineParts>,
}

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Everything was told.
    Idle,
    /// There is more at once.
    More,
    /// Too many deliveries wait.
    Held,
}

impl Relay {
    /// Tells of what there is, at most some batches; answers how many clicks that were.
    pub(crate) async fn round(&self) -> Result<u64, StoreError> {
        self.tell().await.map(|(clicks, _)| clicks)
    }

    async fn tell(&self) -> Result<(u64, Ended), StoreError> {
        let store = &self.parts.store;
        let mut cursor = store.relay_cursor().await?;
        let (mut told, mut ended) = (0, Ended::More);
        for _ in 0..BATCHES_MAX {
            if store.queue_depths().await?.deliveries_pending >= PENDING_MAX {
                ended = Ended::Held;
                break;
            }
            let clicks = store.click_read(cursor, BATCH_CLICKS).await?;
            let Some(last) = clicks.last() else {
                ended = Ended::Idle;
                break;
            };
            let (count, next) = (clicks.len(), JournalOffset(last.offset.0 + 1));
            let spent = self.spent(&clicks).await?;
            let urls = Arc::clone(&self.parts.short_urls);
            let batch = RelayBatch { from: cursor, clicks, next, spent, urls };
            cursor = match store.relay_clicks(batch, self.parts.now()).await? {
                Relayed::Moved { .. } => {
                    told += u64::try_from(count).unwrap_or(0);
                    next
                }
                Relayed::Stale => store.relay_cursor().await?,
            };
        }
        let behind = store.click_folded_until().await?.0.saturating_sub(cursor.0);
        meters::relayed(told, if ended == Ended::Idle { 0 } else { behind }, ended == Ended::Held);
        Ok((told, ended))
    }

    /// How often persons have clicked each link of a batch that a person clicked.
    async fn spent(&self, clicks: &[JournalClick]) -> Result<Vec<(LinkId, u64)>, StoreError> {
        let human = clicks.iter().filter(|click| click.click.is_human());
        let mut links: Vec<LinkId> = human.map(|click| click.click.link_id).collect();
        links.sort_unstable();
        links.dedup();
        if links.is_empty() {
            return Ok(Vec::new());
        }
        let counts = self.parts.store.link_counts(links.clone()).await?;
        Ok(links.into_iter().zip(counts.into_iter().map(|count| count.spent)).collect())
    }

    async fn rest(
        &self,
        ended: Result<(u64, Ended), StoreError>,
        news: impl Future<Output = ()>,
        backoff: &mut Backoff,
    ) {
        match ended {
            Ok((_, Ended::More)) => backoff.reset(),
            Ok((_, Ended::Held)) => tokio::time::sleep(Duration::from_millis(HELD_MS)).await,
            Ok((_, Ended::Idle)) => {
                backoff.reset();
                // No news in that time is no fault.
                let _ = tokio::time::timeout(Duration::from_millis(IDLE_MS), news).await;
            }
            Err(error) => {
                tracing::warn!(%error, "endpoints could not be told of clicks; it is tried again, none is lost");
                tokio::time::sleep(backoff.next()).await;
            }
        }
    }
}

impl Worker for Relay {
    fn name(&self) -> &'static str {
        "relay"
    }

    fn silence_ms_max(&self) -> i64 {
        SILENCE_MS_MAX
    }

    fn run(self: Arc<Self>, beat: Beat, stop: CancellationToken) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut backoff = Backoff::new(RETRY_MS_MIN, RETRY_MS_MAX);
            loop {
                beat.beat();
                // Listening begins before looking: what comes in between is not missed.
                let news = self.parts.wake.listen_clicks_folded();
                let Some(ended) = stop.run_until_cancelled(self.tell()).await else { return };
                beat.beat();
                let resting = self.rest(ended, news, &mut backoff);
                if stop.run_until_cancelled(resting).await.is_none() {
                    return;
                }
            }
        })
    }
}
