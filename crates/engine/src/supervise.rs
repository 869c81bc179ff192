//! Keeps workers running: each is a named task; one that panics is recorded as dead, logged and started again (I13).

use std::{any::Any, sync::Arc};

use futures_util::future::BoxFuture;
use hopline_domain::time::Clock;
use tokio::task::JoinError;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{backoff::Backoff, health::Beat, meters};

const RESTART_MS_MIN: u64 = 500;
const RESTART_MS_MAX: u64 = 60_000;
/// A worker that ran this long before it died is started again as quickly as the first time.
const STEADY_MS: i64 = 60_000;

/// Something that goes on until it is told to stop.
pub(crate) trait Worker: Send + Sync {
    fn name(&self) -> &'static str;

    /// The longest a healthy worker goes without a beat.
    fn silence_ms_max(&self) -> i64;

    /// Works until `stop`, beating whenever it comes round, then drains. May be called again after a panic.
    fn run(self: Arc<Self>, beat: Beat, stop: CancellationToken) -> BoxFuture<'static, ()>;
}

/// What watching one worker takes.
pub(crate) struct Supervisor {
    pub(crate) worker: Arc<dyn Worker>,
    pub(crate) beat: Beat,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tracker: TaskTracker,
}

impl Supervisor {
    /// Runs the worker, again and again if it dies, until `stop`.
    pub(crate) async fn watch(self, stop: CancellationToken) {
        let mut backoff = Backoff::new(RESTART_MS_MIN, RESTART_MS_MAX);
        loop {
            let started_at = self.clock.now();
            let run = Arc::clone(&self.worker).run(self.beat.clone(), stop.clone());
            let ended = self.tracker.spawn(run).await;
            if ended.is_ok() && stop.is_cancelled() {
                return;
            }
            self.mourn(ended);
            if self.clock.now().since_ms(started_at) > STEADY_MS {
                backoff.reset();
            }
            if stop.run_until_cancelled(tokio::time::sleep(backoff.next())).await.is_none() {
                return;
            }
        }
    }

    fn mourn(&self, ended: Result<(), JoinError>) {
        let reason = match ended {
            Ok(()) => "it ended by itself".to_owned(),
            Err(error) => death_of(error),
        };
        let name = self.worker.name();
        tracing::error!(worker.name = name, worker.death = reason, "a worker died and is started again");
        meters::worker_died(name);
        self.beat.died(reason);
    }
}

fn death_of(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => format!("it panicked: {}", text_of(&*panic)),
        Err(error) => error.to_string(),
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use hopline_domain::time::SystemClock;
    use tokio::sync::Notify;

    use super::*;
    use crate::health::{Health, WorkerState};

    #[derive(Default)]
    struct Clumsy {
        runs: AtomicU32,
        recovered: Notify,
    }

    impl Worker for Clumsy {
        fn name(&self) -> &'static str {
            "clumsy"
        }

        fn silence_ms_max(&self) -> i64 {
            60_000
        }

        fn run(self: Arc<Self>, beat: Beat, stop: CancellationToken) -> BoxFuture<'static, ()> {
            Box::pin(async move {
                assert!(self.runs.fetch_add(1, Ordering::SeqCst) > 0, "first steps");
                beat.beat();
                self.recovered.notify_one();
                stop.cancelled().await;
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_panics_shows_as_dead_and_is_started_again() {
        let clock = Arc::new(SystemClock);
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        let health = Health::new(clock.clone(), &[("clumsy", 60_000)]);
        let worker = Arc::new(Clumsy::default());
        let beat = health.beats().next().unwrap();
        let supervisor = Supervisor { worker: worker.clone(), beat, clock, tracker: tracker.clone() };
        let watching = tracker.spawn(supervisor.watch(stop.clone()));
        let dead = WorkerState::Dead { reason: "it panicked: first steps".to_owned() };
        while health.workers()[0].state != dead {
            tokio::task::yield_now().await;
        }
        worker.recovered.notified().await;
        assert_eq!(health.workers()[0].state, WorkerState::Alive);
        stop.cancel();
        watching.await.unwrap();
        assert_eq!(worker.runs.load(Ordering::SeqCst), 2);
    }
}
