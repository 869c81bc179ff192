//! Runs pages in worker processes, a bounded number at a time.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{
    conversation::{Allowance, Breach, converse},
    error::{ScriptError, WorkerEnd},
    host::PageHost,
    process::{NotReady, WorkerProcess},
    settings::{ScriptCommand, ScriptLimits},
    spares::Spares,
};
use crate::{
    protocol::{TO_WORKER_BYTES_MAX, ToWorker, encode},
    task::{PageReport, PageTask},
};

/// Runs pages. One for the whole program, in one runtime: its workers are bounded together.
#[derive(Debug)]
pub struct ScriptEngine {
    limits: ScriptLimits,
    places: Semaphore,
    spares: Arc<Spares>,
}

impl ScriptEngine {
    /// Starts nothing yet.
    pub fn new(command: ScriptCommand, limits: ScriptLimits) -> Self {
        let places = Semaphore::new(limits.pages_max.get());
        Self { limits, places, spares: Spares::new(command) }
    }

    /// Runs one page in a process of its own. Waits for a place first, which only the caller's own deadline bounds; dropping
    /// the future ends the process at once.
    pub async fn run(&self, task: PageTask, host: &mut dyn PageHost) -> Result<PageReport, ScriptError> {
        let _place = self.places.acquire().await;
        host.begun().await;
        let allowance = Allowance::new(self.limits.page_time_max, task.fetches_max);
        let page = encode(&ToWorker::Page(task), TO_WORKER_BYTES_MAX).map_err(|_| ScriptError::TooLarge)?;
        let mut worker = self.ready_worker().await?;
        let outcome = self.talk(&mut worker, host, (page, allowance)).await;
        match outcome {
            // Nobody waits for the end of a process that has nothing more to say: dropped is killed, the runtime reaps it.
            Ok(report) => Ok(report),
            Err(breach) => Err(self.explain(breach, worker.end().await)),
        }
    }

    async fn talk(
        &self,
        worker: &mut WorkerProcess,
        host: &mut dyn PageHost,
        (page, mut allowance): (Vec<u8>, Allowance),
    ) -> Result<PageReport, Breach> {
        allowance.wait(worker.say(&page)).await?.map_err(|_| Breach::Ended)?;
        drop(page);
        self.spares.fill();
        converse(worker, host, allowance).await
    }

    /// The oldest spare that lives, else a new one.
    async fn ready_worker(&self) -> Result<WorkerProcess, ScriptError> {
        while let Some(mut spare) = self.spares.take() {
            if spare.ready().await.is_ok() {
                return Ok(spare);
            }
        }
        let mut fresh = self.start()?;
        match fresh.ready().await {
            Ok(()) => Ok(fresh),
            Err(NotReady::Ended) => Err(ScriptError::NotReady { end: fresh.end().await }),
            Err(NotReady::Babbled) => Err(ScriptError::NotReady { end: WorkerEnd::Babbling }),
        }
    }

    fn start(&self) -> Result<WorkerProcess, ScriptError> {
        let command = self.spares.command();
        WorkerProcess::start(command)
            .map_err(|source| ScriptError::Unavailable { program: command.program.clone(), source })
    }

    fn explain(&self, breach: Breach, end: WorkerEnd) -> ScriptError {
        let error = match breach {
            Breach::OutOfTime => ScriptError::TimedOut { page_time_max: self.limits.page_time_max },
            Breach::Ended => ScriptError::Killed { end },
            Breach::TooMuch => {
                ScriptError::Protocol { reason: "it asks for more than a page may".to_owned() }
            }
            Breach::OutOfTurn => ScriptError::Protocol { reason: "a message is out of turn".to_owned() },
            Breach::Frame(error) => error.into(),
        };
        if matches!(
            error,
            ScriptError::Protocol { .. } | ScriptError::Killed { end: WorkerEnd::ForbiddenCall }
        ) {
            tracing::warn!(script.error = %error, "a page tried to break out of the script engine and was ended");
        }
        error
    }
}
