//! Opening the database files with the settings each of them needs.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    time::Duration,
};

use hopline_domain::store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use super::fault;

/// Prepared statements kept per connection: more than there are statements.
const STATEMENTS_MAX: usize = 256;
/// Page cache of the writers, in KiB.
const WRITER_CACHE_KIB: i64 = 16 * 1024;
/// Page cache of each reader, in KiB.
const READER_CACHE_KIB: i64 = 2 * 1024;
/// Marks the files as ours: "HOPL".
pub(super) const APPLICATION_ID: i64 = 0x484f_504c;

/// One of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    Core,
    Evidence,
    Clicks,
}

impl File {
    pub(super) const ALL: [Self; 3] = [Self::Core, Self::Evidence, Self::Clicks];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Core => "hopline.db",
            Self::Evidence => "evidence.db",
            Self::Clicks => "clicks.db",
        }
    }

    pub(super) fn path(self, folder: &Path) -> PathBuf {
        folder.join(self.name())
    }

    /// Segments of the click journal are removed on the word of the clicks file, so it must stand; a fold is a large batch.
    /// Evidence is written before the transaction that refers to it, and a lost one reads as expired: it need not wait for the disk.
    const fn synchronous(self) -> &'static str {
        match self {
            Self::Core | Self::Clicks => "full",
            Self::Evidence => "normal",
        }
    }
}

/// The one connection that writes a file; makes the file when it is not there.
pub(super) fn open_writer(file: File, folder: &Path, busy_timeout_ms: u64) -> Result<Connection, StoreError> {
    let path = file.path(folder);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let prepare = || -> rusqlite::Result<Connection> {
        make_private(&path);
        let connection = Connection::open_with_flags(&path, flags)?;
        common(&connection, busy_timeout_ms, WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", file.synchronous())?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Checkpoints are the writer thread's, after its callers have their answers.
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        // A file without write permission opens quietly as read-only; the first lock tells.
        connection.execute_batch("begin immediate; rollback")?;
        Ok(connection)
    };
    prepare().map_err(|error| refuse(&error, &path))
}

/// Makes a missing file readable to its owner alone; its logs take over its rights. That it can't be made is told by opening it.
fn make_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

/// A connection that can only read.
pub(super) fn open_reader(file: File, folder: &Path, busy_timeout_ms: u64) -> Result<Connection, StoreError> {
    let path = file.path(folder);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let prepare = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(&path, flags)?;
        common(&connection, busy_timeout_ms, READER_CACHE_KIB)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    };
    prepare().map_err(|error| refuse(&error, &path))
}

fn common(connection: &Connection, busy_timeout_ms: u64, cache_kib: i64) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_millis(busy_timeout_ms))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    // Without this SQLite parses a statement anew for each bound value that a partial index's condition could be about.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Sorters and undo pages stay in memory, not in files of their own.
    connection.pragma_update(None, "temp_store", "memory")
}

/// Says which file it was. Without rights or a folder nothing is "tried again by itself".
fn refuse(error: &rusqlite::Error, path: &Path) -> StoreError {
    let detail = format!("{}: {error}", path.display());
    match (error.sqlite_error_code(), fault::of_sql(error, "open the database")) {
        (Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _) => StoreError::Unavailable { detail },
        (_, StoreError::Corrupt { .. }) => StoreError::Corrupt { detail },
        _ => StoreError::Engine { operation: "open the database", detail },
    }
}
