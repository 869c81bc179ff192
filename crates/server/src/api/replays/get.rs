//! `GET /v1/replays/{replay_id}`: how far a replay is.

use axum::extract::State;
use hopline_domain::id::ReplayId;
use http::header;

use super::view::ReplayBody;
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksRead},
    etag::ETag,
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Get a replay
#[utoipa::path(
    get, path = "/v1/replays/{replay_id}", tag = "webhooks", security(("bearer" = ["webhooks:read"])),
    params(("replay_id" = String, Path, description = "`rpl_…`")),
    responses((status = 200, description = "The replay.", body = ReplayBody)),
)]
pub(crate) async fn get_replay(
    State(app): State<AppState>,
    auth: Authorized<WebhooksRead>,
    PathId(id): PathId<ReplayId>,
) -> Result<Reply, Problem> {
    let found = app.parts.store.replay_get(auth.caller().workspace_id, id).await?;
    let body = ReplayBody::of(&found.ok_or_else(|| Problem::not_found("replay"))?);
    Ok(Reply::ok(&body).header(header::ETAG, ETag::of(&body)))
}
