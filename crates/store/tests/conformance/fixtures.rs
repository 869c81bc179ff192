//! What cases begin with: a bootstrapped store and short ways to make the usual things.

use std::{any::Any, sync::Arc};

use hopline_domain::{
    delivery::{Attempt, AttemptError, Decision, Next},
    entropy::{Entropy, OsEntropy},
    id::{
        AttemptId, AuditId, CreditEntryId, DeliveryId, EventId, FamilyId, JobId, KeyId, LeaseToken,
        WorkspaceId,
    },
    idempotency::{IdempotencyClaim, IdempotencyKey},
    job::{JobOptions, cache_key},
    key::{KeyLimits, Scope, Scopes},
    lane::LaneEffect,
    outcome::{Outcome, Reason},
    provider::Tier,
    store::*,
    time::{HOUR_MS, Timestamp},
    wake::WakeHub,
};

use crate::harness::Fresh;

/// 2026-06-05T12:00:00.000Z.
pub(crate) const NOW: Timestamp = Timestamp(1_780_660_800_000);
pub(crate) const CREDITS: i64 = 100;
pub(crate) const LEASE_MS: i64 = 60_000;
pub(crate) const WEBHOOK: &str = "https://hooks.example/in";

/// A store with its first workspace.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) wake: Arc<WakeHub>,
    pub(crate) caller: Caller,
    /// Hash of the first key.
    pub(crate) hash: [u8; 32],
    _ground: Box<dyn Any + Send + Sync>,
}

/// A resolve to accept: a plain one, changed by struct update.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) url: &'static str,
    pub(crate) price: i64,
    pub(crate) webhook: Option<&'static str>,
    pub(crate) cached_since: Option<Timestamp>,
    pub(crate) body: Option<u8>,
    pub(crate) key: Option<(&'static str, u8)>,
    pub(crate) quota: Option<u32>,
}

pub(crate) const ASK: Ask = Ask {
    url: "https://sho.rt/a",
    price: 1,
    webhook: None,
    cached_since: None,
    body: None,
    key: None,
    quota: None,
};

pub(crate) fn done() -> Outcome {
    Outcome::Done { target_url: "https://example.com/".to_owned() }
}

pub(crate) fn failed() -> Outcome {
    Outcome::Failed { reason: Reason::Timeout }
}

pub(crate) fn page(limit: u32) -> Page {
    Page { limit, cursor: None }
}

pub(crate) fn token() -> LeaseToken {
    LeaseToken::generate(NOW, &OsEntropy)
}

pub(crate) fn job_id() -> JobId {
    JobId::generate(NOW, &OsEntropy)
}

pub(crate) fn ledger_id() -> CreditEntryId {
    CreditEntryId::generate(NOW, &OsEntropy)
}

pub(crate) fn key_id() -> KeyId {
    KeyId::generate(NOW, &OsEntropy)
}

pub(crate) fn random_hash() -> [u8; 32] {
    let mut hash = [0; 32];
    OsEntropy.fill(&mut hash);
    hash
}

pub(crate) fn claim_of(key: &str, fingerprint: u8) -> IdempotencyClaim {
    IdempotencyClaim {
        key: IdempotencyKey::parse(key).unwrap(),
        fingerprint: [fingerprint; 32],
        expires_at: NOW.plus_ms(24 * HOUR_MS),
    }
}

pub(crate) fn audit(action: &'static str) -> AuditEntry {
    AuditEntry {
        id: AuditId::generate(NOW, &OsEntropy),
        action,
        address: Some("192.0.2.7".parse().unwrap()),
        subject: "it".to_owned(),
        after: serde_json::json!({"name": "after"}),
    }
}

pub(crate) fn new_key(name: &str) -> NewKey {
    NewKey {
        id: key_id(),
        hash: random_hash(),
        display: "sk_live_…pbCX".to_owned(),
        name: name.to_owned(),
        scopes: Scopes::new([Scope::Resolve, Scope::KeysWrite]),
        expires_at: None,
        allowed_ips: vec!["192.0.2.0/24".parse().unwrap()],
        limits: KeyLimits { creates_per_minute: Some(60), daily_quota: None },
        signature_headers: vec!["X-Hopline-Signature".to_owned()],
    }
}

pub(crate) fn attempt(number: u32, error: Option<AttemptError>) -> Attempt {
    Attempt {
        id: AttemptId::generate(NOW, &OsEntropy),
        number,
        started_at: NOW.plus_ms(i64::from(number)),
        duration_ms: 12,
        request_headers: vec![("webhook-id".to_owned(), "evt_1".to_owned())],
        response_status: error.is_none().then_some(204),
        response_headers: vec![("server".to_owned(), "sink".to_owned())],
        response_body: b"thanks".to_vec(),
        response_truncated: false,
        remote_addr: Some("203.0.113.7:443".to_owned()),
        timings: Some(hopline_domain::chain::Timings { dns: 1, connect: 2, tls: 3, wait: 4, receive: 5 }),
        error,
        error_detail: error.map(|_| "it hung".to_owned()),
    }
}

/// What an attempt's end can be, in a word.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ends {
    Well,
    /// Answered badly; due again then.
    Retry(Timestamp),
    /// Nothing was answered; due again then.
    Silent(Timestamp),
    Paused(Timestamp),
    Failed,
}

pub(crate) fn attempt_end(number: u32, ends: Ends) -> AttemptEnd {
    let (error, next, lane) = match ends {
        Ends::Well => (None, Next::Succeeded, LaneEffect::Open),
        Ends::Retry(at) => (Some(AttemptError::HttpStatus), Next::RetryAt(at), LaneEffect::Open),
        Ends::Silent(at) => (Some(AttemptError::Timeout), Next::RetryAt(at), LaneEffect::Keep),
        Ends::Paused(at) => {
            (Some(AttemptError::HttpStatus), Next::RetryAt(at), LaneEffect::Pause { until: at })
        }
        Ends::Failed => (Some(AttemptError::HttpStatus), Next::Failed, LaneEffect::Open),
    };
    AttemptEnd { attempt: attempt(number, error), decision: Decision { next, lane } }
}

pub(crate) fn key_create(name: &str) -> KeyCreate {
    KeyCreate {
        key: new_key(name),
        family_id: FamilyId::generate(NOW, &OsEntropy),
        sealed_secret: b"sealed-0".to_vec(),
        keys_max: None,
        idempotency: None,
        audit: audit("key.create"),
    }
}

pub(crate) fn job_end(outcome: Outcome) -> JobEnd {
    JobEnd {
        outcome,
        hops_count: Some(3),
        verdicts: None,
        evidence: None,
        screenshot: None,
        ledger_ids: [ledger_id(), ledger_id()],
        event_id: EventId::generate(NOW, &OsEntropy),
        delivery: NewDelivery { id: DeliveryId::generate(NOW, &OsEntropy) },
    }
}

impl World {
    pub(crate) async fn new(fresh: Fresh) -> Self {
        let now = NOW;
        let workspace_id = WorkspaceId::generate(now, &OsEntropy);
        let family_id = FamilyId::generate(now, &OsEntropy);
        let key = new_key("first");
        let (key_id, hash) = (key.id, key.hash);
        let bootstrap = Bootstrap {
            workspace: Workspace {
                id: workspace_id,
                name: "first".to_owned(),
                plan: "free".to_owned(),
                created_at: now,
            },
            key,
            family_id,
            sealed_secret: b"sealed-0".to_vec(),
            grant_id: ledger_id(),
            credits: CREDITS,
        };
        assert_eq!(fresh.store.workspace_bootstrap(bootstrap, now).await.unwrap(), Bootstrapped::Made);
        let caller = Caller { workspace_id, family_id, key_id };
        Self { store: fresh.store, wake: fresh.wake, caller, hash, _ground: fresh.ground }
    }

    /// Someone with the same key in another workspace: must see nothing (I08).
    pub(crate) fn stranger(&self) -> Caller {
        Caller { workspace_id: WorkspaceId::generate(NOW, &OsEntropy), ..self.caller }
    }

    /// A second family in the same workspace.
    pub(crate) async fn second_family(&self) -> Caller {
        let created = self.store.key_create(self.caller, key_create("second"), NOW).await.unwrap();
        let Created::New(key) = created else { panic!("{created:?}") };
        Caller { family_id: key.family_id, key_id: key.id, ..self.caller }
    }

    pub(crate) fn job_accept(&self, ask: &Ask) -> JobAccept {
        let options = JobOptions::default();
        JobAccept {
            job: NewJob {
                id: job_id(),
                reservation_id: ledger_id(),
                second_reservation_id: ledger_id(),
                url: ask.url.to_owned(),
                cache_key: cache_key(self.caller.workspace_id, ask.url, &options),
                options,
                webhook_url: ask.webhook.map(str::to_owned),
                provider: "generic".to_owned(),
                tier: Tier::Standard,
                price: ask.price,
            },
            cached_since: ask.cached_since,
            body_hash: ask.body.map(|body| [body; 32]),
            idempotency: ask.key.map(|(key, fingerprint)| claim_of(key, fingerprint)),
            daily_quota: ask.quota,
        }
    }

    pub(crate) async fn ask_at(&self, caller: Caller, ask: &Ask, now: Timestamp) -> Accepted {
        self.store.job_accept(caller, self.job_accept(ask), now).await.unwrap()
    }

    pub(crate) async fn ask(&self, ask: &Ask) -> Accepted {
        self.ask_at(self.caller, ask, NOW).await
    }

    /// Accepts a job that must be queued.
    pub(crate) async fn queue(&self, ask: &Ask) -> JobId {
        queued(self.ask(ask).await)
    }

    pub(crate) async fn claim_at(&self, limit: u32, now: Timestamp) -> Vec<ClaimedJob> {
        let claim = JobClaim { limit, lease_until: now.plus_ms(LEASE_MS), token: token() };
        self.store.job_claim(claim, now).await.unwrap()
    }

    /// Claims the one job that is due.
    pub(crate) async fn claim_one(&self) -> JobLease {
        let claimed = self.claim_at(1, NOW).await;
        claimed.first().expect("a job is due").lease
    }

    pub(crate) async fn finish_at(&self, lease: JobLease, outcome: Outcome, now: Timestamp) -> Finished {
        self.store.job_finish(lease, job_end(outcome), now).await.unwrap()
    }

    /// Queues, claims and ends a job.
    pub(crate) async fn run(&self, ask: &Ask, outcome: Outcome) -> JobId {
        let id = self.queue(ask).await;
        let lease = self.claim_one().await;
        assert_eq!(lease.job_id, id, "another job was due first");
        assert_eq!(self.finish_at(lease, outcome, NOW).await, Finished::Recorded);
        id
    }

    /// A finished job's delivery to `webhook`.
    pub(crate) async fn deliver_to(&self, webhook: &'static str) -> DeliveryId {
        let id = self.run(&Ask { webhook: Some(webhook), ..ASK }, done()).await;
        self.delivery_of(id).await.delivery.id
    }

    pub(crate) async fn delivery_of(&self, job_id: JobId) -> DeliveryView {
        let filter = DeliveryFilter { job_id: Some(job_id), ..DeliveryFilter::default() };
        let list = self.store.delivery_list(self.caller.workspace_id, filter, page(2)).await.unwrap();
        assert_eq!(list.items.len(), 1);
        list.items[0].clone()
    }

    pub(crate) async fn delivery(&self, id: DeliveryId) -> (DeliveryView, Vec<Attempt>) {
        self.store.delivery_get(self.caller.workspace_id, id).await.unwrap().expect("the delivery is there")
    }

    pub(crate) async fn claim_deliveries(
        &self,
        limit: u32,
        run_length: u32,
        now: Timestamp,
    ) -> Vec<ClaimedDelivery> {
        let claim = DeliveryClaim { limit, run_length, lease_until: now.plus_ms(LEASE_MS), token: token() };
        self.store.delivery_claim(claim, now).await.unwrap()
    }

    /// Claims the one delivery that is due.
    pub(crate) async fn claim_delivery(&self, now: Timestamp) -> ClaimedDelivery {
        let mut claimed = self.claim_deliveries(1, 1, now).await;
        claimed.pop().expect("a delivery is due")
    }

    pub(crate) async fn end_attempt(
        &self,
        claimed: &ClaimedDelivery,
        ends: Ends,
        now: Timestamp,
    ) -> Finished {
        let end = attempt_end(claimed.attempt_number, ends);
        self.store.delivery_attempt_finish(claimed.lease, end, now).await.unwrap()
    }

    pub(crate) async fn view(&self, id: JobId) -> JobView {
        self.store.job_get(self.caller, id).await.unwrap().expect("the job is there")
    }

    /// The balance, after checking that it is the sum of its ledger (I05).
    pub(crate) async fn balance(&self) -> i64 {
        let (_, balance) = self.store.workspace_get(self.caller.workspace_id).await.unwrap().unwrap();
        let ledger = self.ledger().await;
        assert_eq!(balance.total(), ledger.iter().map(|entry| entry.amount).sum::<i64>());
        balance.total()
    }

    /// The whole ledger, newest first.
    pub(crate) async fn ledger(&self) -> Vec<hopline_domain::credit::CreditEntry> {
        let (mut entries, mut cursor) = (Vec::new(), None);
        loop {
            let page = Page { limit: 100, cursor };
            let paged = self.store.credit_list(self.caller.workspace_id, page).await.unwrap();
            entries.extend(paged.items);
            cursor = paged.next;
            if cursor.is_none() {
                return entries;
            }
        }
    }
}

pub(crate) fn queued(accepted: Accepted) -> JobId {
    match accepted {
        Accepted::Queued { job_id, .. } => job_id,
        other => panic!("not queued: {other:?}"),
    }
}
