//! Query plans of the hot statements: each finds its rows by an index, never by walking a table or sorting.

use std::sync::Arc;

use hopline_domain::wake::WakeHub;
use rusqlite::Connection;

use super::{
    clicks,
    connection::File,
    deliveries, domains, endpoints, event_log, events, evidence, jobs, keys, lanes, links,
    maintenance::{evidence_sweep, sweep},
    replays,
    store::{SqliteOptions, SqliteStore},
    tags,
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
    domains::read::DOMAIN_BY_HOST,
    domains::read::DOMAIN_LIST,
    links::bulk::BULKS_EXPIRED,
    links::expiry::LINKS_EXPIRED,
    links::list::LINK_LIST,
    links::list::LINK_LIST_OF_TAG,
    links::list::LIST_FLOOR,
    links::list::LIST_FLOOR_OF_TAG,
    links::lookup::LINKS_LIMITED,
    links::lookup::TOMBSTONE_AT,
    links::read::LINK_BY_EXTERNAL_ID,
    links::read::LINK_BY_SLUG,
    links::read::LINK_GET,
    links::read::LINK_GET_ANYWHERE,
    tags::read::TAG_LIST,
    lanes::LANES_DUE,
    lanes::LANE_NEXT_FIRST,
    lanes::LANE_NEXT_RETRY,
    deliveries::claim::DELIVERIES_DUE_FIRST,
    deliveries::claim::DELIVERIES_DUE_RETRY,
    deliveries::lease::DELIVERY_LEASE_SWEEP,
    deliveries::lease::DELIVERY_NEXT_DUE,
    deliveries::read::DELIVERY_LIST,
    deliveries::read::DELIVERY_LIST_NOT_SUCCEEDED,
    deliveries::read::DELIVERY_LIST_OF_ENDPOINT,
    deliveries::batch::BATCH_BODIES,
    deliveries::batch::BATCH_CANDIDATES,
    endpoints::DELIVERIES_LEFT,
    endpoints::ENDPOINTS_OVER,
    event_log::EVENT_LIST,
    event_log::EVENT_LIST_OF_TYPE,
    event_log::EVENT_AFTER,
    event_log::EVENT_AFTER_OF_TYPE,
    event_log::EVENT_LAST_SEQ,
    events::ENDPOINTS_TOLD,
    replays::step::EVENTS_AFTER,
    replays::step::DELIVERED,
    sweep::JOBS_ENDED,
    sweep::EVENTS_TOLD,
    sweep::DELIVERIES_OVERDUE,
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

const CLICKS: &[&str] = &[
    clicks::CLICK_SWEEP,
    clicks::subjects::SUBJECT_FIND,
    clicks::subjects::LINK_COUNTS,
    clicks::fold::FORGOTTEN,
    clicks::hourly::HOURS_OF,
    clicks::daily::DAYS_OF,
    clicks::visitors::SKETCH_OF,
    clicks::visitors::SKETCHES_OF,
    clicks::read::CLICKS_FROM,
    clicks::read::CLICKS_OF_WORKSPACE,
    clicks::read::CLICKS_OF_LINK,
    clicks::raw::RAW_OF_WORKSPACE,
    clicks::raw::RAW_OF_LINK,
    clicks::delete::CLICKS_DELETE,
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
    for (file, statements) in [(File::Core, CORE), (File::Evidence, EVIDENCE), (File::Clicks, CLICKS)] {
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
