//! Deliveries and attempts: their states, and the pure decision what an attempt's outcome leads to.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::{
    chain::Timings,
    entropy::Entropy,
    id::{AttemptId, BatchId, DeliveryId, EndpointId, EventId, JobId, ReplayId, WorkspaceId},
    lane::{LaneEffect, LaneKey},
    limits,
    retry::{self, RetrySchedule},
    time::Timestamp,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its next attempt.
    Pending,
    /// An attempt is under way.
    Delivering,
    Succeeded,
    /// The schedule is used up, or the receiver said 410.
    Failed,
    Cancelled,
    /// Its lane never came back before its event's retention ended.
    Expired,
}

/// Why a pending delivery has not been sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WaitingFor {
    /// Its time: `next_attempt_at`.
    Due,
    /// Other deliveries of its lane are under way.
    LaneBusy,
    /// Its lane's rate limit.
    Rate,
    /// The receiver asked for rest (429, 503).
    Paused,
    /// Its endpoint is disabled.
    Disabled,
}

/// One event to one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub workspace_id: WorkspaceId,
    pub event_id: EventId,
    pub event_type: String,
    /// `None` for clicks.
    pub event_seq: Option<i64>,
    pub job_id: Option<JobId>,
    /// `None` for the `webhook_url` of a request.
    pub endpoint_id: Option<EndpointId>,
    /// The replay that made it.
    pub replay_id: Option<ReplayId>,
    /// The batch it travels in; known from its first attempt on.
    pub batch_id: Option<BatchId>,
    pub url: String,
    pub lane: LaneKey,
    pub state: DeliveryState,
    /// Attempts made so far.
    pub attempts: u32,
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// The last attempt's error word, while it has not succeeded.
    pub last_error: Option<String>,
}

/// The lane's state as far as it explains a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneState {
    /// Its endpoint is disabled.
    pub disabled: bool,
    pub paused_until: Option<Timestamp>,
    /// When its rate limit lets the next one through.
    pub rate_until: Option<Timestamp>,
    pub under_way: u32,
    pub concurrency: u32,
}

impl Delivery {
    /// Why this is not under way; `None` when it is, or has ended.
    pub fn waiting_for(&self, lane: LaneState, now: Timestamp) -> Option<WaitingFor> {
        if self.state != DeliveryState::Pending {
            return None;
        }
        let later = |at: Option<Timestamp>| at.is_some_and(|at| at > now);
        Some(match lane {
            LaneState { disabled: true, .. } => WaitingFor::Disabled,
            _ if later(lane.paused_until) => WaitingFor::Paused,
            _ if later(self.next_attempt_at) => WaitingFor::Due,
            _ if lane.under_way >= lane.concurrency => WaitingFor::LaneBusy,
            _ if later(lane.rate_until) => WaitingFor::Rate,
            _ => WaitingFor::Due,
        })
    }
}

/// What a receiver knows a message by: its `webhook-id`, the same on every attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageId {
    Event(EventId),
    Batch(BatchId),
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(id) => id.fmt(f),
            Self::Batch(id) => id.fmt(f),
        }
    }
}

/// Who a delivery goes to, as far as it decides what an attempt's outcome leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// The `webhook_url` of a request: 410 ends the delivery only.
    AdHoc,
    /// 410 disables it.
    Endpoint,
}

/// What kept an attempt from succeeding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AttemptError {
    /// An answer outside 2xx; redirects are never followed.
    HttpStatus,
    Dns,
    ForbiddenAddress,
    Connect,
    Tls,
    Timeout,
    HeadersTooLarge,
    /// The answer breaks HTTP, or the connection broke in the middle of it.
    Protocol,
    /// No secret of the receiver can be read, so nothing could be signed.
    Signing,
}

impl AttemptError {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The evidence of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    /// 1 for the first.
    pub number: u32,
    pub started_at: Timestamp,
    pub duration_ms: u64,
    /// As sent; signatures are masked.
    pub request_headers: Vec<(String, String)>,
    pub response_status: Option<u16>,
    pub response_headers: Vec<(String, String)>,
    /// At most the first 16 KiB.
    pub response_body: Vec<u8>,
    pub response_truncated: bool,
    pub remote_addr: Option<String>,
    pub timings: Option<Timings>,
    /// `None` for a success.
    pub error: Option<AttemptError>,
    pub error_detail: Option<String>,
}

impl Attempt {
    fn header(&self, name: &str) -> Option<&str> {
        self.response_headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Where an attempt leaves its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Succeeded,
    RetryAt(Timestamp),
    /// No further attempt.
    Failed,
}

/// What follows from an attempt: for the delivery, and for its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub next: Next,
    pub lane: LaneEffect,
}

/// What an attempt is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub schedule: &'a RetrySchedule,
    pub receiver: Receiver,
    /// The attempt's place in the schedule, 0 for the first.
    pub step: u32,
}

/// Decides what follows.
///
/// 2xx succeeds. 410 ends the delivery, and disables an endpoint. 429 and 503 pause the lane until the schedule,
/// `Retry-After` and 30 s all allow; anything else waits for the schedule.
pub fn decide(attempt: &Attempt, rules: Rules<'_>, now: Timestamp, entropy: &dyn Entropy) -> Decision {
    if attempt.error.is_none() {
        return Decision { next: Next::Succeeded, lane: LaneEffect::Open };
    }
    let scheduled = rules.schedule.due_at(rules.step + 1, now, entropy);
    let lane = match (attempt.response_status, rules.receiver) {
        (Some(429 | 503), _) => return rest(attempt, scheduled, now),
        (Some(410), Receiver::Endpoint) => LaneEffect::Disable,
        (Some(_), _) => LaneEffect::Open,
        (None, _) => LaneEffect::Keep,
    };
    let next = match scheduled {
        Some(at) if attempt.response_status != Some(410) => Next::RetryAt(at),
        _ => Next::Failed,
    };
    Decision { next, lane }
}

/// The receiver asked for rest: the later of the schedule, its `Retry-After` and the least pause.
fn rest(attempt: &Attempt, scheduled: Option<Timestamp>, now: Timestamp) -> Decision {
    let asked_ms =
        attempt.header("retry-after").and_then(|value| retry::retry_after_ms(value, now)).unwrap_or(0);
    let until = now.plus_ms(asked_ms.max(limits::LANE_PAUSE_MS_MIN)).max(scheduled.unwrap_or(now));
    let next = if scheduled.is_some() { Next::RetryAt(until) } else { Next::Failed };
    Decision { next, lane: LaneEffect::Pause { until } }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::entropy::OsEntropy;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn answered(status: u16, retry_after: Option<&str>) -> Attempt {
        Attempt {
            id: AttemptId(Uuid::nil()),
            number: 1,
            started_at: NOW,
            duration_ms: 1,
            request_headers: Vec::new(),
            response_status: Some(status),
            response_headers: retry_after
                .map(|v| ("Retry-After".to_owned(), v.to_owned()))
                .into_iter()
                .collect(),
            response_body: Vec::new(),
            response_truncated: false,
            remote_addr: None,
            timings: None,
            error: (!(200..300).contains(&status)).then_some(AttemptError::HttpStatus),
            error_detail: None,
        }
    }

    fn decided(attempt: &Attempt, step: u32, receiver: Receiver) -> Decision {
        let schedule = RetrySchedule::default();
        decide(attempt, Rules { schedule: &schedule, receiver, step }, NOW, &OsEntropy)
    }

    #[test]
    fn success_410_and_exhaustion_end_it() {
        let next = |status, step| decided(&answered(status, None), step, Receiver::AdHoc).next;
        assert_eq!(next(204, 0), Next::Succeeded);
        assert_eq!(next(410, 0), Next::Failed);
        assert_eq!(next(500, 9), Next::Failed);
        assert!(matches!(next(301, 0), Next::RetryAt(_)));
    }

    #[test]
    fn only_an_endpoint_is_disabled_by_410() {
        let lane = |receiver| decided(&answered(410, None), 0, receiver).lane;
        assert_eq!(lane(Receiver::AdHoc), LaneEffect::Open);
        assert_eq!(lane(Receiver::Endpoint), LaneEffect::Disable);
    }

    #[test]
    fn rest_is_never_shorter_than_asked_or_scheduled() {
        let until = |status, header, step| match decided(&answered(status, header), step, Receiver::Endpoint)
        {
            Decision { next: Next::RetryAt(at), lane: LaneEffect::Pause { until } } if at == until => {
                until.since_ms(NOW)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(until(429, Some("3"), 0), 30_000);
        assert_eq!(until(503, Some("120"), 0), 120_000);
        assert_eq!(until(429, Some("99999999999999999999"), 0), limits::RETRY_AFTER_MS_MAX);
        assert!(until(429, Some("120"), 1) >= 300_000);
        assert_eq!(until(503, Some("inf"), 0), 30_000);
    }

    #[test]
    fn says_why_it_waits() {
        let mut delivery = Delivery {
            id: DeliveryId(Uuid::nil()),
            workspace_id: WorkspaceId(Uuid::nil()),
            event_id: EventId(Uuid::nil()),
            event_type: "resolve.done".to_owned(),
            event_seq: Some(1),
            job_id: None,
            endpoint_id: None,
            replay_id: None,
            batch_id: None,
            url: String::new(),
            lane: LaneKey::from_stored(String::new()),
            state: DeliveryState::Pending,
            attempts: 0,
            next_attempt_at: Some(NOW),
            created_at: NOW,
            finished_at: None,
            last_error: None,
        };
        let idle =
            LaneState { disabled: false, paused_until: None, rate_until: None, under_way: 0, concurrency: 4 };
        assert_eq!(delivery.waiting_for(idle, NOW), Some(WaitingFor::Due));
        assert_eq!(delivery.waiting_for(LaneState { under_way: 4, ..idle }, NOW), Some(WaitingFor::LaneBusy));
        let paused = LaneState { paused_until: Some(NOW.plus_ms(1)), ..idle };
        assert_eq!(delivery.waiting_for(paused, NOW), Some(WaitingFor::Paused));
        let slow = LaneState { rate_until: Some(NOW.plus_ms(1)), ..idle };
        assert_eq!(delivery.waiting_for(slow, NOW), Some(WaitingFor::Rate));
        let off = LaneState { disabled: true, ..paused };
        assert_eq!(delivery.waiting_for(off, NOW), Some(WaitingFor::Disabled));
        delivery.state = DeliveryState::Succeeded;
        assert_eq!(delivery.waiting_for(idle, NOW), None);
    }
}
