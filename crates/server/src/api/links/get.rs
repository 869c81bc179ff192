//! `GET /v1/links/{link_id}`: one link of the caller's workspace.

use axum::extract::State;
use hopline_domain::{id::LinkId, short_link::ShortLink};
use http::StatusCode;

use super::view::LinkBody;
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksRead},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Get a link
#[utoipa::path(
    get, path = "/v1/links/{link_id}", tag = "links", security(("bearer" = ["links:read"])),
    params(("link_id" = String, Path, description = "`lnk_…`")),
    responses((status = 200, description = "The link.", body = LinkBody)),
)]
pub(crate) async fn get_link(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    PathId(id): PathId<LinkId>,
) -> Result<Reply, Problem> {
    let link = app.own_link(&auth, id).await?;
    app.link_reply(StatusCode::OK, link).await
}

impl App {
    /// A link of the caller's workspace.
    pub(super) async fn own_link<P>(&self, auth: &Authorized<P>, id: LinkId) -> Result<ShortLink, Problem> {
        let found = self.parts.store.link_get(auth.caller().workspace_id, id).await?;
        found.ok_or_else(|| Problem::not_found("link"))
    }
}
