//! Starting and stopping: every task has this parent (I13). A first signal asks all to end, a second one ends at once.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long work under way may go on after a stop was asked for.
pub(crate) const DRAIN_MS: u64 = 30_000;

/// The tasks of one process and the word that they should end.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    pub(crate) tracker: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// How stopping went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Everything ended by itself.
    Whole,
    /// The deadline passed; what was under way is taken up again by the next start.
    Cut,
}

impl Lifecycle {
    /// Asks all tasks to end and waits for them, at most `deadline_ms`.
    pub(crate) async fn drain(&self, deadline_ms: u64) -> Drained {
        self.stop.cancel();
        self.tracker.close();
        match tokio::time::timeout(Duration::from_millis(deadline_ms), self.tracker.wait()).await {
            Ok(()) => Drained::Whole,
            Err(_) => Drained::Cut,
        }
    }
}

/// `SIGTERM` and `SIGINT`, listened to from the moment this is made.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context("listen to signals");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// The next signal's name.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn draining_waits_for_what_ends_and_leaves_what_does_not() {
        let gentle = Lifecycle::default();
        let stop = gentle.stop.clone();
        gentle.tracker.spawn(async move { stop.cancelled().await });
        assert_eq!(gentle.drain(DRAIN_MS).await, Drained::Whole);

        let stuck = Lifecycle::default();
        stuck.tracker.spawn(std::future::pending::<()>());
        assert_eq!(stuck.drain(DRAIN_MS).await, Drained::Cut);
    }
}
