//! Processes that wait for their page, started while other pages run: a start takes longer than most pages.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::spawn_blocking;

use super::{process::WorkerProcess, settings::ScriptCommand};

/// Of one engine. Two, so that pages that come right after one another do not wait for one start after the other.
pub(super) const SPARES_MAX: usize = 2;

#[derive(Debug)]
pub(super) struct Spares {
    command: ScriptCommand,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The oldest first: it is the first to be ready.
    waiting: VecDeque<WorkerProcess>,
    starting: usize,
}

impl Spares {
    pub(super) fn new(command: ScriptCommand) -> Arc<Self> {
        Arc::new(Self { command, kept: Mutex::default() })
    }

    pub(super) fn command(&self) -> &ScriptCommand {
        &self.command
    }

    pub(super) fn take(&self) -> Option<WorkerProcess> {
        self.kept().waiting.pop_front()
    }

    /// Starts what is missing, on threads that may wait for the system.
    pub(super) fn fill(self: &Arc<Self>) {
        for _ in 0..self.kept().claim() {
            let spares = Arc::clone(self);
            spawn_blocking(move || spares.start());
        }
    }

    /// If it fails, the page that finds no spare says so.
    fn start(&self) {
        let started = WorkerProcess::start(&self.command);
        let mut kept = self.kept();
        kept.starting -= 1;
        kept.waiting.extend(started);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// How many are to be started, counted as such.
    fn claim(&mut self) -> usize {
        let missing = SPARES_MAX.saturating_sub(self.waiting.len() + self.starting);
        self.starting += missing;
        missing
    }
}
