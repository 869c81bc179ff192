//! The oracle: jobs, credits and keys as plain maps. Random sequences of calls must get the same answers from it
//! and from an engine, and leave the same balance (I05), leases (I06) and jobs per key (I07).

use std::collections::BTreeMap;

use hopline_domain::{id::JobId, job::JobStatus, store::*, time::Timestamp};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    fixtures::*,
    harness::{EngineUnderTest, block_on},
};

const CASES: u32 = 48;
const OPERATIONS_MAX: usize = 40;
const STEP_MS: i64 = 20_000;
const URLS: [&str; 3] = ["https://sho.rt/a", "https://sho.rt/b", "https://sho.rt/c"];
const KEYS: [&str; 2] = ["k1", "k2"];

/// One call, with indices where an id is needed: they pick among what there is.
#[derive(Clone, Debug)]
enum Operation {
    Accept {
        url: usize,
        price: i64,
        key: Option<(usize, u8)>,
        body: Option<u8>,
        max_age_ms: Option<i64>,
        quota: Option<u32>,
    },
    Claim {
        limit: u32,
    },
    Finish {
        lease: usize,
        well: bool,
    },
    Requeue {
        lease: usize,
        lost: bool,
        delay_ms: i64,
    },
    Extend {
        lease: usize,
    },
    Expired,
    Wait,
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = proptest::option::weighted(0.3, (0..KEYS.len(), 0_u8..2));
    let body = proptest::option::weighted(0.3, 0_u8..2);
    let max_age_ms = proptest::option::weighted(0.4, 0..4 * STEP_MS);
    let quota = proptest::option::weighted(0.2, 3_u32..8);
    let accept = (0..URLS.len(), 1_i64..40, key, body, max_age_ms, quota);
    prop_oneof![
        6 => accept.prop_map(|(url, price, key, body, max_age_ms, quota)| {
            let body = if key.is_some() { None } else { body };
            Operation::Accept { url, price, key, body, max_age_ms, quota }
        }),
        3 => (1_u32..4).prop_map(|limit| Operation::Claim { limit }),
        4 => (0_usize..64, any::<bool>()).prop_map(|(lease, well)| Operation::Finish { lease, well }),
        1 => (0_usize..64, any::<bool>(), 0..2 * STEP_MS)
            .prop_map(|(lease, lost, delay_ms)| Operation::Requeue { lease, lost, delay_ms }),
        1 => (0_usize..64).prop_map(|lease| Operation::Extend { lease }),
        1 => Just(Operation::Expired),
        2 => Just(Operation::Wait),
    ]
}

/// A job as the model knows it.
#[derive(Clone, Debug)]
struct ModelJob {
    url: usize,
    price: i64,
    body: Option<u8>,
    status: JobStatus,
    due_at: Timestamp,
    lease: Option<(JobLease, Timestamp)>,
    lost_leases: u32,
    finished_at: Option<Timestamp>,
}

/// What an accept came to, without what only an engine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Queued,
    Cached(JobId),
    Replayed(JobId, JobStatus),
    SameBody(JobId, JobStatus),
    Refused(Refused),
}

#[derive(Debug, Default)]
struct Model {
    /// In the order they were made.
    jobs: Vec<(JobId, ModelJob)>,
    keys: BTreeMap<usize, (u8, JobId)>,
    balance: i64,
    resolves_today: u32,
    /// Every lease ever given: stale ones are tried too.
    leases: Vec<JobLease>,
}

impl Model {
    fn job(&mut self, id: JobId) -> &mut ModelJob {
        &mut self.jobs.iter_mut().find(|(known, _)| *known == id).expect("the model knows its jobs").1
    }

    fn accept(&mut self, operation: &Operation, id: JobId, now: Timestamp) -> Answer {
        let Operation::Accept { url, price, key, body, max_age_ms, quota } = *operation else {
            unreachable!()
        };
        if let Some((key, fingerprint)) = key
            && let Some((known, id)) = self.keys.get(&key).copied()
        {
            let status = self.job(id).status;
            let replay = Answer::Replayed(id, status);
            return if known == fingerprint {
                replay
            } else {
                Answer::Refused(Refused::IdempotencyKeyReused)
            };
        }
        let unfinished = self.jobs.iter().rev().filter(|(_, job)| !job.status.is_final());
        if let Some((id, job)) = unfinished.into_iter().find(|(_, job)| body.is_some() && job.body == body) {
            return Answer::SameBody(*id, job.status);
        }
        if let Some(limit) = quota.filter(|limit| self.resolves_today >= *limit) {
            return Answer::Refused(Refused::QuotaExceeded { limit, resets_at: now.next_utc_midnight() });
        }
        if let Some(id) = max_age_ms.and_then(|age| self.cached(url, now.minus_ms(age))) {
            self.resolves_today += 1;
            return Answer::Cached(id);
        }
        if price > self.balance {
            return Answer::Refused(Refused::OutOfCredits { price, balance: self.balance });
        }
        self.balance -= price;
        self.resolves_today += 1;
        if let Some((key, fingerprint)) = key {
            self.keys.insert(key, (fingerprint, id));
        }
        let job = ModelJob {
            url,
            price,
            body,
            status: JobStatus::Queued,
            due_at: now,
            lease: None,
            lost_leases: 0,
            finished_at: None,
        };
        self.jobs.push((id, job));
        Answer::Queued
    }

    /// The freshest answer; which of two equally fresh ones is the engine's choice, so the model compares times.
    fn cached(&self, url: usize, since: Timestamp) -> Option<JobId> {
        let done = self.jobs.iter().filter(|(_, job)| job.status == JobStatus::Done && job.url == url);
        let fresh = done.filter(|(_, job)| job.finished_at.is_some_and(|at| at >= since));
        fresh.max_by_key(|(_, job)| job.finished_at).map(|(id, _)| *id)
    }

    fn claim(&mut self, claim: JobClaim, now: Timestamp) -> Vec<(JobId, u32)> {
        let mut due: Vec<_> = self.jobs.iter_mut().enumerate().collect();
        due.retain(|(_, (_, job))| job.status == JobStatus::Queued && job.due_at <= now);
        due.sort_by_key(|(seq, (_, job))| (job.due_at, *seq));
        let mut claimed = Vec::new();
        for (_, (id, job)) in due.into_iter().take(claim.limit as usize) {
            let lease = JobLease { job_id: *id, token: claim.token };
            job.status = JobStatus::Running;
            job.lease = Some((lease, claim.lease_until));
            self.leases.push(lease);
            claimed.push((*id, job.lost_leases));
        }
        claimed
    }

    /// The job a lease still holds.
    fn held(&mut self, lease: JobLease) -> Option<&mut ModelJob> {
        let job = self.job(lease.job_id);
        job.lease.is_some_and(|(held, _)| held == lease).then_some(job)
    }

    fn finish(&mut self, lease: JobLease, well: bool, now: Timestamp) -> Finished {
        let Some(job) = self.held(lease) else { return Finished::LeaseLost };
        job.status = if well { JobStatus::Done } else { JobStatus::Failed };
        job.lease = None;
        job.body = None;
        job.finished_at = Some(now);
        let back = if well { 0 } else { job.price };
        self.balance += back;
        Finished::Recorded
    }

    fn requeue(&mut self, lease: JobLease, counted: Counted, due_at: Timestamp) -> Finished {
        let Some(job) = self.held(lease) else { return Finished::LeaseLost };
        job.status = JobStatus::Queued;
        job.lease = None;
        job.due_at = due_at;
        job.lost_leases += u32::from(counted == Counted::Lost);
        Finished::Recorded
    }

    fn extend(&mut self, lease: JobLease, until: Timestamp) -> Vec<JobLease> {
        let Some(job) = self.held(lease) else { return vec![lease] };
        job.lease = Some((lease, until));
        Vec::new()
    }

    fn expired(&self, now: Timestamp) -> Vec<(JobId, u32)> {
        let running = self.jobs.iter().filter(|(_, job)| job.lease.is_some_and(|(_, until)| until <= now));
        let mut expired: Vec<_> = running.map(|(id, job)| (*id, job.lost_leases + 1)).collect();
        expired.sort_unstable();
        expired
    }
}

fn answer(accepted: &Accepted) -> Answer {
    match accepted {
        Accepted::Queued { .. } => Answer::Queued,
        Accepted::Cached { job, .. } => Answer::Cached(job.id),
        Accepted::Replayed(view) => Answer::Replayed(view.job.id, view.job.status),
        Accepted::SameBody(view) => Answer::SameBody(view.job.id, view.job.status),
        Accepted::Refused(refused) => Answer::Refused(*refused),
    }
}

/// Runs one operation on both and compares what they say.
async fn step(world: &World, model: &mut Model, operation: &Operation, now: Timestamp) {
    let lease_of = |index: usize, model: &Model| model.leases.get(index % model.leases.len().max(1)).copied();
    match *operation {
        Operation::Accept { url, price, key, body, max_age_ms, quota } => {
            let ask = Ask {
                url: URLS[url],
                price,
                webhook: (url == 0).then_some(WEBHOOK),
                cached_since: max_age_ms.map(|age| now.minus_ms(age)),
                body,
                key: key.map(|(key, fingerprint)| (KEYS[key], fingerprint)),
                quota,
            };
            let accept = world.job_accept(&ask);
            let expected = model.accept(operation, accept.job.id, now);
            let accepted = world.store.job_accept(world.caller, accept, now).await.unwrap();
            assert_same(model, expected, answer(&accepted));
        }
        Operation::Claim { limit } => {
            let claim = JobClaim { limit, lease_until: now.plus_ms(LEASE_MS), token: token() };
            let claimed = world.store.job_claim(claim, now).await.unwrap();
            let claimed: Vec<_> = claimed.iter().map(|job| (job.lease.job_id, job.lost_leases)).collect();
            assert_eq!(claimed, model.claim(claim, now));
        }
        Operation::Finish { lease, well } => {
            let Some(lease) = lease_of(lease, model) else { return };
            let outcome = if well { done() } else { failed() };
            assert_eq!(world.finish_at(lease, outcome, now).await, model.finish(lease, well, now));
        }
        Operation::Requeue { lease, lost, delay_ms } => {
            let Some(lease) = lease_of(lease, model) else { return };
            let (counted, due_at) =
                (if lost { Counted::Lost } else { Counted::HandedBack }, now.plus_ms(delay_ms));
            let finished = world.store.job_requeue(lease, counted, due_at).await.unwrap();
            assert_eq!(finished, model.requeue(lease, counted, due_at));
        }
        Operation::Extend { lease } => {
            let Some(lease) = lease_of(lease, model) else { return };
            let until = now.plus_ms(LEASE_MS);
            let lost = world.store.job_lease_extend(vec![lease], until).await.unwrap();
            assert_eq!(lost, model.extend(lease, until));
        }
        Operation::Expired => {
            let expired = world.store.job_lease_expired(now, 1_000).await.unwrap();
            let mut expired: Vec<_> = expired.iter().map(|job| (job.lease.job_id, job.lost_leases)).collect();
            expired.sort_unstable();
            assert_eq!(expired, model.expired(now));
        }
        Operation::Wait => {}
    }
}

fn assert_same(model: &mut Model, expected: Answer, got: Answer) {
    if let (Answer::Cached(expected), Answer::Cached(got)) = (expected, got) {
        let at = model.job(expected).finished_at;
        let job = model.job(got);
        assert_eq!((job.finished_at, job.status), (at, JobStatus::Done));
    } else {
        assert_eq!(got, expected);
    }
}

/// What must hold at the end of any sequence.
async fn settle(world: &World, model: &mut Model) {
    assert_eq!(world.balance().await, model.balance);
    let mut deliveries = 0;
    for (id, job) in &model.jobs {
        let view = world.view(*id).await;
        let charged = if job.status == JobStatus::Done { job.price } else { 0 };
        assert_eq!((view.job.status, view.job.credits_charged), (job.status, charged));
        assert_eq!((view.job.finished_at, view.balance), (job.finished_at, model.balance));
        deliveries += u64::from(job.status.is_final() && job.url == 0);
    }
    let usage = world.store.workspace_usage(world.caller, NOW).await.unwrap();
    let unfinished = model.jobs.iter().filter(|(_, job)| !job.status.is_final()).count();
    assert_eq!((usage.jobs_unfinished, usage.resolves_today), (unfinished as u64, model.resolves_today));
    let depths = world.store.queue_depths().await.unwrap();
    assert_eq!(depths.deliveries_pending, deliveries, "one delivery for each end that someone waits for");
}

/// The property: an engine and the model never disagree.
pub(crate) fn agrees<E: EngineUnderTest>() {
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let operations = proptest::collection::vec(operation(), 1..OPERATIONS_MAX);
    let ran = TestRunner::new(config).run(&operations, |operations| {
        block_on(async {
            let world = World::new(E::fresh()).await;
            let (mut model, mut now) = (Model { balance: CREDITS, ..Model::default() }, NOW);
            for operation in &operations {
                step(&world, &mut model, operation, now).await;
                if matches!(operation, Operation::Wait) {
                    now = now.plus_ms(STEP_MS);
                }
            }
            settle(&world, &mut model).await;
        });
        Ok(())
    });
    ran.unwrap();
}
