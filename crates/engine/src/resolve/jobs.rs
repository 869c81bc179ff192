//! Jobs under way: as many as there are slots, each in a task of its own.

use std::{sync::Arc, time::Duration};

use hopline_domain::{
    id::LeaseToken,
    job::RUNNER_SERVER,
    store::{ClaimedJob, Counted, JobClaim, StoreError},
};
use hopline_peel::{PeelRequest, Standing};
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use super::{
    executions::{Executions, Joined},
    finish::{finish, judged},
    held::{HeldLease, HeldLeases},
};
use crate::{
    claimer::{Claimed, Claims},
    meters,
    parts::EngineParts,
    slots::{Slot, Slots},
};

const CLAIM_BATCH_MAX: u32 = 64;
/// A job the browser had no place for waits so long for its next turn; as often as it takes, as any job in the queue.
const CROWDED_WAIT_MS: i64 = 5_000;

/// How work on a job ended here.
enum Ended {
    /// It is finished, or somebody else's.
    Over,
    /// There is no time left for it.
    Abandoned,
    /// The browser had no place for it.
    Crowded,
}

pub(crate) struct Resolve {
    parts: Arc<EngineParts>,
    slots: Slots,
    crew: TaskTracker,
    held: Arc<HeldLeases>,
    executions: Arc<Executions>,
    abandon: CancellationToken,
}

impl Resolve {
    pub(crate) fn new(parts: Arc<EngineParts>, crew: TaskTracker) -> Self {
        Self {
            slots: Slots::new(parts.settings.resolve_concurrency),
            parts,
            crew,
            held: Arc::default(),
            executions: Arc::default(),
            abandon: CancellationToken::new(),
        }
    }

    pub(crate) fn held(&self) -> Arc<HeldLeases> {
        Arc::clone(&self.held)
    }

    fn begin(self: &Arc<Self>, job: ClaimedJob, held: HeldLease, slot: Slot) {
        let span = tracing::info_span!("resolve.job", job.id = %job.lease.job_id, workspace.id = %job.caller.workspace_id);
        let room = Arc::clone(self);
        let work = async move {
            let _slot = slot;
            let ended = tokio::select! {
                ended = room.work(&job, &held) => ended,
                () = held.lost() => Ended::Over,
                () = room.abandon.cancelled() => Ended::Abandoned,
            };
            match ended {
                Ended::Over => {}
                Ended::Abandoned => room.hand_back(held, 0).await,
                Ended::Crowded => room.hand_back(held, CROWDED_WAIT_MS).await,
            }
        };
        self.crew.spawn(work.instrument(span));
    }

    async fn work(&self, job: &ClaimedJob, held: &HeldLease) -> Ended {
        let parts = Arc::clone(&self.parts);
        let request = PeelRequest {
            url: job.url.clone(),
            profile: job.options.profile.clone(),
            runner: RUNNER_SERVER.to_owned(),
            browser: job.options.browser_use(),
            screenshot: job.options.screenshot,
        };
        let peel = async move { parts.peeler.peel(&request).await };
        let execution = match self.executions.join(job.cache_key, peel) {
            Joined::Begun(execution) => execution,
            Joined::Shared(execution) => {
                meters::job_shared();
                execution
            }
        };
        let peeled = Arc::unwrap_or_clone(execution.await);
        if peeled.standing == Standing::Crowded {
            return Ended::Crowded;
        }
        finish(&self.parts, held, judged(job, peeled), &self.abandon).await;
        Ended::Over
    }

    /// Returns a job to the queue, due after a while; it does not count as a lost lease.
    async fn hand_back(&self, held: HeldLease, wait_ms: i64) {
        let due_at = self.parts.now().plus_ms(wait_ms);
        let returned = self.parts.store.job_requeue(held.lease, Counted::HandedBack, due_at).await;
        if let Err(error) = returned {
            tracing::warn!(job.id = %held.lease.job_id, %error, "a job was not handed back; its lease runs out instead");
        }
    }
}

impl Claims for Resolve {
    fn name(&self) -> &'static str {
        "resolve"
    }

    fn parts(&self) -> &EngineParts {
        &self.parts
    }

    fn slots(&self) -> &Slots {
        &self.slots
    }

    fn abandon(&self) -> &CancellationToken {
        &self.abandon
    }

    fn listen(&self) -> impl Future<Output = ()> + Send {
        self.parts.wake.listen_jobs()
    }

    async fn claim(self: &Arc<Self>, stop: &CancellationToken) -> Result<Claimed, StoreError> {
        let Some(mut slots) = self.slots.take(CLAIM_BATCH_MAX) else { return Ok(Claimed::NO_ROOM) };
        let (limit, now) = (slots.count(), self.parts.now());
        let lease_until = now.plus_ms(self.parts.settings.lease_ms);
        let token = LeaseToken::generate(now, &*self.parts.entropy);
        let jobs = self.parts.store.job_claim(JobClaim { limit, lease_until, token }, now).await?;
        let mut count = 0;
        for job in jobs {
            count += 1;
            let held = self.held.hold(job.lease, lease_until);
            match slots.give().filter(|_| !stop.is_cancelled()) {
                Some(slot) => self.begin(job, held, slot),
                None => self.hand_back(held, 0).await,
            }
        }
        Ok(Claimed::of(count, limit))
    }

    /// Jobs that wait for a time of their own (back-off after a lost lease) are found by looking now and then.
    async fn idle(&self, woken: impl Future<Output = ()> + Send) {
        let poll = Duration::from_millis(self.parts.settings.idle_poll_ms);
        drop(timeout(poll, woken).await);
    }

    /// Every claimed job is begun at once.
    async fn hand_back_unbegun(&self) {}
}
