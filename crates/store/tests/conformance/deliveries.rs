//! Deliveries: fair claims by lane, attempts, pauses and what people do by hand.

use std::collections::BTreeMap;

use hopline_domain::{
    delivery::{DeliveryState, MessageId, WaitingFor},
    id::DeliveryId,
    store::*,
    time::{DAY_MS, HOUR_MS, Timestamp},
};

use crate::fixtures::*;

const OTHER: &str = "https://other.example/in";

/// Queues `count` deliveries to one receiver.
async fn deliver_many(world: &World, webhook: &'static str, count: usize) -> Vec<DeliveryId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(world.deliver_to(webhook).await);
    }
    ids
}

fn ids(claimed: &[ClaimedDelivery]) -> Vec<DeliveryId> {
    claimed.iter().map(|delivery| delivery.lease.delivery_id).collect()
}

fn by_lane(claimed: &[ClaimedDelivery]) -> BTreeMap<String, usize> {
    let mut lanes = BTreeMap::new();
    for delivery in claimed {
        *lanes.entry(delivery.lane.to_string()).or_insert(0) += 1;
    }
    lanes
}

async fn state(world: &World, id: DeliveryId) -> DeliveryState {
    world.delivery(id).await.0.delivery.state
}

async fn next_due(world: &World, now: Timestamp) -> Option<Timestamp> {
    world.store.delivery_next_due(now).await.unwrap()
}

pub(crate) async fn a_delivery_is_visible_from_the_moment_it_exists(world: World) {
    assert_eq!(next_due(&world, NOW).await, None);
    let id = world.deliver_to("https://Hooks.example/in?x=1").await;
    let (view, attempts) = world.delivery(id).await;
    let delivery = &view.delivery;
    assert_eq!(
        (delivery.state, delivery.attempts, delivery.next_attempt_at),
        (DeliveryState::Pending, 0, Some(NOW))
    );
    assert_eq!(
        (delivery.lane.as_str(), delivery.url.as_str()),
        ("https://hooks.example:443", "https://Hooks.example/in?x=1")
    );
    assert_eq!(delivery.waiting_for(view.lane, NOW), Some(WaitingFor::Due));
    assert_eq!((view.lane.under_way, view.lane.concurrency, attempts.len()), (0, 4, 0));
    assert_eq!(next_due(&world, NOW).await, Some(NOW));
}

pub(crate) async fn claim_brings_all_that_sending_needs(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    let delivery = world.delivery(id).await.0.delivery;
    assert_eq!((claimed.lease.delivery_id, claimed.workspace_id), (id, world.caller.workspace_id));
    assert_eq!(claimed.message_id, MessageId::Event(delivery.event_id));
    assert_eq!((claimed.event_seq, &*claimed.rules), (delivery.event_seq, &LaneRules::default()));
    assert_eq!((claimed.url.as_str(), &claimed.lane, claimed.lane_concurrency), (WEBHOOK, &delivery.lane, 4));
    assert_eq!((claimed.attempt_number, claimed.step, claimed.lease_until), (1, 0, NOW.plus_ms(LEASE_MS)));
    assert_eq!(claimed.signature_headers, ["X-Hopline-Signature"]);
    assert_eq!(claimed.secrets[0].sealed, b"sealed-0");
    assert_eq!(delivery.state, DeliveryState::Delivering);
    assert!(world.claim_deliveries(10, 4, NOW).await.is_empty());
}

pub(crate) async fn claim_signs_with_every_live_secret_newest_first(world: World) {
    deliver_many(&world, WEBHOOK, 2).await;
    let until = NOW.plus_ms(HOUR_MS);
    let rotation = SecretRotation {
        key_id: world.caller.key_id,
        sealed: b"sealed-1".to_vec(),
        old_until: until,
        idempotency: None,
        audit: audit("key.secret_rotate"),
    };
    world.store.key_secret_rotate(world.caller, rotation, NOW).await.unwrap();
    let sealed = |claimed: ClaimedDelivery| {
        claimed.secrets.into_iter().map(|secret| secret.sealed).collect::<Vec<_>>()
    };
    assert_eq!(sealed(world.claim_delivery(NOW).await), [b"sealed-1".to_vec(), b"sealed-0".to_vec()]);
    assert_eq!(sealed(world.claim_delivery(until).await), [b"sealed-1".to_vec()]);
}

pub(crate) async fn first_attempts_go_before_retries(world: World) {
    let old = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    world.end_attempt(&claimed, Ends::Retry(NOW.plus_ms(1)), NOW).await;
    let new = deliver_many(&world, WEBHOOK, 2).await;
    let order = ids(&world.claim_deliveries(10, 1, NOW.plus_ms(10)).await);
    assert_eq!(order, [new[0], new[1], old]);
}

pub(crate) async fn a_lane_never_has_more_under_way_than_its_room(world: World) {
    let queued = deliver_many(&world, WEBHOOK, 6).await;
    let first = world.claim_deliveries(10, 1, NOW).await;
    assert_eq!(ids(&first), queued[..4]);
    assert!(world.claim_deliveries(10, 1, NOW).await.is_empty());
    let (view, _) = world.delivery(queued[5]).await;
    assert_eq!(view.delivery.waiting_for(view.lane, NOW), Some(WaitingFor::LaneBusy));
    assert_eq!(next_due(&world, NOW).await, None, "nothing can be claimed until an attempt ends");
    let woken = world.wake.listen_deliveries();
    world.end_attempt(&first[0], Ends::Well, NOW).await;
    woken.await;
    assert_eq!(next_due(&world, NOW).await, Some(NOW));
    assert_eq!(ids(&world.claim_deliveries(10, 1, NOW).await), [queued[4]]);
}

pub(crate) async fn a_fast_lane_is_served_in_runs(world: World) {
    deliver_many(&world, WEBHOOK, 10).await;
    assert_eq!(world.claim_deliveries(100, 2, NOW).await.len(), 8);
    assert!(world.claim_deliveries(100, 2, NOW).await.is_empty());
}

pub(crate) async fn a_failing_lane_is_not_served_in_runs(world: World) {
    deliver_many(&world, WEBHOOK, 10).await;
    let probe = world.claim_delivery(NOW).await;
    world.end_attempt(&probe, Ends::Silent(NOW.plus_ms(DAY_MS)), NOW).await;
    assert_eq!(world.claim_deliveries(100, 8, NOW).await.len(), 4);
}

pub(crate) async fn lanes_take_turns(world: World) {
    deliver_many(&world, WEBHOOK, 6).await;
    deliver_many(&world, OTHER, 6).await;
    let claimed = world.claim_deliveries(4, 8, NOW).await;
    assert_eq!(by_lane(&claimed).into_values().collect::<Vec<_>>(), [2, 2]);
    // What one lane does not need goes to the other.
    let claimed = world.claim_deliveries(100, 8, NOW).await;
    assert_eq!(claimed.len(), 8);
    // One at a time, the one that waited longer goes first.
    deliver_many(&world, OTHER, 1).await;
    deliver_many(&world, WEBHOOK, 1).await;
    let mut turns = Vec::new();
    for _ in 0..2 {
        turns.push(world.claim_deliveries(1, 8, NOW).await.remove(0).lane);
    }
    assert_ne!(turns[0], turns[1]);
}

pub(crate) async fn a_full_lane_does_not_hold_up_the_others(world: World) {
    deliver_many(&world, WEBHOOK, 8).await;
    assert_eq!(world.claim_deliveries(100, 1, NOW).await.len(), 4);
    let other = world.deliver_to(OTHER).await;
    assert_eq!(ids(&world.claim_deliveries(100, 1, NOW).await), [other]);
}

pub(crate) async fn success_ends_a_delivery(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    let later = NOW.plus_ms(40);
    assert_eq!(world.end_attempt(&claimed, Ends::Well, later).await, Finished::Recorded);
    let (view, attempts) = world.delivery(id).await;
    let delivery = view.delivery;
    assert_eq!(
        (delivery.state, delivery.attempts, delivery.finished_at),
        (DeliveryState::Succeeded, 1, Some(later))
    );
    assert_eq!((delivery.next_attempt_at, delivery.last_error, attempts.len()), (None, None, 1));
    assert_eq!((view.lane.under_way, next_due(&world, NOW).await), (0, None));
    assert!(world.claim_deliveries(10, 1, NOW.plus_ms(DAY_MS)).await.is_empty());
}

pub(crate) async fn a_retry_waits_for_its_time(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    let at = NOW.plus_ms(5_000);
    world.end_attempt(&claimed, Ends::Retry(at), NOW).await;
    let delivery = world.delivery(id).await.0.delivery;
    assert_eq!((delivery.state, delivery.next_attempt_at), (DeliveryState::Pending, Some(at)));
    assert_eq!(delivery.last_error.as_deref(), Some("http_status"));
    assert_eq!(next_due(&world, NOW).await, Some(at));
    assert!(world.claim_deliveries(10, 1, at.minus_ms(1)).await.is_empty());
    let again = world.claim_delivery(at).await;
    assert_eq!((again.attempt_number, again.step), (2, 1));
}

pub(crate) async fn failure_ends_a_delivery(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    world.end_attempt(&claimed, Ends::Failed, NOW).await;
    let delivery = world.delivery(id).await.0.delivery;
    assert_eq!((delivery.state, delivery.finished_at), (DeliveryState::Failed, Some(NOW)));
    assert_eq!((delivery.next_attempt_at, next_due(&world, NOW).await), (None, None));
}

pub(crate) async fn a_pause_holds_the_lane_then_one_probe_opens_it(world: World) {
    deliver_many(&world, WEBHOOK, 6).await;
    let claimed = world.claim_delivery(NOW).await;
    let until = NOW.plus_ms(30_000);
    world.end_attempt(&claimed, Ends::Paused(until), NOW).await;
    let late = world.deliver_to(WEBHOOK).await;
    let (view, _) = world.delivery(late).await;
    assert_eq!(view.delivery.waiting_for(view.lane, NOW), Some(WaitingFor::Paused));
    assert!(world.claim_deliveries(10, 8, until.minus_ms(1)).await.is_empty());
    assert_eq!(next_due(&world, NOW).await, Some(until));
    let probe = world.claim_deliveries(10, 8, until).await;
    assert_eq!(probe.len(), 1);
    assert!(world.claim_deliveries(10, 8, until).await.is_empty());
    world.end_attempt(&probe[0], Ends::Well, until).await;
    assert_eq!(world.claim_deliveries(10, 1, until).await.len(), 4);
    assert_eq!(world.delivery(late).await.0.lane.paused_until, None);
}

pub(crate) async fn an_attempt_from_before_a_pause_does_not_end_it(world: World) {
    deliver_many(&world, WEBHOOK, 6).await;
    let claimed = world.claim_deliveries(3, 1, NOW).await;
    let until = NOW.plus_ms(30_000);
    world.end_attempt(&claimed[0], Ends::Paused(until), NOW).await;
    world.end_attempt(&claimed[1], Ends::Well, NOW).await;
    assert!(world.claim_deliveries(10, 1, until.minus_ms(1)).await.is_empty());
    world.end_attempt(&claimed[2], Ends::Paused(NOW.plus_ms(1)), NOW).await;
    assert!(world.claim_deliveries(10, 1, until.minus_ms(1)).await.is_empty());
    assert_eq!(world.claim_deliveries(10, 1, until).await.len(), 1);
}

pub(crate) async fn a_probe_that_teaches_nothing_is_repeated_at_its_next_time(world: World) {
    deliver_many(&world, WEBHOOK, 3).await;
    let claimed = world.claim_delivery(NOW).await;
    let until = NOW.plus_ms(30_000);
    world.end_attempt(&claimed, Ends::Paused(until), NOW).await;
    let probe = world.claim_delivery(until).await;
    let again = until.plus_ms(5_000);
    world.end_attempt(&probe, Ends::Silent(again), until).await;
    assert!(world.claim_deliveries(10, 1, again.minus_ms(1)).await.is_empty());
    assert_eq!(next_due(&world, until).await, Some(again));
    let second = world.claim_deliveries(10, 1, again).await;
    assert_eq!(second.len(), 1, "still one at a time");
    world.end_attempt(&second[0], Ends::Retry(again.plus_ms(1)), again).await;
    assert_eq!(
        world.claim_deliveries(10, 1, again.plus_ms(1)).await.len(),
        3,
        "any answer but a rest opens it"
    );
}

pub(crate) async fn a_stale_token_records_nothing(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let stale = world.claim_delivery(NOW).await;
    assert_eq!(world.store.delivery_lease_sweep(NOW.plus_ms(LEASE_MS), 10).await.unwrap(), 1);
    assert_eq!(world.end_attempt(&stale, Ends::Well, NOW).await, Finished::LeaseLost);
    let current = world.claim_delivery(NOW.plus_ms(LEASE_MS)).await;
    assert_eq!(world.end_attempt(&stale, Ends::Failed, NOW).await, Finished::LeaseLost);
    world.store.delivery_release(vec![stale.lease], NOW).await.unwrap();
    let (view, attempts) = world.delivery(id).await;
    assert_eq!((view.delivery.state, view.lane.under_way, attempts.len()), (DeliveryState::Delivering, 1, 0));
    assert_eq!(world.end_attempt(&current, Ends::Well, NOW).await, Finished::Recorded);
    assert_eq!(world.end_attempt(&current, Ends::Well, NOW).await, Finished::LeaseLost);
}

pub(crate) async fn a_release_is_due_at_once_and_counts_no_attempt(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    let (later, woken) = (NOW.plus_ms(5), world.wake.listen_deliveries());
    world.store.delivery_release(vec![claimed.lease], later).await.unwrap();
    woken.await;
    let (view, _) = world.delivery(id).await;
    assert_eq!((view.delivery.state, view.delivery.attempts), (DeliveryState::Pending, 0));
    assert_eq!((view.delivery.next_attempt_at, view.lane.under_way), (Some(later), 0));
    assert_eq!(world.claim_delivery(later).await.attempt_number, 1);
}

pub(crate) async fn a_lost_lease_returns_to_its_lane(world: World) {
    deliver_many(&world, WEBHOOK, 3).await;
    world.claim_deliveries(10, 1, NOW).await;
    let end = NOW.plus_ms(LEASE_MS);
    assert_eq!(world.store.delivery_lease_sweep(end.minus_ms(1), 10).await.unwrap(), 0);
    assert_eq!(world.store.delivery_lease_sweep(end, 2).await.unwrap(), 2);
    assert_eq!(world.store.delivery_lease_sweep(end, 2).await.unwrap(), 1);
    assert_eq!(world.claim_deliveries(10, 1, end).await.len(), 3);
}

pub(crate) async fn attempts_are_kept_as_they_were(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let mut made = Vec::new();
    for (number, ends) in [(1, Ends::Silent(NOW)), (2, Ends::Retry(NOW)), (3, Ends::Well)] {
        let claimed = world.claim_delivery(NOW).await;
        let end = attempt_end(number, ends);
        made.push(end.attempt.clone());
        world.store.delivery_attempt_finish(claimed.lease, end, NOW).await.unwrap();
    }
    let (view, attempts) = world.delivery(id).await;
    assert_eq!(attempts, made);
    assert_eq!(view.delivery.attempts, 3);
}

async fn retry(world: &World, id: DeliveryId, now: Timestamp) -> ManualRetry {
    world.store.delivery_retry(world.caller.workspace_id, id, now).await.unwrap()
}

async fn cancel(world: &World, id: DeliveryId) -> ManualRetry {
    world.store.delivery_cancel(world.caller.workspace_id, id, NOW).await.unwrap()
}

pub(crate) async fn a_pending_delivery_can_be_hurried(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    world.end_attempt(&claimed, Ends::Retry(NOW.plus_ms(DAY_MS)), NOW).await;
    let (later, woken) = (NOW.plus_ms(7), world.wake.listen_deliveries());
    let changed = retry(&world, id, later).await;
    woken.await;
    let ManualRetry::Changed(view) = changed else { panic!("{changed:?}") };
    assert_eq!((view.delivery.state, view.delivery.next_attempt_at), (DeliveryState::Pending, Some(later)));
    let again = world.claim_delivery(later).await;
    assert_eq!((again.attempt_number, again.step), (2, 1), "its schedule goes on");
}

pub(crate) async fn an_ended_delivery_gets_a_whole_schedule_again(world: World) {
    for ends in [Ends::Failed, Ends::Well] {
        let id = world.deliver_to(WEBHOOK).await;
        let claimed = world.claim_delivery(NOW).await;
        world.end_attempt(&claimed, ends, NOW).await;
        let changed = retry(&world, id, NOW).await;
        let ManualRetry::Changed(view) = changed else { panic!("{changed:?}") };
        assert_eq!((view.delivery.state, view.delivery.finished_at), (DeliveryState::Pending, None));
        let again = world.claim_delivery(NOW).await;
        assert_eq!((again.lease.delivery_id, again.attempt_number, again.step), (id, 2, 0));
        world.end_attempt(&again, Ends::Well, NOW).await;
        assert_eq!(state(&world, id).await, DeliveryState::Succeeded);
    }
    let cancelled = world.deliver_to(WEBHOOK).await;
    cancel(&world, cancelled).await;
    assert!(matches!(retry(&world, cancelled, NOW).await, ManualRetry::Changed(_)));
    assert_eq!(world.store.queue_depths().await.unwrap().deliveries_pending, 1);
}

pub(crate) async fn an_attempt_under_way_is_not_disturbed(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let claimed = world.claim_delivery(NOW).await;
    assert_eq!(retry(&world, id, NOW).await, ManualRetry::UnderWay);
    assert_eq!(cancel(&world, id).await, ManualRetry::UnderWay);
    assert_eq!(world.end_attempt(&claimed, Ends::Well, NOW).await, Finished::Recorded);
}

pub(crate) async fn cancel_ends_pending_deliveries_only(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let cancelled = cancel(&world, id).await;
    let ManualRetry::Changed(view) = cancelled else { panic!("{cancelled:?}") };
    assert_eq!((view.delivery.state, view.delivery.next_attempt_at), (DeliveryState::Cancelled, None));
    assert_eq!(view.delivery.finished_at, Some(NOW));
    assert!(world.claim_deliveries(10, 1, NOW).await.is_empty());
    assert_eq!(next_due(&world, NOW).await, None);
    assert_eq!(cancel(&world, id).await, ManualRetry::Ended(DeliveryState::Cancelled));
    let unknown = DeliveryId(job_id().0);
    assert_eq!(cancel(&world, unknown).await, ManualRetry::NotFound);
    assert_eq!(retry(&world, unknown, NOW).await, ManualRetry::NotFound);
}

pub(crate) async fn lists_filter_by_job_and_state(world: World) {
    let queued = deliver_many(&world, WEBHOOK, 3).await;
    let claimed = world.claim_delivery(NOW).await;
    world.end_attempt(&claimed, Ends::Well, NOW).await;
    let list = async |state, limit, cursor| {
        let filter = DeliveryFilter { state, ..DeliveryFilter::default() };
        let page = Page { limit, cursor };
        let paged = world.store.delivery_list(world.caller.workspace_id, filter, page).await.unwrap();
        (paged.items.into_iter().map(|view| view.delivery.id).collect::<Vec<_>>(), paged.next)
    };
    let (newest, next) = list(None, 2, None).await;
    assert_eq!(newest, [queued[2], queued[1]]);
    assert_eq!(list(None, 2, next).await, (vec![queued[0]], None));
    assert_eq!(list(Some(DeliveryState::Succeeded), 9, None).await.0, [queued[0]]);
    assert_eq!(list(Some(DeliveryState::Pending), 9, None).await.0, [queued[2], queued[1]]);
    assert_eq!(list(Some(DeliveryState::Failed), 9, None).await.0, []);
    let job_id = world.delivery(queued[1]).await.0.delivery.job_id;
    for (state, found) in [(None, 1), (Some(DeliveryState::Pending), 1), (Some(DeliveryState::Failed), 0)] {
        let filter = DeliveryFilter { job_id, state, ..DeliveryFilter::default() };
        let paged = world.store.delivery_list(world.caller.workspace_id, filter, page(9)).await.unwrap();
        assert_eq!(paged.items.len(), found);
    }
}

pub(crate) async fn another_workspace_sees_no_delivery(world: World) {
    let id = world.deliver_to(WEBHOOK).await;
    let stranger = world.stranger().workspace_id;
    assert!(world.store.delivery_get(stranger, id).await.unwrap().is_none());
    let list = world.store.delivery_list(stranger, DeliveryFilter::default(), page(9)).await.unwrap();
    assert!(list.items.is_empty());
    assert_eq!(world.store.delivery_retry(stranger, id, NOW).await.unwrap(), ManualRetry::NotFound);
    assert_eq!(world.store.delivery_cancel(stranger, id, NOW).await.unwrap(), ManualRetry::NotFound);
    assert_eq!(state(&world, id).await, DeliveryState::Pending);
}
