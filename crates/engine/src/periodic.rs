//! Workers that do one round of something now and then.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use hopline_domain::store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::{health::Beat, supervise::Worker};

/// How late a beat may be: before each round and after it there is one, and none in the middle.
const LATE_MS_MAX: i64 = 30_000;

/// One round of something that is repeated. A round that fails is repeated with the next.
pub(crate) trait Chore: Send + Sync {
    fn name(&self) -> &'static str;

    fn period_ms(&self) -> u64;

    /// Answers how much was done.
    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>>;
}

/// A chore as a worker: a round at once, then one each period.
pub(crate) struct Periodic<C>(pub(crate) Arc<C>);

impl<C: Chore + 'static> Worker for Periodic<C> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn silence_ms_max(&self) -> i64 {
        i64::try_from(self.0.period_ms()).unwrap_or(i64::MAX).saturating_add(LATE_MS_MAX)
    }

    fn run(self: Arc<Self>, beat: Beat, stop: CancellationToken) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let period = Duration::from_millis(self.0.period_ms());
            loop {
                beat.beat();
                if let Some(Err(error)) = stop.run_until_cancelled(self.0.round()).await {
                    tracing::warn!(worker.name = self.0.name(), %error, "a round failed and is tried again");
                }
                beat.beat();
                if stop.run_until_cancelled(tokio::time::sleep(period)).await.is_none() {
                    return;
                }
            }
        })
    }
}
