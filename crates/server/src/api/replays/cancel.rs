//! `POST /v1/replays/{replay_id}/cancel`: stops a replay where it is.

use axum::extract::State;
use hopline_domain::{id::ReplayId, problem::ProblemCode, store::Changed};
use serde_json::json;

use super::view::ReplayBody;
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Cancel a replay
///
/// What it has queued so far stays.
#[utoipa::path(
    post, path = "/v1/replays/{replay_id}/cancel", tag = "webhooks", security(("bearer" = ["webhooks:write"])),
    params(("replay_id" = String, Path, description = "`rpl_…`")),
    responses((status = 200, description = "The replay as it is now.", body = ReplayBody)),
    extensions(("x-problems" = json!(["conflict"]))),
)]
pub(crate) async fn cancel_replay(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    PathId(id): PathId<ReplayId>,
) -> Result<Reply, Problem> {
    let audit = app.webhook_audit(&auth, "webhook.replay_cancel", id, json!({"status": "cancelled"}));
    match app.parts.store.replay_cancel(auth.caller(), id, audit, app.now()).await? {
        Changed::Done(replay) => Ok(Reply::ok(&ReplayBody::of(&replay))),
        Changed::NotFound => Err(Problem::not_found("replay")),
        Changed::Stale | Changed::Conflict => {
            Err(Problem::new(ProblemCode::Conflict, "this replay has ended").reason("ended"))
        }
    }
}
