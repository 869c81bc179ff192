//! The store itself: its files, its threads, and how they are opened and closed.

use std::{fmt, path::PathBuf, sync::Arc};

use hopline_domain::{limits, store::StoreError, wake::WakeHub};

use super::{
    bodies::Bodies,
    connection::{self, File},
    migrations, orphans,
    readers::Readers,
    writer::{Writer, WriterLimits},
};

/// Reader threads of the core file.
const READERS_DEFAULT: usize = 4;
/// Reader threads of the evidence file.
const EVIDENCE_READERS: usize = 2;
/// Reader threads of the clicks file: questions over raw clicks take long.
const CLICKS_READERS: usize = 3;
/// How long a foreign lock is waited for before queued writes are refused, in milliseconds.
const BUSY_TIMEOUT_MS_DEFAULT: u64 = 2_000;

/// Where and how to open a store.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The data folder; made when it is not there.
    pub folder: PathBuf,
    /// Told after each commit what there is to do.
    pub wake: Arc<WakeHub>,
    /// Writes that may wait; past it callers get `Overloaded`.
    pub queue_max: usize,
    /// Writes that may share one transaction.
    pub batch_max: usize,
    pub readers: usize,
    pub busy_timeout_ms: u64,
    /// Raw clicks one analytics answer may read.
    pub analytics_rows_max: u64,
}

impl SqliteOptions {
    pub fn new(folder: impl Into<PathBuf>, wake: Arc<WakeHub>) -> Self {
        Self {
            folder: folder.into(),
            wake,
            queue_max: limits::STORE_QUEUE_MAX,
            batch_max: limits::STORE_BATCH_MAX,
            readers: READERS_DEFAULT,
            busy_timeout_ms: BUSY_TIMEOUT_MS_DEFAULT,
            analytics_rows_max: limits::ANALYTICS_ROWS_MAX,
        }
    }
}

/// The SQLite adapter. Dropping it writes what is queued, then closes the files.
pub struct SqliteStore {
    // Readers go first, so that the writer is the last to close a file and leaves no log behind.
    pub(super) core_readers: Readers,
    pub(super) core: Writer,
    pub(super) evidence_readers: Readers,
    pub(super) evidence: Writer,
    pub(super) clicks_readers: Readers,
    pub(super) clicks: Writer,
    pub(super) schema: i64,
    pub(super) analytics_rows_max: u64,
    folder: PathBuf,
}

impl SqliteStore {
    /// Opens a data folder, migrating its files first.
    pub fn open(options: SqliteOptions) -> Result<Self, StoreError> {
        std::fs::create_dir_all(&options.folder).map_err(|error| StoreError::Engine {
            operation: "open the data folder",
            detail: format!("{}: {error}", options.folder.display()),
        })?;
        let (core, schema) = open_file(File::Core, "core-writer", &options)?;
        let (evidence, _) = open_file(File::Evidence, "evidence-writer", &options)?;
        let (clicks, _) = open_file(File::Clicks, "clicks-writer", &options)?;
        let readers = |file, count| Readers::start(file, &options.folder, count, options.busy_timeout_ms);
        Ok(Self {
            core_readers: readers(File::Core, options.readers)?,
            core,
            evidence_readers: readers(File::Evidence, EVIDENCE_READERS)?,
            evidence,
            clicks_readers: readers(File::Clicks, CLICKS_READERS)?,
            clicks,
            schema,
            analytics_rows_max: options.analytics_rows_max,
            folder: options.folder,
        })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn open_file(file: File, thread: &str, options: &SqliteOptions) -> Result<(Writer, i64), StoreError> {
    let mut connection = connection::open_writer(file, &options.folder, options.busy_timeout_ms)?;
    let schema = migrations::apply(&mut connection, file, &options.folder)?;
    let limits = WriterLimits { queue_max: options.queue_max, batch_max: options.batch_max };
    let bodies = match file {
        File::Core => {
            orphans::end_leases(&connection).map_err(|fault| fault.into_store("end leases nobody holds"))?;
            Bodies::load(&connection).map_err(|fault| fault.into_store("read the unfinished jobs"))?
        }
        File::Evidence | File::Clicks => Bodies::default(),
    };
    Ok((Writer::start(thread, connection, limits, (Arc::clone(&options.wake), bodies))?, schema))
}
