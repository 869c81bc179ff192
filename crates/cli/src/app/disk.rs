//! How much room the data folder has: asked of the file system once a second at most.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use hopline_domain::time::{Clock, SECOND_MS, Timestamp};
use hopline_server::StorageGate;

const CACHED_MS: i64 = SECOND_MS;

/// Free bytes of the disk the folder lies on.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<(Timestamp, Option<u64>)>>,
}

impl Disk {
    pub(crate) fn new(folder: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self { folder, clock, last: Mutex::new(None) }
    }
}

impl StorageGate for Disk {
    fn free_bytes(&self) -> Option<u64> {
        let now = self.clock.now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((at, free)) if (0..CACHED_MS).contains(&now.since_ms(at)) => free,
            _ => {
                let free = fs4::available_space(&self.folder).ok();
                *last = Some((now, free));
                free
            }
        }
    }
}
