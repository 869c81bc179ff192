//! `POST /v1/webhooks`: subscribes an endpoint.

use std::collections::BTreeMap;

use axum::extract::State;
use hopline_domain::{
    endpoint::{Endpoint, EndpointState},
    id::{EndpointId, FamilyId},
    problem::ProblemCode,
    store::{Created, EndpointCreate},
    time::Timestamp,
};
use hopline_signing::WebhookSecret;
use http::{StatusCode, header};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    draft::{Draft, WebhookBatch, blank},
    view::{CreatedWebhook, GoneWebhook, WebhookBody, etag},
};
use crate::{
    api::keys::members::webhook_secret,
    app::{App, AppState},
    auth::{Authorized, WebhooksWrite},
    extract::{Creating, CreatingBody},
    fields::{Change, Fields, FromFields},
    problem::Problem,
    reply::Reply,
};

/// An endpoint to make, as read.
#[derive(Debug)]
pub(crate) struct CreateWebhookBody {
    draft: Draft,
    webhook_secret: Option<WebhookSecret>,
}

/// An endpoint to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct CreateWebhook {
    /// Where events are sent: https, a public address, no user name.
    #[schema(max_length = 2048, example = "https://hooks.example.com/hopline")]
    url: String,
    /// Names of events, families as `link.*`, or `*`.
    #[schema(min_items = 1, max_items = 32, example = json!(["link.*", "resolve.done"]))]
    events: Vec<String>,
    #[schema(max_length = 500)]
    description: Option<String>,
    /// Only events about these links.
    #[schema(max_items = 100)]
    link_ids: Option<Vec<String>>,
    /// Only events about links with one of these tags; with `link_ids`, either will do.
    #[schema(max_items = 100)]
    tag_ids: Option<Vec<String>>,
    /// Headers of your own, at most 20. Not `Host`, `Content-*`, `webhook-*`, those of the connection, or the signature's.
    headers: Option<BTreeMap<String, String>>,
    #[schema(max_items = 3, example = json!(["X-Hopline-Signature"]))]
    signature_headers: Option<Vec<String>>,
    /// Seconds before each retry; the first attempt is made at once.
    #[schema(max_items = 20, example = json!([5, 300, 1800]))]
    retry_schedule_s: Option<Vec<u32>>,
    #[schema(minimum = 1, maximum = 30, default = 15)]
    timeout_s: Option<u64>,
    /// Attempts under way at once.
    #[schema(minimum = 1, maximum = 64, default = 4)]
    concurrency: Option<u32>,
    /// Attempts a second; no limit if left out.
    #[schema(minimum = 1, maximum = 1000)]
    rate_per_s: Option<u32>,
    /// Sends events together: `{id, created_at, events: […]}`.
    batch: Option<WebhookBatch>,
    /// `whsec_` and 24 to 64 bytes: a secret your receiver knows already. One is made if left out.
    webhook_secret: Option<String>,
}

impl CreatingBody for CreateWebhookBody {}

impl FromFields for CreateWebhookBody {
    fn read(fields: &mut Fields<'_, '_>, app: &App) -> Option<Self> {
        let draft = Draft::read(fields, app);
        for (name, missing) in [("url", absent(&draft.url)), ("events", absent(&draft.events))] {
            if missing && !fields.has(name) {
                fields.place_of(name).refuse::<()>("required", "this member is required");
            }
        }
        Some(Self { draft, webhook_secret: fields.optional("webhook_secret", webhook_secret) })
    }
}

fn absent<T>(change: &Change<T>) -> bool {
    !matches!(change, Change::Set(_))
}

/// Subscribe an endpoint
///
/// The answer carries the secret that signs its deliveries, once. Its host is looked up: a forbidden address is refused, no
/// answer is only a warning.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "webhooks", security(("bearer" = ["webhooks:write"])),
    request_body = CreateWebhook,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request make one endpoint; its secret is `null` in a replay.")),
    responses((status = 201, description = "Made.", body = CreatedWebhook)),
    extensions(("x-problems" = json!(["invalid_request", "plan_limit", "idempotency_key_reused"]))),
)]
pub(crate) async fn create_webhook(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    Creating { body, idempotency, .. }: Creating<CreateWebhookBody>,
) -> Result<Reply, Problem> {
    app.require_webhooks(&auth)?;
    let now = app.now();
    let secret = body.webhook_secret.clone().unwrap_or_else(|| app.new_webhook_secret());
    let create = prepare(&app, &auth, (body.draft, &secret), now)?;
    let warnings = app.look_up_receiver(&create.settings.url).await?;
    let create = EndpointCreate { idempotency, ..create };
    match app.parts.store.endpoint_create(auth.caller(), create, now).await? {
        Created::New(endpoint) => Ok(made(&app, &endpoint, Some(&secret), warnings)),
        Created::Replayed(endpoint) if endpoint.state == EndpointState::Deleted => {
            let gone = GoneWebhook { id: endpoint.id.to_string(), deleted: true };
            Ok(Reply::json(StatusCode::CREATED, &gone).replayed())
        }
        Created::Replayed(endpoint) => Ok(made(&app, &endpoint, None, Vec::new()).replayed()),
        Created::PlanLimit { limit, used } => Err(plan_limit(auth.plan(), limit, used)),
        Created::IdempotencyKeyReused => Err(Problem::key_reused()),
        Created::NotFound | Created::Conflict => Err(Problem::internal()),
    }
}

fn prepare(
    app: &App,
    auth: &Authorized<WebhooksWrite>,
    (mut draft, secret): (Draft, &WebhookSecret),
    now: Timestamp,
) -> Result<EndpointCreate, Problem> {
    let entropy = app.parts.entropy.as_ref();
    let (id, family_id) = (EndpointId::generate(now, entropy), FamilyId::generate(now, entropy));
    let headers = std::mem::replace(&mut draft.headers, Change::Keep);
    let settings = app.with_headers(id, draft.onto(blank()), headers)?;
    Ok(EndpointCreate {
        audit: app.webhook_audit(
            auth,
            "webhook.create",
            id,
            json!({"url": settings.url, "events": settings.events, "headers": settings.headers.names}),
        ),
        id,
        family_id,
        sealed_secret: app.seal(family_id, secret),
        settings,
        endpoints_max: app.plan(auth.plan()).limits.endpoints,
        idempotency: None,
    })
}

/// The secret is there the first time only.
fn made(app: &App, endpoint: &Endpoint, secret: Option<&WebhookSecret>, warnings: Vec<String>) -> Reply {
    let body = CreatedWebhook {
        webhook: WebhookBody::of(endpoint),
        webhook_secret: secret.map(|secret| secret.expose().to_owned()),
        warnings,
    };
    Reply::json(StatusCode::CREATED, &body)
        .header(header::LOCATION, app.address_of(&format!("/v1/webhooks/{}", endpoint.id)))
        .header(header::ETAG, etag(endpoint))
}

fn plan_limit(plan: &str, limit: u32, used: u32) -> Problem {
    let detail = format!("the plan `{plan}` allows {limit} endpoints, and {used} are there");
    Problem::new(ProblemCode::PlanLimit, detail)
        .member("limit", limit)
        .member("used", used)
        .member("plan", plan)
}
