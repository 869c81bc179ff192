//! What the engine of files promises beside the port: durability, foreign locks, damaged and newer files.

use std::{path::Path, sync::Arc};

use hopline_domain::{job::JobStatus, store::*, wake::WakeHub};
use hopline_store::sqlite::{Severity, SqliteOptions, SqliteStore, check, migrate, schema_versions};
use rusqlite::Connection;

use crate::{
    fixtures::*,
    harness::{Fresh, block_on},
    links,
};

/// A foreign lock is waited for this long here, in milliseconds.
const BUSY_TIMEOUT_MS: u64 = 20;

fn options(folder: &Path) -> SqliteOptions {
    let defaults = SqliteOptions::new(folder, Arc::new(WakeHub::default()));
    SqliteOptions { busy_timeout_ms: BUSY_TIMEOUT_MS, ..defaults }
}

async fn world(options: SqliteOptions) -> World {
    let wake = Arc::clone(&options.wake);
    let store = Arc::new(SqliteStore::open(options).unwrap());
    World::new(Fresh { store, wake, ground: Box::new(()) }).await
}

fn core(folder: &Path) -> Connection {
    Connection::open(folder.join("hopline.db")).unwrap()
}

#[test]
fn what_was_answered_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let first = world(options(folder.path())).await;
        let id = first.run(&Ask { webhook: Some(WEBHOOK), ..ASK }, done()).await;
        let running = first.queue(&ASK).await;
        let lease = first.claim_one().await;
        let claimed = first.claim_delivery(NOW).await;
        let caller = first.caller;
        drop(first);
        let again = SqliteStore::open(options(folder.path())).unwrap();
        assert_eq!(again.job_get(caller, id).await.unwrap().unwrap().job.status, JobStatus::Done);
        // Leases of a process that is gone are over at once.
        let expired = again.job_lease_expired(NOW, 10).await.unwrap();
        assert_eq!((expired.len(), expired[0].lease), (1, lease));
        assert_eq!(lease.job_id, running);
        assert_eq!(again.delivery_lease_sweep(NOW, 10).await.unwrap(), 1);
        let (view, _) =
            again.delivery_get(caller.workspace_id, claimed.lease.delivery_id).await.unwrap().unwrap();
        assert_eq!(view.lane.under_way, 0);
    });
}

#[test]
fn the_same_body_is_known_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let first = world(options(folder.path())).await;
        let (queued, ask) =
            (first.queue(&Ask { body: Some(1), ..ASK }).await, |body| Ask { body: Some(body), ..ASK });
        let running = first.claim_one().await.job_id;
        assert_eq!(queued, running);
        let waiting = first.queue(&ask(2)).await;
        let (caller, accepts) = (first.caller, [1, 2].map(|body| first.job_accept(&ask(body))));
        drop(first);
        let again = SqliteStore::open(options(folder.path())).unwrap();
        for (accept, known) in accepts.into_iter().zip([running, waiting]) {
            let answer = again.job_accept(caller, accept, NOW).await.unwrap();
            assert!(matches!(&answer, Accepted::SameBody(view) if view.job.id == known), "{answer:?}");
        }
    });
}

#[test]
fn a_bulk_call_of_a_process_that_is_gone_goes_on_at_once() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let first = world(options(folder.path())).await;
        let chunk = || links::bulk_with_record(&["a"], 2);
        let begun = first.store.link_bulk_chunk(first.caller, chunk(), NOW).await.unwrap();
        assert!(matches!(begun, BulkChunked::Done(_)), "{begun:?}");
        let caller = first.caller;
        drop(first);
        let again = SqliteStore::open(options(folder.path())).unwrap();
        let known = again.link_bulk_chunk(caller, chunk(), NOW).await.unwrap();
        assert!(matches!(&known, BulkChunked::ContinueAt(progress) if progress.next_row == 1), "{known:?}");
    });
}

#[test]
fn a_foreign_lock_refuses_writes_until_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let world = world(options(folder.path())).await;
        let id = world.queue(&ASK).await;
        let foreign = core(folder.path());
        foreign.execute_batch("begin immediate").unwrap();
        let refused = world.store.job_accept(world.caller, world.job_accept(&ASK), NOW).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        assert!(matches!(world.store.store_probe(NOW).await, Err(StoreError::Unavailable { .. })));
        assert_eq!(world.view(id).await.job.id, id, "reading goes on");
        foreign.execute_batch("rollback").unwrap();
        world.store.store_probe(NOW).await.unwrap();
        world.queue(&ASK).await;
        assert_eq!(world.balance().await, CREDITS - 2);
    });
}

#[test]
fn a_full_queue_answers_overloaded() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let options =
            SqliteOptions { queue_max: 1, batch_max: 1, busy_timeout_ms: 500, ..options(folder.path()) };
        let world = world(options).await;
        let foreign = core(folder.path());
        foreign.execute_batch("begin immediate").unwrap();
        let mut probes = tokio::task::JoinSet::new();
        for _ in 0..5 {
            let store = Arc::clone(&world.store);
            probes.spawn(async move { store.store_probe(NOW).await });
        }
        let answers = probes.join_all().await;
        let overloaded =
            answers.iter().filter(|answer| matches!(answer, Err(StoreError::Overloaded { queue_max: 1 })));
        assert!(overloaded.count() >= 1, "{answers:?}");
        assert!(answers.iter().all(Result::is_err), "{answers:?}");
    });
}

#[test]
fn one_failing_command_takes_back_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let world = world(options(folder.path())).await;
        let accept = world.job_accept(&ASK);
        let mut accepts = tokio::task::JoinSet::new();
        // Two of the same id: the second breaks a constraint after it has moved the balance.
        for accept in [world.job_accept(&ASK), accept.clone(), accept, world.job_accept(&ASK)] {
            let (store, caller) = (Arc::clone(&world.store), world.caller);
            accepts.spawn(async move { store.job_accept(caller, accept, NOW).await });
        }
        let answers = accepts.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3, "{answers:?}");
        assert_eq!(world.balance().await, CREDITS - 3);
        assert_eq!(world.store.queue_depths().await.unwrap().jobs_queued, 3);
    });
}

#[test]
fn a_damaged_file_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hopline.db"), "this is no database at all, whatever its name says")
        .unwrap();
    let refused = SqliteStore::open(options(folder.path()));
    assert!(
        matches!(&refused, Err(StoreError::Corrupt { detail }) if detail.contains("hopline.db")),
        "{refused:?}"
    );
}

#[test]
fn the_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    core(folder.path()).execute_batch("create table theirs (x)").unwrap();
    let refused = SqliteStore::open(options(folder.path()));
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
}

#[test]
fn a_newer_schema_is_refused_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let known = migrate(folder.path()).unwrap()[0].known;
    core(folder.path()).pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteStore::open(options(folder.path()));
    assert!(
        matches!(refused, Err(StoreError::NewerSchema { found: 99, known: k }) if k == known),
        "{refused:?}"
    );
    assert_eq!(schema_versions(folder.path()).unwrap()[0].found, 99);
}

#[test]
fn a_folder_that_cannot_be_one_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    std::fs::write(&file, "").unwrap();
    let refused = SqliteStore::open(options(&file));
    assert!(
        matches!(&refused, Err(StoreError::Engine { detail, .. }) if detail.contains("taken")),
        "{refused:?}"
    );
    std::fs::create_dir(folder.path().join("hopline.db")).unwrap();
    let refused = SqliteStore::open(options(folder.path()));
    assert!(
        matches!(&refused, Err(StoreError::Engine { detail, .. }) if detail.contains("hopline.db")),
        "{refused:?}"
    );
}

#[test]
fn migrating_twice_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = migrate(folder.path()).unwrap();
    assert_eq!(first.map(|schema| schema.found), [0, 0, 0]);
    let second = migrate(folder.path()).unwrap();
    assert!(second.iter().all(|schema| schema.found == schema.known && schema.known >= 1), "{second:?}");
}

#[test]
fn a_check_finds_a_balance_that_is_not_its_ledger() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let world = world(options(folder.path())).await;
        world.run(&Ask { webhook: Some(WEBHOOK), ..ASK }, done()).await;
        world.claim_delivery(NOW).await;
        world.queue(&ASK).await;
        let faults = || {
            let findings = check(folder.path()).unwrap();
            findings.into_iter().filter(|finding| finding.severity == Severity::Fault).collect::<Vec<_>>()
        };
        assert_eq!(faults(), []);
        core(folder.path()).execute_batch("update meters set balance_pack = balance_pack + 1").unwrap();
        assert!(faults()[0].detail.contains("ledger"), "{:?}", faults());
    });
}
