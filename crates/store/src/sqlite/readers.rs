//! A few threads with read-only connections; each read sees one consistent snapshot.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use hopline_domain::store::StoreError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    connection::{self, File},
    fault::SqlResult,
    rows,
};

/// Reads waiting for a free thread; past it callers get `overloaded`.
const READS_QUEUED_MAX: usize = 4_096;

type Read = Box<dyn FnOnce(&Connection) + Send>;

/// The asking side.
pub(super) struct Readers {
    reads: Option<mpsc::Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(
        file: File,
        folder: &Path,
        count: usize,
        busy_timeout_ms: u64,
    ) -> Result<Self, StoreError> {
        let (reads, inbox) = mpsc::channel::<Read>(READS_QUEUED_MAX);
        let inbox = Arc::new(Mutex::new(inbox));
        let threads = (0..count).map(|number| {
            let connection = connection::open_reader(file, folder, busy_timeout_ms)?;
            let inbox = Arc::clone(&inbox);
            let thread = std::thread::Builder::new().name(format!("{}-{number}", file.name()));
            thread.spawn(move || serve(&connection, &inbox)).map_err(|error| StoreError::Engine {
                operation: "start a reader",
                detail: error.to_string(),
            })
        });
        Ok(Self { threads: threads.collect::<Result<_, _>>()?, reads: Some(reads) })
    }

    /// Runs `work` on a snapshot. `operation` fits "failed to …".
    pub(super) async fn run<T, W>(&self, operation: &'static str, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> SqlResult<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let read: Read = Box::new(move |connection| {
            let result = snapshot(connection, work).map_err(|fault| fault.into_store(operation));
            // A caller that went away needs no answer.
            let _ = reply.send(result);
        });
        let stopped = || StoreError::Unavailable { detail: "the readers have stopped".to_owned() };
        let reads = self.reads.as_ref().ok_or_else(stopped)?;
        reads.try_send(read).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded { queue_max: READS_QUEUED_MAX },
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.reads = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader thread had panicked");
            }
        }
    }
}

fn serve(connection: &Connection, inbox: &Mutex<mpsc::Receiver<Read>>) {
    loop {
        let next = inbox.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(read) = next else { return };
        read(connection);
    }
}

fn snapshot<T>(connection: &Connection, work: impl FnOnce(&Connection) -> SqlResult<T>) -> SqlResult<T> {
    rows::write(connection, "begin", [])?;
    let result = work(connection);
    let ended = rows::write(connection, "rollback", []);
    result.and_then(|value| ended.map(|_| value))
}
