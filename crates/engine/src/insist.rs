//! Store calls that must not be given up lightly: repeated with back-off while the lease they stand on holds.

use hopline_domain::{store::StoreError, time::Timestamp};
use tokio_util::sync::CancellationToken;

use crate::{backoff::Backoff, parts::EngineParts};

const RETRY_MS_MIN: u64 = 100;
const RETRY_MS_MAX: u64 = 5_000;
/// More than fit in any lease; only a clock that stands still could need a bound of its own.
const TRIES_MAX: u32 = 1_000;

/// How long to insist.
pub(crate) struct Insist<'a> {
    pub(crate) parts: &'a EngineParts,
    /// Cancelled when the process has no more time for this.
    pub(crate) abandon: &'a CancellationToken,
    /// Names the call in the log.
    pub(crate) operation: &'static str,
}

impl Insist<'_> {
    /// Calls until the store answers. Gives up with the last error when `lease_until` has passed or the process ends.
    pub(crate) async fn on<T, Call>(
        &self,
        lease_until: impl Fn() -> Timestamp,
        call: impl Fn(Timestamp) -> Call,
    ) -> Result<T, StoreError>
    where
        Call: Future<Output = Result<T, StoreError>>,
    {
        let mut backoff = Backoff::new(RETRY_MS_MIN, RETRY_MS_MAX);
        let mut tries = 0;
        loop {
            let error = match call(self.parts.now()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tries += 1;
            // Said once: hundreds may be waiting for the same store.
            if tries == 1 {
                tracing::warn!(store.operation = self.operation, %error, "the store did not answer; it is asked again");
            }
            let wait = self.abandon.run_until_cancelled(tokio::time::sleep(backoff.next()));
            if wait.await.is_none() || tries >= TRIES_MAX || self.parts.now() >= lease_until() {
                return Err(error);
            }
        }
    }
}
