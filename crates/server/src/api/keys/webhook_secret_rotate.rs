//! `POST /v1/keys/{key_id}/webhook-secret/rotate`: a new secret beside the old one for a while.

use axum::extract::State;
use hopline_domain::{
    id::KeyId,
    store::{Created, SecretRotation},
    time::Timestamp,
};
use hopline_signing::WebhookSecret;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{governed::revoked, members, rotate::Overlap};
use crate::{
    app::{App, AppState},
    auth::{Authorized, KeysWrite},
    extract::{Creating, CreatingBody, PathId, Presence},
    fields::{Fields, FromFields},
    problem::Problem,
    reply::Reply,
};

/// A rotation, as read.
#[derive(Debug)]
pub(crate) struct RotateSecretBody {
    pub(in crate::api) overlap: Overlap,
    pub(in crate::api) webhook_secret: Option<WebhookSecret>,
}

/// The body may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read by hand")]
pub(crate) struct RotateWebhookSecret {
    /// Seconds for which the old secrets go on signing beside the new one.
    #[schema(minimum = 0, maximum = 604_800, default = 86_400)]
    overlap_s: Option<u64>,
    /// `whsec_` and 24 to 64 bytes: a secret of your own. One is made if left out.
    webhook_secret: Option<String>,
}

/// A new webhook secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RotatedSecret {
    family_id: String,
    /// Shown once; `null` in a replay.
    webhook_secret: Option<String>,
    /// The old secrets sign until then; `null` in a replay.
    #[schema(value_type = Option<String>, format = DateTime)]
    old_until: Option<Timestamp>,
}

impl CreatingBody for RotateSecretBody {
    const PRESENCE: Presence = Presence::Optional;
}

impl FromFields for RotateSecretBody {
    fn read(fields: &mut Fields<'_, '_>, app: &App) -> Option<Self> {
        let webhook_secret = fields.optional("webhook_secret", members::webhook_secret);
        Some(Self { overlap: Overlap::read(fields, app)?, webhook_secret })
    }
}

/// Rotate the webhook secret
///
/// Adds a secret to the key's family. Deliveries carry one signature per live secret, so receivers can change over within
/// `overlap_s` seconds. At most three are live; the oldest beyond that stops at once.
#[utoipa::path(
    post, path = "/v1/keys/{key_id}/webhook-secret/rotate", tag = "keys", security(("bearer" = ["keys:write"])),
    request_body = Option<RotateWebhookSecret>,
    params(
        ("key_id" = String, Path, description = "`key_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request make one secret; it is `null` in a replay."),
    ),
    responses((status = 200, description = "The new secret.", body = RotatedSecret)),
    extensions(("x-problems" = json!(["invalid_request", "conflict", "idempotency_key_reused"]))),
)]
pub(crate) async fn rotate_webhook_secret(
    State(app): State<AppState>,
    auth: Authorized<KeysWrite>,
    PathId(id): PathId<KeyId>,
    Creating { body, idempotency, .. }: Creating<RotateSecretBody>,
) -> Result<Reply, Problem> {
    let key = app.governed_key(&auth, id).await?;
    let now = app.now();
    let secret = body.webhook_secret.unwrap_or_else(|| app.new_webhook_secret());
    let old_until = body.overlap.until(now);
    let rotation = SecretRotation {
        key_id: id,
        sealed: app.seal(key.family_id, &secret),
        old_until,
        idempotency,
        audit: app.key_audit(&auth, "key.webhook_secret_rotate", id, json!({"old_until": old_until})),
    };
    let family_id = key.family_id.to_string();
    match app.parts.store.key_secret_rotate(auth.caller(), rotation, now).await? {
        Created::New(_) => {
            let webhook_secret = Some(secret.expose().to_owned());
            Ok(Reply::ok(&RotatedSecret { family_id, webhook_secret, old_until: Some(old_until) }))
        }
        Created::Replayed(_) => {
            Ok(Reply::ok(&RotatedSecret { family_id, webhook_secret: None, old_until: None }).replayed())
        }
        Created::IdempotencyKeyReused => Err(Problem::key_reused()),
        Created::NotFound => Err(Problem::not_found("key")),
        Created::Conflict => Err(revoked()),
        Created::PlanLimit { .. } => Err(Problem::internal()),
    }
}
