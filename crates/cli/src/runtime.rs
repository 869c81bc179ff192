//! The async runtimes: as many threads as cores for work, one for calls to a server.

use std::thread;

use anyhow::{Context as _, Result};
use tokio::runtime::{Builder, Runtime};

/// File reads and name look-ups that block; the store has threads of its own.
const BLOCKING_THREADS_MAX: usize = 16;
/// Idle memory is bounded; beyond this many cores the work does not spread further.
const WORKER_THREADS_MAX: usize = 32;

/// One worker thread a core.
pub(crate) fn parallel() -> Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(cores.min(WORKER_THREADS_MAX)).max_blocking_threads(BLOCKING_THREADS_MAX);
    builder.enable_all().build().context("start the async runtime")
}

/// Everything on the calling thread.
pub(crate) fn single() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("start the async runtime")
}
