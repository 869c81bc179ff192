//! What `hopline doctor` asks of a data folder: are the files sound, current, and do the sums agree with what they sum up.

use std::path::Path;

use hopline_domain::store::StoreError;
use rusqlite::Connection;

use super::{
    connection::{self, File},
    fault::SqlResult,
    migrations, rows,
};

/// Waits for a foreign lock, in milliseconds.
const BUSY_TIMEOUT_MS: u64 = 5_000;
/// Faults `integrity_check` may list.
const INTEGRITY_FAULTS_MAX: usize = 20;

const INTEGRITY_CHECK: &str = "-- integrity_check
pragma integrity_check(20)";

const BALANCES_OFF: &str = "-- balances_off
select count(*) from meters m where balance_plan + balance_pack
    <> (select ifnull(sum(amount), 0) from credit_entries c where c.workspace_id = m.workspace_id)";

const JOBS_OFF: &str = "-- jobs_off
select count(*) from meters m where jobs_unfinished
    <> (select count(*) from jobs j where j.workspace_id = m.workspace_id and j.status in ('queued', 'running'))";

const DELIVERIES_OFF: &str = "-- deliveries_off
select count(*) from meters m where deliveries_unfinished <> (
    select count(*) from deliveries d
    where d.workspace_id = m.workspace_id and d.state in ('pending', 'delivering')
)";

const LANES_OFF: &str = "-- lanes_off
select count(*) from lanes l
where under_way <> (select count(*) from deliveries d where d.lane_id = l.id and d.state = 'delivering')";

const LINKS_OFF: &str = "-- links_off
select count(*) from meters m
where links <> (select count(*) from links l where l.workspace_id = m.workspace_id)
    or qr_codes <> (select count(*) from links l where l.workspace_id = m.workspace_id and l.qr is not null)";

/// Sums that must agree, and what it means when they do not.
const SUMS: [(&str, &str); 5] = [
    (BALANCES_OFF, "workspaces whose balance differs from the sum of their ledger"),
    (JOBS_OFF, "workspaces whose count of unfinished jobs is wrong"),
    (DELIVERIES_OFF, "workspaces whose count of unfinished deliveries is wrong"),
    (LINKS_OFF, "workspaces whose count of links or QR designs is wrong"),
    (LANES_OFF, "lanes whose count of attempts under way is wrong"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Fine,
    /// Something is to be done.
    Fault,
}

/// One line of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    /// The file it is about.
    pub file: &'static str,
    pub detail: String,
}

/// Checks the files of a data folder without changing them. An `Err` is a file that can't be read at all.
pub fn check(folder: &Path) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for file in File::ALL {
        let connection = connection::open_reader(file, folder, BUSY_TIMEOUT_MS)?;
        findings.push(size(file, folder));
        findings.push(schema(file, folder)?);
        let inspect = || inspect(&connection, file);
        findings.extend(inspect().map_err(|fault| fault.into_store("check the database"))?);
    }
    Ok(findings)
}

fn size(file: File, folder: &Path) -> Finding {
    let bytes = std::fs::metadata(file.path(folder)).map_or(0, |metadata| metadata.len());
    fine(file, format!("{bytes} bytes"))
}

fn schema(file: File, folder: &Path) -> Result<Finding, StoreError> {
    let version = migrations::schema_version(file, folder)?;
    let (found, known) = (version.found, version.known);
    Ok(match found.cmp(&known) {
        std::cmp::Ordering::Equal => fine(file, format!("schema {found}")),
        std::cmp::Ordering::Less => {
            fault(file, format!("schema {found} is older than {known}; run hopline migrate"))
        }
        std::cmp::Ordering::Greater => {
            fault(file, format!("schema {found} is newer than {known}; use a newer Hopline"))
        }
    })
}

fn inspect(connection: &Connection, file: File) -> SqlResult<Vec<Finding>> {
    let integrity: Vec<String> = rows::many(connection, INTEGRITY_CHECK, [], rows::value)?;
    if integrity != ["ok"] {
        let damage = integrity.into_iter().take(INTEGRITY_FAULTS_MAX);
        return Ok(damage.map(|detail| fault(file, format!("damaged: {detail}"))).collect());
    }
    let mut findings = vec![fine(file, "integrity ok".to_owned())];
    if file == File::Core {
        findings.extend(sums(connection)?);
    }
    Ok(findings)
}

fn sums(connection: &Connection) -> SqlResult<Vec<Finding>> {
    let mut findings = Vec::new();
    for (sql, meaning) in SUMS {
        let off: i64 = rows::one(connection, sql, [], rows::value)?.unwrap_or(0);
        if off != 0 {
            findings.push(fault(File::Core, format!("{off} {meaning}")));
        }
    }
    if findings.is_empty() {
        findings.push(fine(File::Core, "balances and counts agree".to_owned()));
    }
    Ok(findings)
}

const fn fine(file: File, detail: String) -> Finding {
    Finding { severity: Severity::Fine, file: file.name(), detail }
}

const fn fault(file: File, detail: String) -> Finding {
    Finding { severity: Severity::Fault, file: file.name(), detail }
}
