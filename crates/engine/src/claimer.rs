//! The loop of a worker that lives by claims: claim while there is room, sleep until there is more, drain at the end.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use hopline_domain::store::StoreError;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{backoff::Backoff, health::Beat, parts::EngineParts, slots::Slots, supervise::Worker};

const STORE_RETRY_MS_MIN: u64 = 100;
const STORE_RETRY_MS_MAX: u64 = 5_000;
/// The longest a healthy worker waits for the store.
const SILENCE_MS_MAX: i64 = 30_000;
/// What work under way gets to hand itself back after the drain deadline.
const HAND_BACK_MS_MAX: u64 = 1_000;

/// What one claim came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) count: u32,
    pub(crate) left: Left,
}

/// What a claim left in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// As much was claimed as was asked for: there may be more.
    Perhaps,
    /// Nothing that could be begun now.
    Nothing,
}

impl Claimed {
    /// Nothing could be asked for: every slot is held.
    pub(crate) const NO_ROOM: Self = Self { count: 0, left: Left::Perhaps };

    pub(crate) fn of(count: u32, limit: u32) -> Self {
        Self { count, left: if count >= limit { Left::Perhaps } else { Left::Nothing } }
    }
}

/// Work that is claimed, with a slot for everything claimed.
pub(crate) trait Claims: Send + Sync + 'static {
    fn name(&self) -> &'static str;

    fn parts(&self) -> &EngineParts;

    fn slots(&self) -> &Slots;

    /// Cancelled when draining took too long: what is still under way is handed back.
    fn abandon(&self) -> &CancellationToken;

    /// Completes when the store says that there is more. What it says after this call is not missed.
    fn listen(&self) -> impl Future<Output = ()> + Send;

    /// Claims and begins what it got; hands it back once `stop` is cancelled.
    fn claim(
        self: &Arc<Self>,
        stop: &CancellationToken,
    ) -> impl Future<Output = Result<Claimed, StoreError>> + Send;

    /// Waits, after a claim left nothing, until `woken` or for another reason to look again.
    fn idle(&self, woken: impl Future<Output = ()> + Send) -> impl Future<Output = ()> + Send;

    /// Hands back what was claimed and not begun.
    fn hand_back_unbegun(&self) -> impl Future<Output = ()> + Send;
}

/// A worker that claims.
pub(crate) struct Claimer<C>(pub(crate) Arc<C>);

impl<C: Claims> Claimer<C> {
    /// Works on everything that is due now and waits for its end; answers how much that was.
    pub(crate) async fn step(&self) -> Result<u64, StoreError> {
        let mut worked = 0;
        loop {
            let claimed = self.0.claim(&CancellationToken::new()).await?;
            if claimed.count == 0 {
                return Ok(worked);
            }
            worked += u64::from(claimed.count);
            self.0.slots().all_free().await;
        }
    }

    async fn rest(&self, left: Left, woken: impl Future<Output = ()> + Send) {
        match left {
            Left::Perhaps => {
                let poll = Duration::from_millis(self.0.parts().settings.idle_poll_ms);
                drop(timeout(poll, self.0.slots().room()).await);
            }
            Left::Nothing => self.0.idle(woken).await,
        }
    }

    /// Lets work under way end, and has it handed back when that takes longer than the drain deadline.
    async fn drain(&self) {
        self.0.hand_back_unbegun().await;
        let deadline = Duration::from_millis(self.0.parts().settings.drain_ms);
        if timeout(deadline, self.0.slots().all_free()).await.is_err() {
            self.0.abandon().cancel();
            drop(timeout(Duration::from_millis(HAND_BACK_MS_MAX), self.0.slots().all_free()).await);
        }
    }
}

impl<C: Claims> Worker for Claimer<C> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn silence_ms_max(&self) -> i64 {
        SILENCE_MS_MAX
    }

    fn run(self: Arc<Self>, beat: Beat, stop: CancellationToken) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut backoff = Backoff::new(STORE_RETRY_MS_MIN, STORE_RETRY_MS_MAX);
            while !stop.is_cancelled() {
                beat.beat();
                // Listening begins before looking: what comes in between is not missed.
                let woken = self.0.listen();
                match self.0.claim(&stop).await {
                    Ok(claimed) => {
                        backoff.reset();
                        stop.run_until_cancelled(self.rest(claimed.left, woken)).await;
                    }
                    Err(error) => {
                        tracing::warn!(worker.name = self.0.name(), %error, "nothing could be claimed; it is tried again");
                        stop.run_until_cancelled(tokio::time::sleep(backoff.next())).await;
                    }
                }
            }
            self.drain().await;
        })
    }
}
