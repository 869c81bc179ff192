//! `GET /v1/keys/{key_id}`: one key of the caller's workspace.

use axum::extract::State;
use hopline_domain::id::KeyId;
use http::header;

use super::view::{KeyBody, etag};
use crate::{
    app::AppState,
    auth::{Authorized, KeysWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Get a key
#[utoipa::path(
    get, path = "/v1/keys/{key_id}", tag = "keys", security(("bearer" = ["keys:write"])),
    params(("key_id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "The key, without its secret.", body = KeyBody)),
)]
pub(crate) async fn get_key(
    State(app): State<AppState>,
    auth: Authorized<KeysWrite>,
    PathId(id): PathId<KeyId>,
) -> Result<Reply, Problem> {
    let key = app.visible_key(&auth, id).await?;
    Ok(Reply::ok(&KeyBody::of(&key, app.now())).header(header::ETAG, etag(&key)))
}
