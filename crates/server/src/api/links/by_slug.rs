//! `GET /v1/links/by-slug/{domain}/{slug}`: one link of the caller's workspace, by what visitors see of it.

use axum::extract::State;
use hopline_domain::short_link::Slug;
use http::StatusCode;

use super::view::LinkBody;
use crate::{
    app::AppState,
    auth::{Authorized, LinksRead},
    extract::PathPair,
    problem::Problem,
    reply::Reply,
};

/// Get a link by its slug
///
/// The slug may have `/`, as it is or as `%2F`.
#[utoipa::path(
    get, path = "/v1/links/by-slug/{domain}/{*slug}", tag = "links", security(("bearer" = ["links:read"])),
    params(
        ("domain" = String, Path, description = "Host of the domain, with its port if it has one."),
        ("slug" = String, Path, description = "Read under the domain's case rule."),
    ),
    responses((status = 200, description = "The link.", body = LinkBody)),
)]
pub(crate) async fn get_link_by_slug(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    PathPair(host, slug): PathPair,
) -> Result<Reply, Problem> {
    let not_found = || Problem::not_found("link");
    let workspace_id = auth.caller().workspace_id;
    let slug = Slug::of_stored(&slug).map_err(|_| not_found())?;
    let domain = app.link_domain(workspace_id, Some(&host)).await?.ok_or_else(not_found)?;
    let found = app.parts.store.link_by_slug(workspace_id, domain.id, slug).await?;
    app.link_reply(StatusCode::OK, found.ok_or_else(not_found)?).await
}
