//! `GET /v1/keys`: the keys of the caller's workspace.

use axum::extract::State;

use super::view::KeyBody;
use crate::{
    app::AppState,
    auth::{Authorized, KeysWrite},
    extract::{ListQuery, PageQuery},
    problem::Problem,
    reply::{List, Reply},
};

/// List keys
///
/// The workspace's keys, newest first; revoked and expired ones too.
#[utoipa::path(
    get, path = "/v1/keys", tag = "keys", security(("bearer" = ["keys:write"])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page.", body = List<KeyBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_keys(
    State(app): State<AppState>,
    auth: Authorized<KeysWrite>,
    ListQuery(PageQuery(page)): ListQuery<PageQuery>,
) -> Result<Reply, Problem> {
    let now = app.now();
    let keys = app.parts.store.key_list(auth.caller().workspace_id, page).await?;
    Ok(Reply::ok(&List::of(keys, |key| KeyBody::of(&key, now))))
}
