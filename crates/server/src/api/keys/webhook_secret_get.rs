//! `GET /v1/keys/{key_id}/webhook-secret`: shows the family's live secrets, and notes that in the audit log.

use axum::extract::State;
use hopline_domain::{id::KeyId, time::Timestamp};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    auth::{Authorized, KeysWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// The webhook secrets of a key's family.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookSecrets {
    family_id: String,
    /// The current one.
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    webhook_secret: Option<String>,
    /// All that sign now, newest first.
    secrets: Vec<LiveSecret>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiveSecret {
    webhook_secret: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Signs until then; `null` for the current one.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Get the webhook secret
///
/// The secrets that sign the webhooks of the key's family. Reading them is noted in the audit log.
#[utoipa::path(
    get, path = "/v1/keys/{key_id}/webhook-secret", tag = "keys", security(("bearer" = ["keys:write"])),
    params(("key_id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "The live secrets.", body = WebhookSecrets)),
)]
pub(crate) async fn get_webhook_secret(
    State(app): State<AppState>,
    auth: Authorized<KeysWrite>,
    PathId(id): PathId<KeyId>,
) -> Result<Reply, Problem> {
    let key = app.governed_key(&auth, id).await?;
    let audit = app.key_audit(&auth, "key.webhook_secret_read", id, json!({}));
    let found = app.parts.store.key_secrets_read(auth.caller(), id, audit, app.now()).await?;
    let sealed = found.ok_or_else(|| Problem::not_found("key"))?;
    let secrets = sealed.into_iter().map(|secret| {
        let webhook_secret = app.open(&secret)?;
        Ok(LiveSecret { webhook_secret, created_at: secret.created_at, expires_at: secret.expires_at })
    });
    let secrets = secrets.collect::<Result<Vec<_>, Problem>>()?;
    Ok(Reply::ok(&WebhookSecrets {
        family_id: key.family_id.to_string(),
        webhook_secret: secrets.first().map(|secret| secret.webhook_secret.clone()),
        secrets,
    }))
}
