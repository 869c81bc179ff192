//! What `/readyz` is told of this process: its workers, and whether it is stopping (I13).

use std::sync::Arc;

use hopline_clicks::Journal;
use hopline_engine::{Health, WorkerHealth, WorkerState};
use hopline_server::{Readiness, ReadinessCheck, ReadinessReport, ReadinessState};
use tokio_util::sync::CancellationToken;

/// Looks at the workers whenever it is asked.
#[derive(Debug)]
pub(super) struct ProcessReadiness {
    /// `None` when work is done by hand.
    pub(super) health: Option<Health>,
    pub(super) journal: Arc<Journal>,
    pub(super) stop: CancellationToken,
}

impl Readiness for ProcessReadiness {
    fn report(&self) -> ReadinessReport {
        let workers = self.health.as_ref().map(Health::workers).unwrap_or_default();
        let mut checks: Vec<ReadinessCheck> = workers.into_iter().map(of_worker).collect();
        if let Some(trouble) = self.journal.trouble() {
            let detail = Some(format!("clicks can't be written: {trouble}"));
            checks.push(ReadinessCheck {
                name: "click journal".to_owned(),
                state: ReadinessState::Degraded,
                detail,
            });
        }
        if self.stop.is_cancelled() {
            let detail = Some("the server is shutting down".to_owned());
            checks.push(ReadinessCheck {
                name: "lifecycle".to_owned(),
                state: ReadinessState::Failed,
                detail,
            });
        }
        ReadinessReport { checks }
    }
}

fn of_worker(worker: WorkerHealth) -> ReadinessCheck {
    let (state, detail) = match worker.state {
        WorkerState::Alive => (ReadinessState::Ok, None),
        WorkerState::Silent => (ReadinessState::Degraded, Some(format!("last seen at {}", worker.last_beat))),
        WorkerState::Dead { reason } => (ReadinessState::Failed, Some(reason)),
    };
    ReadinessCheck { name: format!("worker {}", worker.name), state, detail }
}
