//! One place of a lane: sends one delivery after the other while its lane has any, and has each recorded meanwhile.

use std::{sync::Arc, time::Duration};

use hopline_domain::{
    delivery::{self, Next},
    lane::LaneEffect,
    limits,
    store::{AttemptEnd, DeliveryLease, Finished},
};
use tokio::time::timeout;
use tracing::Instrument;

use super::{
    attempt::attempt,
    deliveries::Deliver,
    lanes::{HeldDelivery, Place},
};
use crate::{insist::Insist, meters};

/// What must be left of a lease when an attempt's deadline has passed: time to record it.
const RECORDING_MS_MIN: i64 = 5_000;
const _: () = assert!(
    limits::DELIVERY_LEASE_MS > limits::ENDPOINT_TIMEOUT_S_MAX.cast_signed() * 1_000 + 2 * RECORDING_MS_MIN,
    "a lease must outlast the longest attempt"
);
/// After this long an attempt hangs: what was claimed behind it goes back to the store.
const HANG_MS: u64 = 1_000;

/// Serves a lane until nothing waits there.
pub(crate) async fn serve(room: Arc<Deliver>, mut place: Place) {
    while let Some(held) = place.next() {
        let span = tracing::info_span!(
            "deliver.attempt",
            delivery.id = %held.delivery.lease.delivery_id,
            attempt.number = held.delivery.attempt_number,
        );
        serve_one(&room, &place, held).instrument(span).await;
    }
}

async fn serve_one(room: &Arc<Deliver>, place: &Place, mut held: HeldDelivery) {
    let _sending = room.sends.acquire().await;
    let left_ms = held.delivery.lease_until.since_ms(room.parts.now());
    let needed_ms =
        i64::try_from(held.delivery.rules.timeout_ms).unwrap_or(i64::MAX).saturating_add(RECORDING_MS_MIN);
    if room.closing.is_cancelled() || left_ms < needed_ms {
        return room.release(vec![held]).await;
    }
    let Some(end) = room.abandon.run_until_cancelled(send(room, place, &mut held)).await else {
        return room.release(vec![held]).await;
    };
    place.note(end.attempt.error.is_some());
    if matches!(end.decision.lane, LaneEffect::Pause { .. } | LaneEffect::Disable) {
        // What is given back must find the lane paused or disabled, or it would be claimed and sent at once.
        place.rest();
        record(Arc::clone(room), held, end).await;
        return room.release(place.rested()).await;
    }
    // The next delivery does not wait for the disk; the store counts this one as under way until it is recorded.
    room.crew.spawn(record(Arc::clone(room), held, end).in_current_span());
}

async fn send(room: &Deliver, place: &Place, held: &mut HeldDelivery) -> AttemptEnd {
    let (parts, step, lane) = (&room.parts, held.delivery.step, Arc::clone(&held.delivery.rules));
    let mut sending = std::pin::pin!(attempt(parts, &room.user_agent, &mut held.delivery));
    let soon = timeout(Duration::from_millis(HANG_MS), &mut sending).await;
    let attempt = if let Ok(attempt) = soon {
        attempt
    } else {
        let _hanging = (!place.is_failing()).then(|| room.run_length.hang());
        room.release(place.take_waiting()).await;
        sending.await
    };
    room.run_length.observe(attempt.duration_ms);
    let rules = delivery::Rules { schedule: &lane.schedule, receiver: lane.receiver, step };
    let decision = delivery::decide(&attempt, rules, parts.now(), &*parts.entropy);
    AttemptEnd { attempt, decision }
}

/// Records an attempt, insisting while the lease holds.
async fn record(room: Arc<Deliver>, held: HeldDelivery, end: AttemptEnd) {
    let (lease, lease_until) = (held.delivery.lease, held.delivery.lease_until);
    let parts = &room.parts;
    let insist = Insist { parts, abandon: &room.abandon, operation: "delivery_attempt_finish" };
    let finish = |now| parts.store.delivery_attempt_finish(lease, end.clone(), now);
    match insist.on(|| lease_until, finish).await {
        Ok(Finished::Recorded) => tell(lease, &end),
        Ok(Finished::LeaseLost) => meters::lease_lost("delivery"),
        Err(error) => {
            tracing::warn!(%error, "an attempt could not be recorded under its lease and is made again");
        }
    }
}

fn tell(lease: DeliveryLease, end: &AttemptEnd) {
    let error = end.attempt.error.map(delivery::AttemptError::as_str);
    let duration_ms = end.attempt.duration_ms;
    match end.decision.next {
        Next::Failed => {
            tracing::info!(delivery.id = %lease.delivery_id, delivery.error = error, "a delivery failed for good");
        }
        next @ (Next::Succeeded | Next::RetryAt(_)) => {
            tracing::debug!(
                delivery.duration_ms = duration_ms,
                delivery.error = error,
                ?next,
                "an attempt was made"
            );
        }
    }
}
