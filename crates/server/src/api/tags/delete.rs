//! `DELETE /v1/tags/{tag_id}`: takes a tag away, and off its links.

use axum::extract::State;
use hopline_domain::{
    id::TagId,
    store::{Changed, TagDelete},
};
use http::HeaderMap;
use serde_json::json;

use super::members::stale;
use crate::{
    app::AppState,
    auth::{Authorized, LinksWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Delete a tag
///
/// Takes it off the links that carry it; the links stay.
#[utoipa::path(
    delete, path = "/v1/tags/{tag_id}", tag = "tags", security(("bearer" = ["links:write"])),
    params(
        ("tag_id" = String, Path, description = "`tag_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the tag as you read it."),
    ),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-problems" = json!(["precondition_failed"]))),
)]
pub(crate) async fn delete_tag(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    PathId(id): PathId<TagId>,
    headers: HeaderMap,
) -> Result<Reply, Problem> {
    let expected = app.expected_tag(&auth, id, &headers).await?;
    let audit = app.tag_audit(&auth, "tag.delete", id, json!({"deleted": true}));
    match app.parts.store.tag_delete(auth.caller(), TagDelete { id, expected, audit }, app.now()).await? {
        Changed::Done(_) => Ok(Reply::no_content()),
        Changed::NotFound => Err(Problem::not_found("tag")),
        Changed::Stale => Err(stale()),
        Changed::Conflict => Err(Problem::internal()),
    }
}
