//! What a create or a merge patch says about an endpoint's settings, and putting it on what is there.

use std::collections::{BTreeMap, BTreeSet};

use hopline_domain::{
    endpoint::{BatchRule, EndpointSettings, EventFilter, LinkFilter, Pace, SealedHeaders},
    id::{LinkId, TagId},
    limits::{
        BATCH_EVENTS_MAX, BATCH_WAIT_MS_MAX, DELIVERY_TIMEOUT_MS, ENDPOINT_CONCURRENCY_MAX,
        ENDPOINT_LINKS_MAX, ENDPOINT_RATE_PER_S_MAX, ENDPOINT_TAGS_MAX, ENDPOINT_TIMEOUT_S_MAX,
        LANE_CONCURRENCY_DEFAULT,
    },
    retry::RetrySchedule,
};
use utoipa::ToSchema;

use super::members;
use crate::{
    api::keys::members::{signature_headers, signature_headers_default},
    app::App,
    fields::{Change, Fields, integer, list, object, word},
};

const BATCH_EVENTS_DEFAULT: u32 = 100;
const BATCH_WAIT_MS_DEFAULT: u32 = 1_000;

/// Settings that a call names; `None` leaves what is there.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) url: Change<String>,
    pub(super) events: Change<EventFilter>,
    pub(super) headers: Change<BTreeMap<String, Option<String>>>,
    description: Option<String>,
    link_ids: Option<BTreeSet<LinkId>>,
    tag_ids: Option<BTreeSet<TagId>>,
    signature_headers: Option<Vec<String>>,
    schedule: Option<RetrySchedule>,
    timeout_ms: Option<u64>,
    concurrency: Option<u32>,
    rate_per_s: Change<u32>,
    batch: Change<BatchDraft>,
}

#[derive(Clone, Copy, Debug)]
struct BatchDraft {
    max_events: Option<u32>,
    max_wait_ms: Option<u32>,
}

/// How events are put together.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct WebhookBatch {
    #[schema(minimum = 1, maximum = 500, default = 100)]
    max_events: Option<u32>,
    /// How long the first event of a batch waits for others.
    #[schema(minimum = 0, maximum = 10_000, default = 1_000)]
    max_wait_ms: Option<u32>,
}

/// Changes to an endpoint; what is left out stays, `null` clears.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct UpdateWebhook {
    #[schema(max_length = 2048, nullable = false)]
    url: Option<String>,
    #[schema(min_items = 1, max_items = 32, nullable = false, example = json!(["link.*"]))]
    events: Option<Vec<String>>,
    /// `active` or `disabled`. Switching on makes one attempt; what waits follows when it succeeds.
    #[schema(pattern = "^(active|disabled)$", nullable = false)]
    status: Option<String>,
    #[schema(max_length = 500)]
    description: Option<String>,
    #[schema(max_items = 100)]
    link_ids: Option<Vec<String>>,
    #[schema(max_items = 100)]
    tag_ids: Option<Vec<String>>,
    /// Added to what is there; a header that is `null` goes, one that is `***` stays.
    headers: Option<BTreeMap<String, Option<String>>>,
    #[schema(max_items = 3)]
    signature_headers: Option<Vec<String>>,
    #[schema(max_items = 20)]
    retry_schedule_s: Option<Vec<u32>>,
    #[schema(minimum = 1, maximum = 30)]
    timeout_s: Option<u64>,
    #[schema(minimum = 1, maximum = 64)]
    concurrency: Option<u32>,
    #[schema(minimum = 1, maximum = 1000)]
    rate_per_s: Option<u32>,
    batch: Option<WebhookBatch>,
}

fn number(min: u32, max: u32) -> impl Fn(&serde_json::Value, &mut crate::fields::Place<'_>) -> Option<u32> {
    move |value, place| {
        integer(u64::from(min), u64::from(max))(value, place).and_then(|number| u32::try_from(number).ok())
    }
}

impl Draft {
    pub(super) fn read(fields: &mut Fields<'_, '_>, app: &App) -> Self {
        let link_ids = list(ENDPOINT_LINKS_MAX, word("ids of links"));
        let tag_ids = list(ENDPOINT_TAGS_MAX, word("ids of tags"));
        let timeout_s = fields.change("timeout_s", integer(1, ENDPOINT_TIMEOUT_S_MAX));
        Self {
            url: fields.change("url", members::url(app)),
            events: fields.change("events", members::events),
            headers: fields.change("headers", members::headers),
            description: fields.change("description", members::description).or_cleared(String::new()),
            link_ids: fields.change("link_ids", link_ids).or_cleared(Vec::new()).map(BTreeSet::from_iter),
            tag_ids: fields.change("tag_ids", tag_ids).or_cleared(Vec::new()).map(BTreeSet::from_iter),
            signature_headers: fields
                .change("signature_headers", signature_headers)
                .or_cleared(signature_headers_default()),
            schedule: fields
                .change("retry_schedule_s", members::schedule)
                .or_cleared(RetrySchedule::default()),
            timeout_ms: timeout_s.or_cleared(DELIVERY_TIMEOUT_MS / 1_000).map(|seconds| seconds * 1_000),
            concurrency: fields
                .change("concurrency", number(1, ENDPOINT_CONCURRENCY_MAX))
                .or_cleared(LANE_CONCURRENCY_DEFAULT),
            rate_per_s: fields.change("rate_per_s", number(1, ENDPOINT_RATE_PER_S_MAX)),
            batch: fields.change("batch", object(read_batch)),
        }
    }

    /// These settings on top of others; custom headers are the caller's to add.
    pub(super) fn onto(self, base: EndpointSettings) -> EndpointSettings {
        EndpointSettings {
            url: self.url.or_cleared(String::new()).unwrap_or(base.url),
            description: self.description.unwrap_or(base.description),
            events: set(self.events).unwrap_or(base.events),
            links: LinkFilter {
                link_ids: self.link_ids.unwrap_or(base.links.link_ids),
                tag_ids: self.tag_ids.unwrap_or(base.links.tag_ids),
            },
            headers: base.headers,
            signature_headers: self.signature_headers.unwrap_or(base.signature_headers),
            pace: Pace {
                schedule: self.schedule.unwrap_or(base.pace.schedule),
                timeout_ms: self.timeout_ms.unwrap_or(base.pace.timeout_ms),
                concurrency: self.concurrency.unwrap_or(base.pace.concurrency),
                rate_per_s: self.rate_per_s.onto(base.pace.rate_per_s),
            },
            batch: batch_onto(self.batch, base.batch),
        }
    }
}

/// What an endpoint is before anybody said anything about it.
pub(super) fn blank() -> EndpointSettings {
    EndpointSettings {
        url: String::new(),
        description: String::new(),
        events: EventFilter::new([]),
        links: LinkFilter::default(),
        headers: SealedHeaders::default(),
        signature_headers: signature_headers_default(),
        pace: Pace::default(),
        batch: None,
    }
}

fn set<T>(change: Change<T>) -> Option<T> {
    match change {
        Change::Set(value) => Some(value),
        Change::Keep | Change::Clear => None,
    }
}

fn read_batch(fields: &mut Fields<'_, '_>) -> BatchDraft {
    BatchDraft {
        max_events: fields.change("max_events", number(1, BATCH_EVENTS_MAX)).or_cleared(BATCH_EVENTS_DEFAULT),
        max_wait_ms: fields
            .change("max_wait_ms", number(0, BATCH_WAIT_MS_MAX))
            .or_cleared(BATCH_WAIT_MS_DEFAULT),
    }
}

fn batch_onto(change: Change<BatchDraft>, base: Option<BatchRule>) -> Option<BatchRule> {
    let draft = match change {
        Change::Keep => return base,
        Change::Clear => return None,
        Change::Set(draft) => draft,
    };
    let base =
        base.unwrap_or(BatchRule { max_events: BATCH_EVENTS_DEFAULT, max_wait_ms: BATCH_WAIT_MS_DEFAULT });
    Some(BatchRule {
        max_events: draft.max_events.unwrap_or(base.max_events),
        max_wait_ms: draft.max_wait_ms.unwrap_or(base.max_wait_ms),
    })
}
