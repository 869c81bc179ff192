//! An endpoint as its workspace sees it: no secret, and no value of a header.

use std::collections::{BTreeMap, BTreeSet};

use hopline_domain::{
    endpoint::{BatchRule, DisabledReason, Endpoint, EndpointState, EventFilter},
    id::{LinkId, TagId},
    retry::RetrySchedule,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{draft::WebhookBatch, headers::MASK};
use crate::etag::ETag;

/// One subscribed endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookBody {
    #[schema(example = "whe_019e97803c0070008000000000000001")]
    id: String,
    url: String,
    description: String,
    #[schema(value_type = Vec<String>, example = json!(["link.*", "resolve.done"]))]
    events: EventFilter,
    /// Only events about these links, or about links with one of `tag_ids`; both empty: all events.
    #[schema(value_type = Vec<String>)]
    link_ids: BTreeSet<LinkId>,
    #[schema(value_type = Vec<String>)]
    tag_ids: BTreeSet<TagId>,
    /// Headers of your own; their values are not shown.
    headers: BTreeMap<String, String>,
    /// Names of the headers that carry the `t=,v1=` signature.
    signature_headers: Vec<String>,
    /// Seconds before each retry.
    #[schema(value_type = Vec<u32>)]
    retry_schedule_s: RetrySchedule,
    timeout_s: u64,
    /// Attempts under way at once.
    concurrency: u32,
    /// Attempts a second; `null` is no limit.
    rate_per_s: Option<u32>,
    /// `null`: each event is a request of its own.
    #[schema(value_type = Option<WebhookBatch>)]
    batch: Option<BatchRule>,
    #[schema(value_type = String, pattern = "^(active|disabled)$")]
    status: &'static str,
    /// `manual`, `gone` (the receiver answered 410) or `failing` (nothing but failures for 5 days).
    #[schema(value_type = Option<String>)]
    disabled_reason: Option<DisabledReason>,
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Timestamp>,
    /// The first failure since the last success.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    created_by: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// An endpoint after a change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedWebhook {
    #[serde(flatten)]
    pub(super) webhook: WebhookBody,
    /// What you should know about its host.
    pub(super) warnings: Vec<String>,
}

/// An endpoint that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedWebhook {
    #[serde(flatten)]
    pub(super) webhook: WebhookBody,
    /// Signs its deliveries. Shown once; `null` in a replay.
    pub(super) webhook_secret: Option<String>,
    pub(super) warnings: Vec<String>,
}

/// What is left of an endpoint that was made under an idempotency key and deleted since.
#[derive(Debug, Serialize)]
pub(super) struct GoneWebhook {
    pub(super) id: String,
    pub(super) deleted: bool,
}

impl WebhookBody {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        let settings = endpoint.settings.clone();
        let (status, disabled) = match endpoint.state {
            EndpointState::Active => ("active", None),
            EndpointState::Disabled { reason, at } => ("disabled", Some((reason, at))),
            EndpointState::Deleted => ("deleted", None),
        };
        Self {
            id: endpoint.id.to_string(),
            url: settings.url,
            description: settings.description,
            events: settings.events,
            link_ids: settings.links.link_ids,
            tag_ids: settings.links.tag_ids,
            headers: settings.headers.names.into_iter().map(|name| (name, MASK.to_owned())).collect(),
            signature_headers: settings.signature_headers,
            retry_schedule_s: settings.pace.schedule,
            timeout_s: settings.pace.timeout_ms / 1_000,
            concurrency: settings.pace.concurrency,
            rate_per_s: settings.pace.rate_per_s,
            batch: settings.batch,
            status,
            disabled_reason: disabled.map(|(reason, _)| reason),
            disabled_at: disabled.map(|(_, at)| at),
            failing_since: endpoint.failing_since,
            created_by: endpoint.created_by.to_string(),
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        }
    }
}

/// The tag changes with what a caller can change, not with how the receiver answers.
pub(super) fn etag(endpoint: &Endpoint) -> ETag {
    ETag::of(&WebhookBody { failing_since: None, ..WebhookBody::of(endpoint) })
}
