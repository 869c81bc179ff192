//! `DELETE /v1/keys/{key_id}`: revokes a key, for ever.

use axum::extract::State;
use hopline_domain::{
    id::KeyId,
    store::{Changed, KeyUpdate},
};
use http::HeaderMap;
use serde_json::json;

use super::update::{change, refusal, revocation};
use crate::{
    app::AppState,
    auth::{Authorized, KeysWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Revoke a key
///
/// Final. The key stays in the list as `revoked`; its jobs stay. Revoking it again changes nothing and answers the same.
#[utoipa::path(
    delete, path = "/v1/keys/{key_id}", tag = "keys", security(("bearer" = ["keys:write"])),
    params(
        ("key_id" = String, Path, description = "`key_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the key as you read it."),
    ),
    responses((status = 204, description = "Revoked.")),
    extensions(("x-problems" = json!(["precondition_failed"]))),
)]
pub(crate) async fn revoke_key(
    State(app): State<AppState>,
    auth: Authorized<KeysWrite>,
    PathId(id): PathId<KeyId>,
    headers: HeaderMap,
) -> Result<Reply, Problem> {
    let audit = app.key_audit(&auth, "key.revoke", id, json!({"status": "revoked"}));
    let update = KeyUpdate { key_id: id, patch: revocation(), expected: None, audit };
    match change(&app, &auth, &headers, update).await? {
        // A conflict means that it was revoked before.
        Changed::Done(_) | Changed::Conflict => Ok(Reply::no_content()),
        other => Err(refusal(&other)),
    }
}
