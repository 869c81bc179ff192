//! `GET /v1/domains`: the domains of the caller's workspace, and the server's own.

use axum::extract::State;

use super::view::DomainBody;
use crate::{
    app::AppState,
    auth::{Authorized, LinksRead},
    extract::{ListQuery, PageQuery},
    problem::Problem,
    reply::{List, Reply},
};

/// List domains
///
/// The workspace's domains and the server's own, newest first.
#[utoipa::path(
    get, path = "/v1/domains", tag = "domains", security(("bearer" = ["links:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page.", body = List<DomainBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_domains(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    ListQuery(PageQuery(page)): ListQuery<PageQuery>,
) -> Result<Reply, Problem> {
    let domains = app.parts.store.domain_list(auth.caller().workspace_id, page).await?;
    Ok(Reply::ok(&List::of(domains, |domain| app.domain_body(&domain))))
}
