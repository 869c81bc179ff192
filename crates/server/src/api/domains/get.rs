//! `GET /v1/domains/{domain_id}`: one domain of the caller's workspace, or the server's own.

use axum::extract::State;
use hopline_domain::{id::DomainId, short_link::ShortDomain};
use http::header;

use super::view::{DomainBody, etag};
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksRead},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Get a domain
#[utoipa::path(
    get, path = "/v1/domains/{domain_id}", tag = "domains", security(("bearer" = ["links:read"])),
    params(("domain_id" = String, Path, description = "`dom_…`")),
    responses((status = 200, description = "The domain.", body = DomainBody)),
)]
pub(crate) async fn get_domain(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    PathId(id): PathId<DomainId>,
) -> Result<Reply, Problem> {
    let domain = app.visible_domain(&auth, id).await?;
    Ok(app.domain_reply(&domain))
}

impl App {
    pub(super) async fn visible_domain<P>(
        &self,
        auth: &Authorized<P>,
        id: DomainId,
    ) -> Result<ShortDomain, Problem> {
        let found = self.parts.store.domain_get(auth.caller().workspace_id, id).await?;
        found.ok_or_else(|| Problem::not_found("domain"))
    }

    pub(super) fn domain_reply(&self, domain: &ShortDomain) -> Reply {
        Reply::ok(&self.domain_body(domain)).header(header::ETAG, etag(domain))
    }
}
