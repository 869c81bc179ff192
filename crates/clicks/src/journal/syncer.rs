//! The thread that brings what was written to the disk, so that no redirect waits for it.

use std::{
    fs::File,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use super::{JournalError, meters};

#[derive(Debug, Default)]
struct Dirty {
    files: Vec<Arc<File>>,
    stop: bool,
}

#[derive(Debug, Default)]
struct Shared {
    dirty: Mutex<Dirty>,
    changed: Condvar,
    failed: AtomicBool,
}

/// The writer's end.
#[derive(Debug)]
pub(super) struct Syncer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Syncer {
    /// Syncs each file at most `sync_ms` after it was written first.
    pub(super) fn start(sync_ms: u64) -> Result<Self, JournalError> {
        let shared = Arc::new(Shared::default());
        let (own, pause) = (Arc::clone(&shared), Duration::from_millis(sync_ms));
        let thread = std::thread::Builder::new().name("click-sync".to_owned());
        let thread =
            thread.spawn(move || own.serve(pause)).map_err(|source| JournalError::Thread { source })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Says that `file` was written.
    pub(super) fn note(&self, file: &Arc<File>) {
        let mut dirty = self.shared.lock();
        if !dirty.files.iter().any(|known| Arc::ptr_eq(known, file)) {
            dirty.files.push(Arc::clone(file));
            self.shared.changed.notify_one();
        }
    }

    /// Whether a sync failed since this was asked last: what such a file holds is uncertain, write to another.
    pub(super) fn take_failure(&self) -> bool {
        self.shared.failed.swap(false, Ordering::Relaxed)
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the click journal's sync thread had panicked");
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Dirty> {
        self.dirty.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, pause: Duration) {
        while let Some(files) = self.next(pause) {
            for file in files {
                if let Err(error) = file.sync_data() {
                    tracing::error!(%error, "the disk did not take the click journal");
                    meters::sync_failed();
                    self.failed.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    /// Waits for something to sync and gives it `pause` to become more; `None` = stop.
    fn next(&self, pause: Duration) -> Option<Vec<Arc<File>>> {
        let idle = |dirty: &mut Dirty| dirty.files.is_empty() && !dirty.stop;
        let dirty = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let running = |dirty: &mut Dirty| !dirty.stop;
        let waited = self.changed.wait_timeout_while(dirty, pause, running);
        let (mut dirty, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let files = std::mem::take(&mut dirty.files);
        (!files.is_empty()).then_some(files)
    }
}
