//! A delivery with the reason why it has not been sent yet.

use hopline_domain::{
    delivery::{DeliveryState, WaitingFor},
    store::DeliveryView,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::attempt::AttemptBody;
use crate::{etag::ETag, reply::Reply};

/// One event to one receiver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(crate) struct DeliveryBody {
    #[schema(example = "dlv_019e97803c0070008000000000000003")]
    id: String,
    /// The `webhook-id` of every attempt, unless it travels in a batch.
    event_id: String,
    #[schema(example = "resolve.done")]
    event_type: String,
    /// Place of the event in the order in which events were committed; `null` for clicks.
    event_seq: Option<i64>,
    job_id: Option<String>,
    /// The subscribed endpoint; `null` for the `webhook_url` of a request.
    endpoint_id: Option<String>,
    /// The replay that made it.
    replay_id: Option<String>,
    /// The `webhook-id` of its batch, once it travels in one.
    batch_id: Option<String>,
    url: String,
    /// What takes turns with others: the endpoint, or scheme, host and port of the receiver.
    #[schema(example = "https://hooks.example.com:443")]
    lane: String,
    #[schema(value_type = String, pattern = "^(pending|delivering|succeeded|failed|cancelled|expired)$")]
    state: DeliveryState,
    /// Why it has not been sent yet; `null` unless pending.
    #[schema(value_type = Option<String>, pattern = "^(due|lane_busy|rate|paused|disabled)$")]
    waiting_for: Option<WaitingFor>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Timestamp>,
    /// Attempts made so far.
    attempts_count: u32,
    /// The last attempt's error, while it has not succeeded.
    last_error: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

/// A delivery with every attempt that is still kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryWithAttempts {
    #[serde(flatten)]
    pub(super) delivery: DeliveryBody,
    /// Oldest first.
    pub(super) attempts: Vec<AttemptBody>,
}

impl DeliveryBody {
    pub(crate) fn of(view: DeliveryView, now: Timestamp) -> Self {
        let waiting_for = view.delivery.waiting_for(view.lane, now);
        let delivery = view.delivery;
        Self {
            id: delivery.id.to_string(),
            event_id: delivery.event_id.to_string(),
            event_type: delivery.event_type,
            event_seq: delivery.event_seq,
            job_id: delivery.job_id.map(|id| id.to_string()),
            endpoint_id: delivery.endpoint_id.map(|id| id.to_string()),
            replay_id: delivery.replay_id.map(|id| id.to_string()),
            batch_id: delivery.batch_id.map(|id| id.to_string()),
            url: delivery.url,
            lane: delivery.lane.to_string(),
            state: delivery.state,
            waiting_for,
            next_attempt_at: delivery.next_attempt_at,
            attempts_count: delivery.attempts,
            last_error: delivery.last_error,
            created_at: delivery.created_at,
            finished_at: delivery.finished_at,
        }
    }
}

/// One delivery as the whole answer.
pub(super) fn reply(body: &impl Serialize) -> Reply {
    Reply::ok(body).header(http::header::ETAG, ETag::of(body))
}
