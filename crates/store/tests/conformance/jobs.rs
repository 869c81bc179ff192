//! Jobs: what accepting, claiming and finishing promise.

use std::sync::Arc;

use hopline_domain::{
    chain::ChainStatus,
    credit::{EntryKind, Pool, Reserved},
    job::JobStatus,
    outcome::{Outcome, Reason},
    store::*,
    time::{DAY_MS, HOUR_MS},
    verdict::{Verdict, Verdicts},
};
use tokio::task::JoinSet;

use crate::fixtures::*;

pub(crate) async fn accept_queues_reserves_and_wakes(world: World) {
    let woken = world.wake.listen_jobs();
    let accept = world.job_accept(&Ask { price: 2, webhook: Some(WEBHOOK), ..ASK });
    let accepted = world.store.job_accept(world.caller, accept.clone(), NOW).await.unwrap();
    let Accepted::Queued { job_id, queue_position: 1 } = accepted else { panic!("{accepted:?}") };
    assert_eq!(job_id, accept.job.id);
    woken.await;
    let view = world.view(job_id).await;
    assert_eq!((view.balance, view.queue_position), (CREDITS - 2, 1));
    let job = view.job;
    assert_eq!((job.status, job.credits_charged), (JobStatus::Queued, 0));
    assert_eq!(
        (job.url, job.options, job.webhook_url),
        (accept.job.url, accept.job.options, accept.job.webhook_url)
    );
    assert_eq!((job.created_at, job.finished_at), (NOW, None));
    assert_eq!(world.balance().await, CREDITS - 2);
}

pub(crate) async fn accept_without_credits_leaves_nothing(world: World) {
    let refused = world.ask(&Ask { price: CREDITS + 1, key: Some(("k", 1)), ..ASK }).await;
    let expected = Refused::OutOfCredits { price: CREDITS + 1, balance: CREDITS };
    assert!(matches!(refused, Accepted::Refused(refused) if refused == expected), "{refused:?}");
    assert_eq!(world.balance().await, CREDITS);
    assert!(world.store.job_list(world.caller, page(1)).await.unwrap().items.is_empty());
    let usage = world.store.workspace_usage(world.caller, NOW).await.unwrap();
    assert_eq!((usage.jobs_unfinished, usage.resolves_today), (0, 0));
}

pub(crate) async fn accept_takes_the_plan_pool_first_and_gives_back_where_it_took(world: World) {
    let ids = [ledger_id(), ledger_id()];
    world.store.credit_month_turn(world.caller.workspace_id, 1, ids, NOW).await.unwrap();
    let id = world.queue(&Ask { price: 3, ..ASK }).await;
    assert_eq!(world.view(id).await.job.reserved, Reserved { plan: 1, pack: 2 });
    let lease = world.claim_one().await;
    world.finish_at(lease, failed(), NOW).await;
    let (_, balance) = world.store.workspace_get(world.caller.workspace_id).await.unwrap().unwrap();
    assert_eq!((balance.plan, balance.pack), (1, CREDITS));
    let released: Vec<_> =
        world.ledger().await.into_iter().filter(|entry| entry.kind == EntryKind::Release).collect();
    let mut amounts: Vec<_> = released.iter().map(|entry| (entry.pool == Pool::Plan, entry.amount)).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [(false, 2), (true, 1)]);
    assert!(released.iter().all(|entry| entry.job_id == Some(id)));
}

pub(crate) async fn accept_of_an_unknown_workspace_has_no_credits(world: World) {
    let refused = world.ask_at(world.stranger(), &ASK, NOW).await;
    assert!(
        matches!(refused, Accepted::Refused(Refused::OutOfCredits { price: 1, balance: 0 })),
        "{refused:?}"
    );
}

pub(crate) async fn a_replay_answers_the_job_as_it_is_now(world: World) {
    let ask = Ask { key: Some(("k", 1)), ..ASK };
    let id = world.queue(&ask).await;
    for status in [JobStatus::Queued, JobStatus::Running, JobStatus::Done] {
        let replayed = world.ask(&ask).await;
        let Accepted::Replayed(view) = replayed else { panic!("{replayed:?}") };
        assert_eq!((view.job.id, view.job.status), (id, status));
        assert_eq!(view.queue_position, u64::from(status == JobStatus::Queued));
        match status {
            JobStatus::Queued => _ = world.claim_one().await,
            JobStatus::Running => {
                let expired = world.store.job_lease_expired(NOW.plus_ms(LEASE_MS), 1).await.unwrap();
                world.finish_at(expired[0].lease, done(), NOW).await;
            }
            _ => {}
        }
    }
    assert_eq!(world.balance().await, CREDITS - 1);
}

pub(crate) async fn a_key_with_another_fingerprint_is_refused(world: World) {
    world.queue(&Ask { key: Some(("k", 1)), ..ASK }).await;
    let refused = world.ask(&Ask { key: Some(("k", 2)), ..ASK }).await;
    assert!(matches!(refused, Accepted::Refused(Refused::IdempotencyKeyReused)), "{refused:?}");
    assert_eq!(world.balance().await, CREDITS - 1);
}

pub(crate) async fn an_expired_key_is_free(world: World) {
    let first = world.queue(&Ask { key: Some(("k", 1)), ..ASK }).await;
    let later = claim_of("k", 1).expires_at;
    let before = world.ask_at(world.caller, &Ask { key: Some(("k", 1)), ..ASK }, later.minus_ms(1)).await;
    assert!(matches!(before, Accepted::Replayed(_)), "{before:?}");
    let mut accept = world.job_accept(&Ask { key: Some(("k", 2)), ..ASK });
    accept.idempotency.as_mut().unwrap().expires_at = later.plus_ms(DAY_MS);
    let second = queued(world.store.job_accept(world.caller, accept, later).await.unwrap());
    assert_ne!(first, second);
    let replayed = world.ask_at(world.caller, &Ask { key: Some(("k", 2)), ..ASK }, later).await;
    assert!(matches!(replayed, Accepted::Replayed(view) if view.job.id == second));
}

pub(crate) async fn a_refusal_leaves_its_key_free(world: World) {
    let refused = world.ask(&Ask { price: CREDITS + 1, key: Some(("k", 1)), ..ASK }).await;
    assert!(matches!(refused, Accepted::Refused(_)));
    world.queue(&Ask { key: Some(("k", 2)), ..ASK }).await;
}

pub(crate) async fn keys_of_two_families_never_meet(world: World) {
    let other = world.second_family().await;
    let ask = Ask { key: Some(("k", 1)), ..ASK };
    let first = world.queue(&ask).await;
    assert_ne!(first, queued(world.ask_at(other, &ask, NOW).await));
}

pub(crate) async fn the_same_body_answers_the_unfinished_job_only(world: World) {
    let ask = Ask { body: Some(7), ..ASK };
    let id = world.queue(&ask).await;
    let same = world.ask(&ask).await;
    assert!(matches!(&same, Accepted::SameBody(view) if view.job.id == id), "{same:?}");
    let lease = world.claim_one().await;
    let running = world.ask(&ask).await;
    assert!(
        matches!(&running, Accepted::SameBody(view) if view.job.status == JobStatus::Running),
        "{running:?}"
    );
    world.queue(&Ask { body: Some(8), ..ASK }).await;
    world.finish_at(lease, done(), NOW).await;
    assert_ne!(world.queue(&ask).await, id);
    assert_eq!(world.balance().await, CREDITS - 3);
}

pub(crate) async fn the_same_body_of_another_family_is_another_job(world: World) {
    let other = world.second_family().await;
    let ask = Ask { body: Some(7), ..ASK };
    let id = world.queue(&ask).await;
    assert_ne!(queued(world.ask_at(other, &ask, NOW).await), id);
}

pub(crate) async fn a_cached_answer_is_no_older_than_asked(world: World) {
    let id = world.run(&ASK, done()).await;
    let cached = world.ask(&Ask { cached_since: Some(NOW), ..ASK }).await;
    let Accepted::Cached { job, balance } = cached else { panic!("{cached:?}") };
    assert_eq!((job.id, job.target_url.as_deref(), balance), (id, Some("https://example.com/"), CREDITS - 1));
    world.queue(&Ask { cached_since: Some(NOW.plus_ms(1)), ..ASK }).await;
    world.queue(&Ask { cached_since: None, ..ASK }).await;
    world.queue(&Ask { url: "https://sho.rt/b", cached_since: Some(NOW), ..ASK }).await;
}

pub(crate) async fn only_done_jobs_are_cached(world: World) {
    world.run(&ASK, failed()).await;
    world.run(&ASK, Outcome::Invalid { reason: Reason::ForbiddenAddress, vendor: None }).await;
    world.queue(&Ask { cached_since: Some(NOW.minus_ms(HOUR_MS)), ..ASK }).await;
}

pub(crate) async fn a_cached_answer_moves_only_the_quota(world: World) {
    world.run(&ASK, done()).await;
    let ask = Ask { cached_since: Some(NOW), key: Some(("k", 1)), ..ASK };
    assert!(matches!(world.ask(&ask).await, Accepted::Cached { .. }));
    assert_eq!(world.balance().await, CREDITS - 1);
    let usage = world.store.workspace_usage(world.caller, NOW).await.unwrap();
    assert_eq!((usage.resolves_today, usage.jobs_unfinished), (2, 0));
    // It made no record: the key may be used for something else.
    world.queue(&Ask { key: Some(("k", 2)), ..ASK }).await;
}

pub(crate) async fn the_quota_refuses_until_midnight(world: World) {
    let ask = Ask { quota: Some(2), ..ASK };
    world.run(&ask, done()).await;
    assert!(matches!(
        world.ask(&Ask { cached_since: Some(NOW), ..ask.clone() }).await,
        Accepted::Cached { .. }
    ));
    let resets_at = NOW.next_utc_midnight();
    for cached_since in [None, Some(NOW)] {
        let refused = world.ask(&Ask { cached_since, ..ask.clone() }).await;
        let expected = Refused::QuotaExceeded { limit: 2, resets_at };
        assert!(matches!(refused, Accepted::Refused(refused) if refused == expected), "{refused:?}");
    }
    assert_eq!(world.store.workspace_usage(world.caller, NOW).await.unwrap().resolves_today, 2);
    queued(world.ask_at(world.caller, &ask, resets_at).await);
    assert_eq!(world.store.workspace_usage(world.caller, resets_at).await.unwrap().resolves_today, 1);
}

pub(crate) async fn replays_do_not_count_for_the_quota(world: World) {
    let ask = Ask { quota: Some(1), key: Some(("k", 1)), ..ASK };
    world.queue(&ask).await;
    assert!(matches!(world.ask(&ask).await, Accepted::Replayed(_)));
    assert_eq!(world.store.workspace_usage(world.caller, NOW).await.unwrap().resolves_today, 1);
}

pub(crate) async fn concurrent_accepts_never_overspend(world: World) {
    let ask = Ask { price: CREDITS / 5, ..ASK };
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let (store, caller, accept) = (Arc::clone(&world.store), world.caller, world.job_accept(&ask));
        callers.spawn(async move { store.job_accept(caller, accept, NOW).await.unwrap() });
    }
    let accepted = callers.join_all().await;
    let made = accepted.iter().filter(|accepted| matches!(accepted, Accepted::Queued { .. })).count();
    let refused =
        accepted.iter().filter(|a| matches!(a, Accepted::Refused(Refused::OutOfCredits { .. }))).count();
    assert_eq!((made, refused), (5, 15));
    assert_eq!(world.balance().await, 0);
}

pub(crate) async fn concurrent_accepts_with_one_key_make_one_job(world: World) {
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let accept = world.job_accept(&Ask { key: Some(("k", 1)), ..ASK });
        let (store, caller) = (Arc::clone(&world.store), world.caller);
        callers.spawn(async move { store.job_accept(caller, accept, NOW).await.unwrap() });
    }
    let accepted = callers.join_all().await;
    assert_eq!(accepted.iter().filter(|accepted| matches!(accepted, Accepted::Queued { .. })).count(), 1);
    assert_eq!(accepted.iter().filter(|accepted| matches!(accepted, Accepted::Replayed(_))).count(), 19);
    assert_eq!(world.balance().await, CREDITS - 1);
}

pub(crate) async fn claim_orders_by_due_time(world: World) {
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(world.queue(&ASK).await);
    }
    let first = world.claim_one().await;
    assert_eq!(first.job_id, ids[0]);
    // Back in the queue, due before none of the others.
    world.store.job_requeue(first, Counted::HandedBack, NOW.plus_ms(5)).await.unwrap();
    let claimed = world.claim_at(10, NOW.plus_ms(5)).await;
    let order: Vec<_> = claimed.iter().map(|job| job.lease.job_id).collect();
    assert_eq!(order, [ids[1], ids[2], ids[3], ids[0]]);
}

pub(crate) async fn claim_skips_leased_and_waiting_jobs(world: World) {
    let (first, second) = (world.queue(&ASK).await, world.queue(&ASK).await);
    let leased = world.claim_one().await;
    assert_eq!(leased.job_id, first);
    let claimed = world.claim_at(10, NOW).await;
    assert_eq!(claimed.iter().map(|job| job.lease.job_id).collect::<Vec<_>>(), [second]);
    world.store.job_requeue(leased, Counted::Lost, NOW.plus_ms(5_000)).await.unwrap();
    assert!(world.claim_at(10, NOW.plus_ms(4_999)).await.is_empty());
    assert_eq!(world.claim_at(10, NOW.plus_ms(5_000)).await.len(), 1);
}

pub(crate) async fn claim_hands_over_what_a_worker_needs(world: World) {
    let accept = world.job_accept(&ASK);
    world.store.job_accept(world.caller, accept.clone(), NOW).await.unwrap();
    let claimed = world.claim_at(1, NOW).await.remove(0);
    assert_eq!((claimed.lease.job_id, claimed.caller), (accept.job.id, world.caller));
    assert_eq!((claimed.url, claimed.options), (accept.job.url, accept.job.options));
    assert_eq!((claimed.cache_key, claimed.lost_leases), (accept.job.cache_key, 0));
    assert_eq!(world.view(accept.job.id).await.job.status, JobStatus::Running);
}

pub(crate) async fn claim_tells_what_the_last_done_job_found(world: World) {
    let other = Ask { url: "https://sho.rt/b", ..ASK };
    world.run(&other, done()).await;
    world.run(&ASK, failed()).await;
    world.queue(&ASK).await;
    let first = world.claim_at(1, NOW).await.remove(0);
    assert_eq!(first.previous, None, "another link, or a failure, is no earlier answer");
    for (target, at) in [("https://one.example/", 1), ("https://two.example/", 2)] {
        world.queue(&ASK).await;
        let lease = world.claim_at(1, NOW).await.remove(0).lease;
        let end = Outcome::Done { target_url: target.to_owned() };
        assert_eq!(world.finish_at(lease, end, NOW.plus_ms(at)).await, Finished::Recorded);
    }
    world.queue(&ASK).await;
    let previous = world.claim_at(1, NOW).await.remove(0).previous.unwrap();
    assert_eq!(
        (previous.final_url.as_deref(), previous.status),
        (Some("https://two.example/"), ChainStatus::Done)
    );
    assert_eq!((previous.http_status, previous.checked_at), (None, NOW.plus_ms(2)));
}

pub(crate) async fn concurrent_claims_never_share_a_job(world: World) {
    for _ in 0..12 {
        world.queue(&ASK).await;
    }
    let mut workers = JoinSet::new();
    for _ in 0..6 {
        let claim = JobClaim { limit: 3, lease_until: NOW.plus_ms(LEASE_MS), token: token() };
        let store = Arc::clone(&world.store);
        workers.spawn(async move { store.job_claim(claim, NOW).await.unwrap() });
    }
    let mut ids: Vec<_> =
        workers.join_all().await.into_iter().flatten().map(|job| job.lease.job_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

pub(crate) async fn finish_done_settles_once(world: World) {
    let id = world.queue(&Ask { price: 2, ..ASK }).await;
    let lease = world.claim_one().await;
    let later = NOW.plus_ms(9);
    let verdict = Verdict { value: Some(true), detail: None };
    let verdicts = Verdicts { expected_domain: verdict, ..Verdicts::default() };
    let end = JobEnd { verdicts: Some(verdicts.clone()), evidence: Some([9; 32]), ..job_end(done()) };
    assert_eq!(world.store.job_finish(lease, end, later).await.unwrap(), Finished::Recorded);
    assert_eq!(world.finish_at(lease, done(), later).await, Finished::LeaseLost);
    let job = world.view(id).await.job;
    assert_eq!((job.status, job.credits_charged, job.finished_at), (JobStatus::Done, 2, Some(later)));
    assert_eq!((job.hops_count, job.verdicts, job.evidence), (Some(3), Some(verdicts), Some([9; 32])));
    assert_eq!(world.balance().await, CREDITS - 2);
    let settled = world.ledger().await.into_iter().filter(|entry| entry.kind == EntryKind::Settle);
    let settled: Vec<_> = settled.map(|entry| (entry.job_id, entry.amount)).collect();
    assert_eq!(settled, [(Some(id), 0)]);
}

pub(crate) async fn finish_failed_gives_credits_back(world: World) {
    let id = world.run(&Ask { price: 2, ..ASK }, failed()).await;
    let job = world.view(id).await.job;
    assert_eq!((job.status, job.credits_charged, job.reason), (JobStatus::Failed, 0, Some(Reason::Timeout)));
    assert_eq!(world.balance().await, CREDITS);
    assert!(world.ledger().await.iter().all(|entry| entry.kind != EntryKind::Settle));
}

pub(crate) async fn finish_invalid_keeps_the_vendor(world: World) {
    let vendor = Some("turnstile".to_owned());
    let id =
        world.run(&ASK, Outcome::Invalid { reason: Reason::HumanVerification, vendor: vendor.clone() }).await;
    let job = world.view(id).await.job;
    assert_eq!((job.status, job.reason), (JobStatus::Invalid, Some(Reason::HumanVerification)));
    assert_eq!((job.vendor, job.credits_charged), (vendor, 0));
    assert_eq!(world.balance().await, CREDITS);
}

pub(crate) async fn a_stale_token_finishes_nothing(world: World) {
    let id = world.queue(&Ask { webhook: Some(WEBHOOK), ..ASK }).await;
    let stale = world.claim_one().await;
    world.store.job_requeue(stale, Counted::Lost, NOW).await.unwrap();
    assert_eq!(world.finish_at(stale, done(), NOW).await, Finished::LeaseLost);
    assert_eq!(world.view(id).await.job.status, JobStatus::Queued);
    let current = world.claim_one().await;
    assert_eq!(world.finish_at(stale, done(), NOW).await, Finished::LeaseLost);
    let view = world.view(id).await;
    assert_eq!((view.job.status, view.job.target_url), (JobStatus::Running, None));
    assert_eq!(world.store.queue_depths().await.unwrap().deliveries_pending, 0);
    assert_eq!(world.finish_at(current, failed(), NOW).await, Finished::Recorded);
    assert_eq!(world.balance().await, CREDITS);
}

pub(crate) async fn finish_commits_event_and_delivery_together(world: World) {
    let id = world.queue(&Ask { price: 2, webhook: Some(WEBHOOK), ..ASK }).await;
    let quiet = world.queue(&ASK).await;
    let lease = world.claim_one().await;
    let end = job_end(done());
    world.store.job_finish(lease, end.clone(), NOW).await.unwrap();
    let delivery = world.delivery_of(id).await.delivery;
    assert_eq!((delivery.id, delivery.event_id), (end.delivery.id, end.event_id));
    assert_eq!((delivery.event_type.as_str(), delivery.job_id), ("resolve.done", Some(id)));
    let body: serde_json::Value = serde_json::from_slice(&world.claim_delivery(NOW).await.body).unwrap();
    assert_eq!((&body["event"], &body["job_id"]), (&"resolve.done".into(), &id.to_string().into()));
    // The balance of that moment: the other job's reservation is out too.
    assert_eq!((&body["credits_charged"], &body["balance"]), (&2.into(), &(CREDITS - 3).into()));
    // Without a receiver there is an event and nothing to deliver.
    let lease = world.claim_one().await;
    assert_eq!(lease.job_id, quiet);
    world.finish_at(lease, failed(), NOW).await;
    let all = world.store.delivery_list(world.caller.workspace_id, DeliveryFilter::default(), page(10)).await;
    assert_eq!(all.unwrap().items.len(), 1);
}

pub(crate) async fn finish_wakes_whoever_waits(world: World) {
    let id = world.queue(&Ask { webhook: Some(WEBHOOK), ..ASK }).await;
    let lease = world.claim_one().await;
    let (mut ended, due) = (world.wake.listen_job_end(id), world.wake.listen_deliveries());
    world.finish_at(lease, done(), NOW).await;
    ended.ended().await;
    due.await;
}

pub(crate) async fn requeue_counts_lost_leases_only(world: World) {
    world.queue(&ASK).await;
    let mut counts = Vec::new();
    for counted in [Counted::HandedBack, Counted::Lost, Counted::Lost] {
        let lease = world.claim_one().await;
        let woken = world.wake.listen_jobs();
        assert_eq!(world.store.job_requeue(lease, counted, NOW).await.unwrap(), Finished::Recorded);
        woken.await;
        let claimed = world.claim_at(1, NOW).await.remove(0);
        counts.push(claimed.lost_leases);
        world.store.job_requeue(claimed.lease, Counted::HandedBack, NOW).await.unwrap();
    }
    assert_eq!(counts, [0, 1, 2]);
}

pub(crate) async fn a_stale_token_requeues_nothing(world: World) {
    let id = world.queue(&ASK).await;
    let lease = world.claim_one().await;
    let stale = JobLease { token: token(), ..lease };
    assert_eq!(world.store.job_requeue(stale, Counted::Lost, NOW).await.unwrap(), Finished::LeaseLost);
    assert_eq!(world.view(id).await.job.status, JobStatus::Running);
    world.finish_at(lease, done(), NOW).await;
    assert_eq!(world.store.job_requeue(lease, Counted::Lost, NOW).await.unwrap(), Finished::LeaseLost);
    assert_eq!(world.view(id).await.job.status, JobStatus::Done);
}

pub(crate) async fn extending_answers_the_lost_leases(world: World) {
    world.queue(&ASK).await;
    world.queue(&ASK).await;
    let leases: Vec<_> = world.claim_at(2, NOW).await.into_iter().map(|job| job.lease).collect();
    let stale = JobLease { token: token(), ..leases[1] };
    let until = NOW.plus_ms(2 * LEASE_MS);
    let lost = world.store.job_lease_extend(vec![leases[0], stale], until).await.unwrap();
    assert_eq!(lost, [stale]);
    let expired = world.store.job_lease_expired(until.minus_ms(1), 10).await.unwrap();
    assert_eq!(expired.iter().map(|job| job.lease).collect::<Vec<_>>(), [leases[1]]);
}

pub(crate) async fn expired_leases_are_found_oldest_first(world: World) {
    for _ in 0..3 {
        world.queue(&ASK).await;
    }
    let mut leases = Vec::new();
    for late in [2, 1, 0] {
        leases.push(world.claim_at(1, NOW.plus_ms(late)).await.remove(0).lease);
    }
    let at = NOW.plus_ms(LEASE_MS + 1);
    let expired = world.store.job_lease_expired(at, 10).await.unwrap();
    assert_eq!(expired.iter().map(|job| job.lease).collect::<Vec<_>>(), [leases[2], leases[1]]);
    assert!(expired.iter().all(|job| job.lost_leases == 1));
    assert_eq!(world.store.job_lease_expired(at, 1).await.unwrap().len(), 1);
}

pub(crate) async fn a_family_sees_its_own_jobs_only(world: World) {
    let other = world.second_family().await;
    let id = world.queue(&ASK).await;
    for caller in [other, world.stranger()] {
        assert_eq!(world.store.job_get(caller, id).await.unwrap(), None);
        assert!(world.store.job_list(caller, page(10)).await.unwrap().items.is_empty());
    }
    assert_eq!(world.store.job_get(world.caller, job_id()).await.unwrap(), None);
}

pub(crate) async fn lists_page_newest_first_and_stay_right_under_inserts(world: World) {
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.queue(&ASK).await);
    }
    let first = world.store.job_list(world.caller, page(2)).await.unwrap();
    world.queue(&ASK).await;
    let second = world.store.job_list(world.caller, Page { limit: 2, cursor: first.next }).await.unwrap();
    let third = world.store.job_list(world.caller, Page { limit: 2, cursor: second.next }).await.unwrap();
    let seen =
        [&first, &second, &third].map(|page| page.items.iter().map(|view| view.job.id).collect::<Vec<_>>());
    ids.reverse();
    assert_eq!(seen.concat(), ids);
    assert_eq!(third.next, None);
}

pub(crate) async fn the_queue_position_counts_from_the_head(world: World) {
    let (first, second, third) = (world.queue(&ASK).await, world.queue(&ASK).await, world.queue(&ASK).await);
    let positions = async || {
        let mut positions = Vec::new();
        for id in [first, second, third] {
            positions.push(world.view(id).await.queue_position);
        }
        positions
    };
    assert_eq!(positions().await, [1, 2, 3]);
    let lease = world.claim_one().await;
    assert_eq!(positions().await, [0, 1, 2]);
    world.finish_at(lease, done(), NOW).await;
    world.claim_one().await;
    assert_eq!(positions().await, [0, 0, 1]);
}
