//! `GET /v1/events/{event_id}`: one event of the log.

use axum::extract::State;
use hopline_domain::id::EventId;
use http::header;

use super::view::EventBody;
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksRead},
    etag::ETag,
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Get an event
#[utoipa::path(
    get, path = "/v1/events/{event_id}", tag = "webhooks", security(("bearer" = ["webhooks:read"])),
    params(("event_id" = String, Path, description = "`evt_…`")),
    responses((status = 200, description = "The event.", body = EventBody)),
)]
pub(crate) async fn get_event(
    State(app): State<AppState>,
    auth: Authorized<WebhooksRead>,
    PathId(id): PathId<EventId>,
) -> Result<Reply, Problem> {
    let found = app.parts.store.event_get(auth.caller().workspace_id, id).await?;
    let body = EventBody::of(found.ok_or_else(|| Problem::not_found("event"))?);
    Ok(Reply::ok(&body).header(header::ETAG, ETag::of(&body)))
}
