//! `POST /v1/webhooks/{webhook_id}/webhook-secret/rotate`: a new secret beside the old one for a while.

use axum::extract::State;
use hopline_domain::{
    endpoint::EndpointState,
    id::EndpointId,
    store::{Created, EndpointSecretRotation},
    time::Timestamp,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    api::keys::webhook_secret_rotate::{RotateSecretBody, RotateWebhookSecret},
    app::AppState,
    auth::{Authorized, WebhooksWrite},
    extract::{Creating, PathId},
    problem::Problem,
    reply::Reply,
};

/// A new secret of an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RotatedEndpointSecret {
    id: String,
    /// Shown once; `null` in a replay.
    webhook_secret: Option<String>,
    /// The old secrets sign until then; `null` in a replay.
    #[schema(value_type = Option<String>, format = DateTime)]
    old_until: Option<Timestamp>,
}

/// Rotate an endpoint's secret
///
/// Deliveries carry one signature per live secret, so the receiver can change over within `overlap_s` seconds. At most three are
/// live; the oldest beyond that stops at once.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook_id}/webhook-secret/rotate", tag = "webhooks", security(("bearer" = ["webhooks:write"])),
    request_body = Option<RotateWebhookSecret>,
    params(
        ("webhook_id" = String, Path, description = "`whe_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request make one secret; it is `null` in a replay."),
    ),
    responses((status = 200, description = "The new secret.", body = RotatedEndpointSecret)),
    extensions(("x-problems" = json!(["invalid_request", "idempotency_key_reused"]))),
)]
pub(crate) async fn rotate_endpoint_secret(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    PathId(id): PathId<EndpointId>,
    Creating { body, idempotency, .. }: Creating<RotateSecretBody>,
) -> Result<Reply, Problem> {
    let endpoint = app.endpoint(&auth, id).await?;
    let now = app.now();
    let old_until = body.overlap.until(now);
    let secret = body.webhook_secret.unwrap_or_else(|| app.new_webhook_secret());
    let rotation = EndpointSecretRotation {
        endpoint_id: id,
        sealed: app.seal(endpoint.family_id, &secret),
        old_until,
        idempotency,
        audit: app.webhook_audit(&auth, "webhook.secret_rotate", id, json!({"old_until": old_until})),
    };
    let id = id.to_string();
    match app.parts.store.endpoint_secret_rotate(auth.caller(), rotation, now).await? {
        Created::New(_) => {
            let webhook_secret = Some(secret.expose().to_owned());
            Ok(Reply::ok(&RotatedEndpointSecret { id, webhook_secret, old_until: Some(old_until) }))
        }
        Created::Replayed(endpoint) if endpoint.state != EndpointState::Deleted => {
            Ok(Reply::ok(&RotatedEndpointSecret { id, webhook_secret: None, old_until: None }).replayed())
        }
        Created::IdempotencyKeyReused => Err(Problem::key_reused()),
        Created::NotFound | Created::Replayed(_) => Err(Problem::not_found("webhook")),
        Created::Conflict | Created::PlanLimit { .. } => Err(Problem::internal()),
    }
}
