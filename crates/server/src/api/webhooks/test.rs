//! `POST /v1/webhooks/{webhook_id}/test`: sends `webhook.test` to one endpoint.

use axum::extract::State;
use hopline_domain::{
    endpoint::test_event,
    event::Occasion,
    id::{EndpointId, EventId},
    store::{Created, EndpointTest},
};
use http::{StatusCode, header};

use crate::{
    api::deliveries::view::DeliveryBody,
    app::{App, AppState},
    auth::{Authorized, WebhooksWrite},
    extract::{Creating, CreatingBody, PathId, Presence},
    fields::{Fields, FromFields},
    problem::Problem,
    reply::Reply,
};

/// A test says nothing more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TestBody;

impl CreatingBody for TestBody {
    const PRESENCE: Presence = Presence::Optional;
}

impl FromFields for TestBody {
    fn read(_: &mut Fields<'_, '_>, _: &App) -> Option<Self> {
        Some(Self)
    }
}

/// Test an endpoint
///
/// Queues a `webhook.test` event for this endpoint alone, whatever it subscribes to, and answers its delivery: read it again to see the
/// attempt. While the endpoint is disabled the test waits with the rest.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook_id}/test", tag = "webhooks", security(("bearer" = ["webhooks:write"])),
    params(
        ("webhook_id" = String, Path, description = "`whe_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request send one test."),
    ),
    responses((status = 202, description = "The delivery of the test.", body = DeliveryBody)),
    extensions(("x-problems" = json!(["invalid_request", "idempotency_key_reused"]))),
)]
pub(crate) async fn test_webhook(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    PathId(id): PathId<EndpointId>,
    Creating { idempotency, .. }: Creating<TestBody>,
) -> Result<Reply, Problem> {
    let now = app.now();
    let occasion = Occasion {
        id: EventId::generate(now, app.parts.entropy.as_ref()),
        workspace_id: auth.caller().workspace_id,
        created_at: now,
    };
    let test = EndpointTest { endpoint_id: id, event: test_event(occasion, id), idempotency };
    let answer = |view: hopline_domain::store::DeliveryView| {
        let place = app.address_of(&format!("/v1/deliveries/{}", view.delivery.id));
        Reply::json(StatusCode::ACCEPTED, &DeliveryBody::of(view, now)).header(header::LOCATION, place)
    };
    match app.parts.store.endpoint_test(auth.caller(), test, now).await? {
        Created::New(view) => Ok(answer(view)),
        Created::Replayed(view) => Ok(answer(view).replayed()),
        Created::IdempotencyKeyReused => Err(Problem::key_reused()),
        Created::NotFound => Err(Problem::not_found("webhook")),
        Created::Conflict | Created::PlanLimit { .. } => Err(Problem::internal()),
    }
}
