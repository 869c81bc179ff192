//! `GET /v1/domains/allowed?domain=`: whether a host is served here; what a TLS proxy asks before it gets a certificate.

use axum::extract::State;
use hopline_domain::short_link::DomainHost;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    extract::{FromQuery, ListQuery, QueryReader},
    problem::Problem,
    reply::Reply,
};

/// The host asked for; `None` when it can be no domain.
#[derive(Clone, Debug)]
pub(crate) struct AllowedQuery {
    host: Option<DomainHost>,
}

impl FromQuery for AllowedQuery {
    /// What can't be a domain is none of ours: 404, as for every other host.
    fn read(query: &mut QueryReader) -> Self {
        let host = query.parameter("domain", "give a host", |text| Some(DomainHost::parse(text).ok()));
        Self { host: host.flatten() }
    }
}

/// A domain that is served here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllowedDomain {
    domain: String,
}

/// Ask whether a domain is served
///
/// 200 only for verified domains and the server's own, else 404. Needs no key: for on-demand certificates of a TLS proxy.
#[utoipa::path(
    get, path = "/v1/domains/allowed", tag = "domains",
    params(("domain" = String, Query, description = "A host name.")),
    responses((status = 200, description = "It is served here.", body = AllowedDomain)),
    extensions(("x-problems" = json!(["invalid_request", "not_found"]))),
)]
pub(crate) async fn get_allowed_domain(
    State(app): State<AppState>,
    ListQuery(AllowedQuery { host }): ListQuery<AllowedQuery>,
) -> Result<Reply, Problem> {
    let host = host.ok_or_else(|| Problem::not_found("domain"))?;
    let is_served = app.is_default_host(host.as_str()) || {
        let found = app.parts.store.domain_by_host(host.clone()).await?;
        found.is_some_and(|domain| domain.verified_at.is_some())
    };
    if !is_served {
        return Err(Problem::not_found("domain"));
    }
    Ok(Reply::ok(&AllowedDomain { domain: host.to_string() }))
}
