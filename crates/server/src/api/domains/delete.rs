//! `DELETE /v1/domains/{domain_id}`: gives a domain back.

use axum::extract::State;
use hopline_domain::{
    id::DomainId,
    short_link::ShortDomain,
    store::{Changed, DomainDelete},
};
use http::{HeaderMap, header};
use serde_json::json;

use super::{
    refusal::{refusal, stale},
    view::etag,
};
use crate::{
    app::AppState,
    auth::{Authorized, LinksWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

const IN_USE: (&str, &str) = ("domain_in_use", "links live on this domain; delete them first");

/// Delete a domain
///
/// Only while no link lives on it. Whoever proves it next may have it.
#[utoipa::path(
    delete, path = "/v1/domains/{domain_id}", tag = "domains", security(("bearer" = ["links:write"])),
    params(
        ("domain_id" = String, Path, description = "`dom_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the domain as you read it."),
    ),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-problems" = json!(["conflict", "precondition_failed"]))),
)]
pub(crate) async fn delete_domain(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    PathId(id): PathId<DomainId>,
    headers: HeaderMap,
) -> Result<Reply, Problem> {
    let domain = app.visible_domain(&auth, id).await?;
    if domain.id == ShortDomain::DEFAULT_ID {
        return Err(refusal::<()>(&Changed::Conflict, ("default_domain", "this is the server's own domain")));
    }
    if !etag(&domain).satisfies(&headers) {
        return Err(stale());
    }
    let expected_revision = headers.contains_key(header::IF_MATCH).then_some(domain.revision);
    let audit = app.domain_audit(&auth, "domain.delete", id, json!({"deleted": true}));
    let delete = DomainDelete { id, expected_revision, audit };
    match app.parts.store.domain_delete(auth.caller(), delete, app.now()).await? {
        Changed::Done(_) => {
            app.redirects.domains_changed();
            Ok(Reply::no_content())
        }
        other => Err(refusal(&other, IN_USE)),
    }
}
