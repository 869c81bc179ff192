//! Upkeep: signs of life, depths, and retention that never takes unfinished work.

use hopline_domain::{
    delivery::DeliveryState,
    store::*,
    time::{DAY_MS, Timestamp},
};

use crate::fixtures::*;

/// A retention that takes nothing.
pub(crate) const LONG_AGO: Retention = Retention {
    jobs_before: Timestamp(0),
    evidence_before: Timestamp(0),
    screenshots_before: Timestamp(0),
    events_before: Timestamp(0),
    attempts_before: Timestamp(0),
    audit_before: Timestamp(0),
    idempotency_before: Timestamp(0),
};

/// A retention that takes everything it may.
const FAR_AHEAD: Timestamp = NOW.plus_ms(1_000 * DAY_MS);
const EVERYTHING: Retention = Retention {
    jobs_before: FAR_AHEAD,
    evidence_before: FAR_AHEAD,
    screenshots_before: FAR_AHEAD,
    events_before: FAR_AHEAD,
    attempts_before: FAR_AHEAD,
    audit_before: FAR_AHEAD,
    idempotency_before: FAR_AHEAD,
};

pub(crate) async fn sweep(world: &World, retention: Retention) -> Swept {
    world.store.retention_sweep(retention, 100).await.unwrap()
}

pub(crate) async fn a_probe_writes(world: World) {
    world.store.store_probe(NOW).await.unwrap();
    world.store.store_probe(NOW.plus_ms(1)).await.unwrap();
}

pub(crate) async fn the_schema_is_told(world: World) {
    assert!(world.store.store_schema().await.unwrap() >= 1);
}

pub(crate) async fn depths_follow_the_work(world: World) {
    assert_eq!(world.store.queue_depths().await.unwrap(), QueueDepths::default());
    world.deliver_to(WEBHOOK).await;
    world.deliver_to(WEBHOOK).await;
    world.queue(&ASK).await;
    world.queue(&ASK).await;
    world.claim_one().await;
    let claimed = world.claim_delivery(NOW).await;
    let depths = world.store.queue_depths().await.unwrap();
    assert_eq!((depths.jobs_queued, depths.jobs_running), (1, 1));
    assert_eq!((depths.deliveries_pending, depths.deliveries_under_way), (1, 1));
    world.end_attempt(&claimed, Ends::Well, NOW).await;
    let depths = world.store.queue_depths().await.unwrap();
    assert_eq!((depths.deliveries_pending, depths.deliveries_under_way), (1, 0));
}

pub(crate) async fn unfinished_work_is_never_swept(world: World) {
    let (queued, running) = (world.queue(&ASK).await, world.queue(&ASK).await);
    world.claim_one().await;
    let told = Ask { webhook: Some(WEBHOOK), ..ASK };
    let ended = queued_and_done(&world, &told).await;
    let pending = world.delivery_of(ended).await.delivery.id;
    let swept = sweep(&world, EVERYTHING).await;
    assert_eq!((swept.jobs, swept.events), (0, 0), "{swept:?}");
    for id in [queued, running, ended] {
        world.view(id).await;
    }
    // Nor while it is under way.
    let claimed = world.claim_delivery(NOW).await;
    assert_eq!(claimed.lease.delivery_id, pending);
    assert_eq!(sweep(&world, EVERYTHING).await.events, 0);
    assert_eq!(world.end_attempt(&claimed, Ends::Well, NOW).await, Finished::Recorded);
}

/// Ends a job behind the ones that are queued already.
async fn queued_and_done(world: &World, ask: &Ask) -> hopline_domain::id::JobId {
    let id = world.queue(ask).await;
    let leases = world.claim_at(10, NOW).await;
    for job in leases {
        if job.lease.job_id == id {
            assert_eq!(world.finish_at(job.lease, done(), NOW).await, Finished::Recorded);
        } else {
            world.store.job_requeue(job.lease, Counted::HandedBack, NOW).await.unwrap();
        }
    }
    id
}

pub(crate) async fn finished_work_is_swept_with_all_that_hangs_on_it(world: World) {
    let delivery_id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    world.end_attempt(&claimed, Ends::Well, NOW).await;
    let early = sweep(&world, Retention { jobs_before: NOW, events_before: NOW, ..LONG_AGO }).await;
    assert_eq!(early.total(), 0, "what ended at that very moment stays");
    let after = NOW.plus_ms(1);
    let swept = sweep(&world, Retention { jobs_before: after, events_before: after, ..LONG_AGO }).await;
    assert_eq!((swept.jobs, swept.events), (1, 1));
    assert!(world.store.delivery_get(world.caller.workspace_id, delivery_id).await.unwrap().is_none());
    assert!(world.store.job_list(world.caller, page(10)).await.unwrap().items.is_empty());
    assert_eq!(world.balance().await, CREDITS - 1, "the ledger outlives its jobs");
    assert_eq!(sweep(&world, EVERYTHING).await.jobs, 0);
    // The receiver's lane can be made anew.
    world.deliver_to(WEBHOOK).await;
    world.claim_delivery(NOW).await;
}

pub(crate) async fn attempts_have_a_shorter_life(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    world.end_attempt(&claimed, Ends::Retry(NOW), NOW).await;
    let swept = sweep(&world, Retention { attempts_before: NOW.plus_ms(DAY_MS), ..LONG_AGO }).await;
    assert_eq!(swept.attempts, 1);
    let (view, attempts) = world.delivery(id).await;
    assert_eq!((view.delivery.state, view.delivery.attempts), (DeliveryState::Pending, 1));
    assert!(attempts.is_empty());
}

pub(crate) async fn expired_keys_are_swept(world: World) {
    world.queue(&Ask { key: Some(("k", 1)), ..ASK }).await;
    let expires_at = claim_of("k", 1).expires_at;
    assert_eq!(sweep(&world, Retention { idempotency_before: expires_at, ..LONG_AGO }).await.idempotency, 0);
    let after = Retention { idempotency_before: expires_at.plus_ms(1), ..LONG_AGO };
    assert_eq!(sweep(&world, after).await.idempotency, 1);
}

pub(crate) async fn a_sweep_is_bounded(world: World) {
    for _ in 0..5 {
        world.run(&ASK, failed()).await;
    }
    let sweep = async || world.store.retention_sweep(EVERYTHING, 2).await.unwrap();
    let counts =
        [sweep().await, sweep().await, sweep().await, sweep().await].map(|swept| (swept.jobs, swept.events));
    assert_eq!(counts, [(2, 2), (2, 2), (1, 1), (0, 0)]);
}
