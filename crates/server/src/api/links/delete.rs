//! `DELETE /v1/links/{link_id}`: deletes a link; its slug stays its workspace's.

use axum::extract::State;
use hopline_domain::{
    id::LinkId,
    store::{LinkDelete, LinkDeleted},
};
use http::{HeaderMap, header};

use super::{refusal::stale, view::etag};
use crate::{
    app::AppState,
    auth::{Authorized, LinksWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Delete a link
///
/// Visits are answered 410 from then on, or sent to the link's `expired_url`. The slug can be taken again only by the same workspace.
#[utoipa::path(
    delete, path = "/v1/links/{link_id}", tag = "links", security(("bearer" = ["links:write"])),
    params(
        ("link_id" = String, Path, description = "`lnk_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the link as you read it."),
    ),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-problems" = json!(["precondition_failed"]))),
)]
pub(crate) async fn delete_link(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    PathId(link_id): PathId<LinkId>,
    headers: HeaderMap,
) -> Result<Reply, Problem> {
    let mut expected_revision = None;
    if headers.contains_key(header::IF_MATCH) {
        let link = app.own_link(&auth, link_id).await?;
        if !etag(&link).satisfies(&headers) {
            return Err(stale());
        }
        expected_revision = Some(link.revision);
    }
    let (deed, scene) = (app.link_deed(), app.link_scene(&auth));
    let delete = LinkDelete { link_id, expected_revision, deed, scene };
    match app.parts.store.link_delete(auth.caller(), delete, app.now()).await? {
        LinkDeleted::Done(link) => {
            app.redirects.link_changed(&link);
            Ok(Reply::no_content())
        }
        LinkDeleted::NotFound => Err(Problem::not_found("link")),
        LinkDeleted::Stale => Err(stale()),
    }
}
