//! Query plans of the hot statements: each finds its rows by an index, never by walking a table or sorting.

use std::sync::Arc;

use hopline_domain::wake::WakeHub;
use rusqlite::Connection;

use super::{
    connection::File,
    deliveries, evidence, jobs, keys, lanes,
    maintenance::{evidence_sweep, sweep},
    store::{SqliteOptions, SqliteStore},
};

const CORE: &[&str] = &[
    jobs::accept::JOB_BY_BODY,
    jobs::accept::JOB_CACHED,
    jobs::claim::JOB_CLAIM,
    jobs::claim::JOB_PREVIOUS,
    jobs::lease::JOB_LEASE_EXPIRED,
    jobs::row::QUEUE_HEAD,
    jobs::read::JOB_LIST,
    keys::read::KEY_AUTHENTICATE,
    lanes::LANES_DUE,
    lanes::LANE_NEXT_FIRST,
    lanes::LANE_NEXT_RETRY,
    deliveries::claim::DELIVERIES_DUE_FIRST,
    deliveries::claim::DELIVERIES_DUE_RETRY,
    deliveries::lease::DELIVERY_LEASE_SWEEP,
    deliveries::lease::DELIVERY_NEXT_DUE,
    deliveries::read::DELIVERY_LIST,
    deliveries::read::DELIVERY_LIST_NOT_SUCCEEDED,
    sweep::JOBS_ENDED,
    sweep::EVENTS_TOLD,
    sweep::IDEMPOTENCY_SWEEP,
    evidence_sweep::CHAINS.owners,
    evidence_sweep::SCREENSHOTS.owners,
];

const EVIDENCE: &[&str] = &[
    evidence::EVIDENCE_WEIGHT,
    evidence::screenshots::SCREENSHOT_WEIGHT,
    evidence_sweep::CHAINS.old_remove,
    evidence_sweep::CHAINS.unclaimed,
    evidence_sweep::SCREENSHOTS.old_remove,
    evidence_sweep::SCREENSHOTS.unclaimed,
];

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("explain query plan {sql}")).unwrap();
    // The plan does not depend on the values: none are bound.
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    steps
}

/// A walk over a small index that a `min` or a bound cuts short is fine; a walk over a table is not.
fn is_slow(step: &str) -> bool {
    let walks = step.starts_with("SCAN") && !step.contains("USING") && !step.contains("CONSTANT ROW");
    walks || step.contains("TEMP B-TREE") || step.contains("AUTOMATIC")
}

#[test]
fn hot_statements_use_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(folder.path(), Arc::new(WakeHub::default()));
    drop(SqliteStore::open(options).unwrap());
    let mut slow = Vec::new();
    for (file, statements) in [(File::Core, CORE), (File::Evidence, EVIDENCE)] {
        let connection = Connection::open(file.path(folder.path())).unwrap();
        for sql in statements {
            let steps = plan(&connection, sql);
            if steps.is_empty() || steps.iter().any(|step| is_slow(step)) {
                slow.push(format!("{}: {steps:?}", sql.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
