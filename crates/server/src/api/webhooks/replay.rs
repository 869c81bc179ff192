//! `POST /v1/webhooks/{webhook_id}/replay`: sends events to an endpoint once more, as a job.

use axum::extract::State;
use hopline_domain::{
    endpoint::{EventPattern, ReplayFilter, ReplayKind, ReplayOnly},
    id::{EndpointId, ReplayId},
    limits::{ENDPOINT_EVENTS_MAX, REPLAY_RATE_PER_S_MAX, REPLAYS_RUNNING_MAX},
    problem::ProblemCode,
    store::{Created, ReplayCreate},
};
use http::{StatusCode, header};
use serde_json::json;
use utoipa::ToSchema;

use super::members::event_pattern;
use crate::{
    api::replays::view::ReplayBody,
    app::{App, AppState},
    auth::{Authorized, WebhooksWrite},
    extract::{Creating, CreatingBody, PathId, Presence},
    fields::{Fields, FromFields, boolean, integer, list, timestamp, word},
    problem::Problem,
    reply::Reply,
};

/// A replay to begin, as read.
#[derive(Debug)]
pub(crate) struct CreateReplayBody {
    filter: ReplayFilter,
    kind: ReplayKind,
    rate_per_s: Option<u32>,
}

/// Which events to send again. The body may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct CreateReplay {
    /// `undelivered` (failed or missing), `failed`, `missing` (no delivery at all: the endpoint came later) or `all`.
    #[schema(pattern = "^(undelivered|failed|missing|all)$", default = "undelivered")]
    only: Option<String>,
    /// Names of events or families; everything the endpoint subscribes to if left out.
    #[schema(max_items = 32)]
    events: Option<Vec<String>>,
    /// Only events about one link.
    link_id: Option<String>,
    /// Events made at or after this.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Events made before this.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Only counts: `matched` says how many deliveries there would be.
    #[schema(default = false)]
    dry_run: Option<bool>,
    /// Deliveries queued a second; as fast as possible if left out.
    #[schema(minimum = 1, maximum = 10_000)]
    rate_per_s: Option<u32>,
}

impl CreatingBody for CreateReplayBody {
    const PRESENCE: Presence = Presence::Optional;
}

impl FromFields for CreateReplayBody {
    fn read(fields: &mut Fields<'_, '_>, _: &App) -> Option<Self> {
        let only = fields.optional("only", word::<ReplayOnly>("undelivered, failed, missing, all"));
        let events: Option<Vec<EventPattern>> =
            fields.optional("events", list(ENDPOINT_EVENTS_MAX, event_pattern));
        let (since, until) = (fields.optional("since", timestamp), fields.optional("until", timestamp));
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            fields.place_of("until").refuse::<()>("out_of_range", "give a time after `since`");
        }
        let dry_run = fields.optional("dry_run", boolean).unwrap_or(false);
        let rate = fields.optional("rate_per_s", integer(1, u64::from(REPLAY_RATE_PER_S_MAX)));
        let link_id = fields.optional("link_id", word("the id of a link"));
        Some(Self {
            filter: ReplayFilter {
                only: only.unwrap_or_default(),
                events: events.unwrap_or_default(),
                link_id,
                since,
                until,
            },
            kind: if dry_run { ReplayKind::DryRun } else { ReplayKind::Send },
            rate_per_s: rate.and_then(|rate| u32::try_from(rate).ok()),
        })
    }
}

/// Replay events
///
/// Begins a job over the events there are now. Each event that matches becomes a delivery of its own, with the same `webhook-id` as
/// before and the endpoint's whole schedule. `GET /v1/replays/{replay_id}` shows how far it is.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook_id}/replay", tag = "webhooks", security(("bearer" = ["webhooks:write"])),
    request_body = Option<CreateReplay>,
    params(
        ("webhook_id" = String, Path, description = "`whe_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request begin one replay."),
    ),
    responses((status = 202, description = "Begun.", body = ReplayBody)),
    extensions(("x-problems" = json!(["invalid_request", "conflict", "idempotency_key_reused"]))),
)]
pub(crate) async fn replay_webhook(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    PathId(id): PathId<EndpointId>,
    Creating { body, idempotency, .. }: Creating<CreateReplayBody>,
) -> Result<Reply, Problem> {
    let now = app.now();
    let replay_id = ReplayId::generate(now, app.parts.entropy.as_ref());
    let create = ReplayCreate {
        id: replay_id,
        endpoint_id: id,
        audit: app.webhook_audit(
            &auth,
            "webhook.replay",
            id,
            json!({"filter": body.filter, "kind": body.kind}),
        ),
        filter: body.filter,
        kind: body.kind,
        rate_per_s: body.rate_per_s,
        idempotency,
    };
    let answer = |replay: hopline_domain::endpoint::Replay| {
        let place = app.address_of(&format!("/v1/replays/{}", replay.id));
        Reply::json(StatusCode::ACCEPTED, &ReplayBody::of(&replay)).header(header::LOCATION, place)
    };
    match app.parts.store.replay_create(auth.caller(), create, now).await? {
        Created::New(replay) => Ok(answer(replay)),
        Created::Replayed(replay) => Ok(answer(replay).replayed()),
        Created::IdempotencyKeyReused => Err(Problem::key_reused()),
        Created::NotFound => Err(Problem::not_found("webhook")),
        Created::Conflict => {
            let detail = format!("{REPLAYS_RUNNING_MAX} replays are running; wait for one, or cancel it");
            Err(Problem::new(ProblemCode::Conflict, detail).reason("too_many_replays"))
        }
        Created::PlanLimit { .. } => Err(Problem::internal()),
    }
}
