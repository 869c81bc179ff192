//! Deliveries and attempts: their states, and the pure decision what an attempt's outcome leads to.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::{
    chain::Timings,
    entropy::Entropy,
    id::{AttemptId, DeliveryId, EventId, JobId, WorkspaceId},
    lane::{LaneEffect, LaneKey},
    limits, retry,
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
    pub event_seq: i64,
    pub job_id: Option<JobId>,
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
    pub paused_until: Option<Timestamp>,
    pub under_way: u32,
    pub concurrency: u32,
}

impl Delivery {
    /// Why this is not under way; `None` when it is, or has ended.
    pub fn waiting_for(&self, lane: LaneState, now: Timestamp) -> Option<WaitingFor> {
        if self.state != DeliveryState::Pending {
            return None;
        }
        if lane.paused_until.is_some_and(|until| until > now) {
            return Some(WaitingFor::Paused);
        }
        let due = self.next_attempt_at.is_none_or(|at| at <= now);
        Some(if due && lane.under_way >= lane.concurrency { WaitingFor::LaneBusy } else { WaitingFor::Due })
    }
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

/// Decides what follows. `step` is the attempt's place in the schedule (0 = first).
///
/// 2xx succeeds. 410 ends the delivery. 429 and 503 pause the lane until the schedule, `Retry-After` and 30 s all
/// allow; anything else waits for the schedule.
pub fn decide(attempt: &Attempt, step: u32, now: Timestamp, entropy: &dyn Entropy) -> Decision {
    let status = attempt.response_status;
    if attempt.error.is_none() {
        return Decision { next: Next::Succeeded, lane: LaneEffect::Open };
    }
    let scheduled = retry::due_at(step + 1, now, entropy);
    if matches!(status, Some(429 | 503)) {
        return rest(attempt, scheduled, now);
    }
    let lane = if status.is_some() { LaneEffect::Open } else { LaneEffect::Keep };
    let next = match scheduled {
        Some(at) if status != Some(410) => Next::RetryAt(at),
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

    #[test]
    fn success_410_and_exhaustion_end_it() {
        assert_eq!(decide(&answered(204, None), 0, NOW, &OsEntropy).next, Next::Succeeded);
        assert_eq!(decide(&answered(410, None), 0, NOW, &OsEntropy).next, Next::Failed);
        assert_eq!(decide(&answered(500, None), 9, NOW, &OsEntropy).next, Next::Failed);
        assert!(matches!(decide(&answered(301, None), 0, NOW, &OsEntropy).next, Next::RetryAt(_)));
    }

    #[test]
    fn rest_is_never_shorter_than_asked_or_scheduled() {
        let until = |status, header, step| match decide(&answered(status, header), step, NOW, &OsEntropy) {
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
            event_seq: 1,
            job_id: None,
            url: String::new(),
            lane: LaneKey::from_stored(String::new()),
            state: DeliveryState::Pending,
            attempts: 0,
            next_attempt_at: Some(NOW),
            created_at: NOW,
            finished_at: None,
            last_error: None,
        };
        let idle = LaneState { paused_until: None, under_way: 0, concurrency: 4 };
        assert_eq!(delivery.waiting_for(idle, NOW), Some(WaitingFor::Due));
        assert_eq!(delivery.waiting_for(LaneState { under_way: 4, ..idle }, NOW), Some(WaitingFor::LaneBusy));
        let paused = LaneState { paused_until: Some(NOW.plus_ms(1)), ..idle };
        assert_eq!(delivery.waiting_for(paused, NOW), Some(WaitingFor::Paused));
        delivery.state = DeliveryState::Succeeded;
        assert_eq!(delivery.waiting_for(idle, NOW), None);
    }
}
