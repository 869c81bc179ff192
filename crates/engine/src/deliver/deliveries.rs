//! Deliveries under way: claims what is due, as far as there is room, and hands it to the lanes.

use std::{pin::pin, sync::Arc, time::Duration};

use hopline_domain::{
    id::LeaseToken,
    limits,
    store::{DeliveryClaim, DeliveryLease, StoreError},
};
use http::HeaderValue;
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    lanes::{HeldDelivery, Lanes},
    place,
    run_length::RunLength,
};
use crate::{
    claimer::{Claimed, Claims},
    meters,
    parts::EngineParts,
    slots::Slots,
};

const CLAIM_BATCH_MAX: u32 = 256;
/// Claimed deliveries for each one that can be sent at a time: how far runs may reach ahead.
const CLAIMED_PER_PLACE_MAX: u32 = 4;
/// How long an idle worker waits before it asks when the next delivery is due: most waits end sooner.
const SETTLE_MS: u64 = 20;
/// The least time between two looks at the store that nothing but time asked for.
const LOOK_MS_MIN: i64 = 5;

pub(crate) struct Deliver {
    pub(super) parts: Arc<EngineParts>,
    pub(super) crew: TaskTracker,
    pub(super) lanes: Arc<Lanes>,
    pub(super) run_length: RunLength,
    /// One permit for each request under way.
    pub(super) sends: Semaphore,
    pub(super) user_agent: HeaderValue,
    /// Cancelled when nothing new is to be sent.
    pub(super) closing: CancellationToken,
    pub(super) abandon: CancellationToken,
    slots: Slots,
}

impl Deliver {
    pub(crate) fn new(parts: Arc<EngineParts>, crew: TaskTracker) -> Self {
        let sends = parts.settings.deliver_concurrency.max(1);
        let user_agent = HeaderValue::try_from(format!("Hopline/{}", parts.settings.version));
        Self {
            slots: Slots::new(sends.saturating_mul(CLAIMED_PER_PLACE_MAX)),
            sends: Semaphore::new(usize::try_from(sends).unwrap_or(Semaphore::MAX_PERMITS)),
            user_agent: user_agent.unwrap_or(HeaderValue::from_static("Hopline")),
            parts,
            crew,
            lanes: Arc::default(),
            run_length: RunLength::default(),
            closing: CancellationToken::new(),
            abandon: CancellationToken::new(),
        }
    }

    /// Gives unsent deliveries back; no attempt is counted.
    pub(super) async fn release(&self, unsent: Vec<HeldDelivery>) {
        if unsent.is_empty() {
            return;
        }
        let leases: Vec<DeliveryLease> = unsent.iter().map(|held| held.delivery.lease).collect();
        meters::deliveries_released(leases.len());
        if let Err(error) = self.parts.store.delivery_release(leases, self.parts.now()).await {
            tracing::warn!(%error, "deliveries were not given back; their leases run out instead");
        }
    }

    /// How long nothing is due; at most the idle poll.
    async fn until_next_due(&self) -> Duration {
        let now = self.parts.now();
        let poll_ms = i64::try_from(self.parts.settings.idle_poll_ms).unwrap_or(i64::MAX);
        let due = self.parts.store.delivery_next_due(now).await;
        let wait_ms = due.ok().flatten().map_or(poll_ms, |due| due.since_ms(now).min(poll_ms));
        Duration::from_millis(u64::try_from(wait_ms.max(LOOK_MS_MIN)).unwrap_or(0))
    }
}

impl Claims for Deliver {
    fn name(&self) -> &'static str {
        "deliver"
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
        self.parts.wake.listen_deliveries()
    }

    async fn claim(self: &Arc<Self>, stop: &CancellationToken) -> Result<Claimed, StoreError> {
        let Some(mut slots) = self.slots.take(CLAIM_BATCH_MAX) else { return Ok(Claimed::NO_ROOM) };
        let now = self.parts.now();
        let claim = DeliveryClaim {
            limit: slots.count(),
            run_length: self.run_length.get(),
            lease_until: now.plus_ms(limits::DELIVERY_LEASE_MS),
            token: LeaseToken::generate(now, &*self.parts.entropy),
        };
        let deliveries = self.parts.store.delivery_claim(claim, now).await?;
        let mut count = 0;
        for delivery in deliveries {
            let Some(slot) = slots.give() else { break };
            count += 1;
            if let Some(place) = self.lanes.admit(delivery, slot) {
                self.crew.spawn(place::serve(Arc::clone(self), place));
            }
        }
        if stop.is_cancelled() {
            self.hand_back_unbegun().await;
        }
        Ok(Claimed::of(count, claim.limit))
    }

    /// The store says so when a delivery is made, released or given room by an attempt's end. Only time it does not tell.
    async fn idle(&self, woken: impl Future<Output = ()> + Send) {
        let mut woken = pin!(woken);
        if timeout(Duration::from_millis(SETTLE_MS), woken.as_mut()).await.is_err() {
            let wait = self.until_next_due().await;
            drop(timeout(wait, woken).await);
        }
    }

    async fn hand_back_unbegun(&self) {
        self.closing.cancel();
        self.release(self.lanes.take_all_waiting()).await;
    }
}
