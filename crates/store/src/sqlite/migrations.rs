//! Forward-only migrations, run at start; a file of an older schema is copied first, the last two copies are kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hopline_domain::store::StoreError;
use rusqlite::Connection;

use super::{
    connection::{self, APPLICATION_ID, File},
    fault,
};

const CORE: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_core.sql"),
    include_str!("../../migrations/sqlite/0002_screenshots.sql"),
    include_str!("../../migrations/sqlite/0003_links.sql"),
    include_str!("../../migrations/sqlite/0004_webhooks.sql"),
];
const EVIDENCE: &[&str] = &[
    include_str!("../../migrations/sqlite-evidence/0001_evidence.sql"),
    include_str!("../../migrations/sqlite-evidence/0002_screenshots.sql"),
];
const CLICKS: &[&str] = &[include_str!("../../migrations/sqlite-clicks/0001_clicks.sql")];
/// Copies of the core file kept from before migrations.
const COPIES_MAX: usize = 2;
/// Waits for a foreign lock when migrating by hand, in milliseconds.
const BUSY_TIMEOUT_MS: u64 = 5_000;

/// The schema of one file: what it has, and what this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaVersion {
    pub file: &'static str,
    /// 0 = the file is empty or not there.
    pub found: i64,
    pub known: i64,
}

/// Brings the files of a data folder to the schema of this program; answers what each had before.
pub fn migrate(folder: &Path) -> Result<[SchemaVersion; 3], StoreError> {
    let before = schema_versions(folder)?;
    for file in File::ALL {
        apply(&mut connection::open_writer(file, folder, BUSY_TIMEOUT_MS)?, file, folder)?;
    }
    Ok(before)
}

/// Reads the schema versions of a data folder without changing anything.
pub fn schema_versions(folder: &Path) -> Result<[SchemaVersion; 3], StoreError> {
    let [core, evidence, clicks] = File::ALL.map(|file| schema_version(file, folder));
    Ok([core?, evidence?, clicks?])
}

pub(super) fn schema_version(file: File, folder: &Path) -> Result<SchemaVersion, StoreError> {
    let known = known(file);
    let found = if file.path(folder).exists() {
        version(&connection::open_reader(file, folder, BUSY_TIMEOUT_MS)?)?
    } else {
        0
    };
    Ok(SchemaVersion { file: file.name(), found, known })
}

/// The schema this program writes.
fn known(file: File) -> i64 {
    count(migrations(file))
}

const fn migrations(file: File) -> &'static [&'static str] {
    match file {
        File::Core => CORE,
        File::Evidence => EVIDENCE,
        File::Clicks => CLICKS,
    }
}

fn count(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

/// Migrates an open file; answers its schema.
pub(super) fn apply(connection: &mut Connection, file: File, folder: &Path) -> Result<i64, StoreError> {
    let copy_to = (file == File::Core).then_some(folder);
    advance(connection, migrations(file), copy_to)
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let read_both = || Ok::<_, rusqlite::Error>((read("application_id")?, read("user_version")?));
    let (application, found) =
        read_both().map_err(|error| fault::of_sql(&error, "read the schema version"))?;
    if application != APPLICATION_ID && (application != 0 || found != 0 || has_tables(connection)?) {
        return Err(StoreError::Corrupt { detail: "this is a database of another program".to_owned() });
    }
    Ok(found)
}

fn has_tables(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "-- has_tables\nselect exists (select 1 from sqlite_schema)";
    connection.query_row(sql, [], |row| row.get(0)).map_err(|error| fault::of_sql(&error, "read the schema"))
}

fn advance(
    connection: &mut Connection,
    migrations: &[&str],
    copy_to: Option<&Path>,
) -> Result<i64, StoreError> {
    let (found, known) = (version(connection)?, count(migrations));
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    if found == known {
        return Ok(known);
    }
    if let Some(folder) = copy_to.filter(|_| found > 0) {
        copy(connection, folder, known)?;
    }
    let applied = usize::try_from(found).unwrap_or(0);
    run(connection, &migrations[applied..], known)
        .map_err(|error| fault::of_sql(&error, "migrate the database"))?;
    Ok(known)
}

fn run(connection: &mut Connection, pending: &[&str], known: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for sql in pending {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()
}

/// Copies the core file as `hopline.db.before-v2`; a copy cut short never has that name.
fn copy(connection: &Connection, folder: &Path, known: i64) -> Result<(), StoreError> {
    let failed =
        |detail: String| StoreError::Engine { operation: "copy the database before migrating it", detail };
    let target = folder.join(format!("{}.before-v{known}", File::Core.name()));
    let partial = target.with_extension("partial");
    connection
        .backup("main", &partial, None::<fn(rusqlite::backup::Progress)>)
        .map_err(|error| failed(error.to_string()))?;
    fs::rename(&partial, &target).map_err(|error| failed(error.to_string()))?;
    let mut copies = copies(folder).map_err(|error| failed(error.to_string()))?;
    copies.sort();
    for (_, old) in copies.iter().rev().skip(COPIES_MAX) {
        fs::remove_file(old).map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

/// The copies in a folder, by the version they were made before.
fn copies(folder: &Path) -> std::io::Result<Vec<(i64, PathBuf)>> {
    let prefix = format!("{}.before-v", File::Core.name());
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let numbered = entries.into_iter().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        Some((name.strip_prefix(&prefix)?.parse().ok()?, entry.path()))
    });
    Ok(numbered.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [&str; 5] = [
        "create table a (x integer) strict; insert into a values (1)",
        "alter table a add column y integer",
        "create table b (x integer) strict",
        "create table c (x integer) strict",
        "this is no sql",
    ];

    fn open(folder: &Path) -> Connection {
        connection::open_writer(File::Core, folder, 100).unwrap()
    }

    #[test]
    fn migrates_forward_and_keeps_the_last_two_copies() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open(folder.path());
        for known in 1..=4 {
            advance(&mut connection, &STEPS[..known], Some(folder.path())).unwrap();
        }
        let mut kept: Vec<_> =
            copies(folder.path()).unwrap().into_iter().map(|(version, _)| version).collect();
        kept.sort_unstable();
        assert_eq!(kept, [3, 4]);
        let copy = Connection::open(folder.path().join("hopline.db.before-v3")).unwrap();
        assert_eq!(version(&copy).unwrap(), 2);
        assert_eq!(copy.query_row("select x from a", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    }

    #[test]
    fn a_failing_migration_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open(folder.path());
        advance(&mut connection, &STEPS[..3], None).unwrap();
        assert!(advance(&mut connection, &STEPS, None).is_err());
        assert_eq!(version(&connection).unwrap(), 3);
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open(folder.path());
        advance(&mut connection, &STEPS[..2], None).unwrap();
        let refused = advance(&mut connection, &STEPS[..1], None);
        assert!(matches!(refused, Err(StoreError::NewerSchema { found: 2, known: 1 })), "{refused:?}");
    }

    #[test]
    fn the_database_of_another_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open(folder.path());
        connection.execute_batch("create table theirs (x)").unwrap();
        assert!(matches!(advance(&mut connection, &STEPS[..1], None), Err(StoreError::Corrupt { .. })));
    }
}
