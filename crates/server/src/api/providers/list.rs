//! `GET /v1/providers`: the catalogue.

use axum::extract::State;
use hopline_domain::provider::Provider;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    auth::{AnyKey, Authorized},
    problem::Problem,
    reply::Reply,
};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Providers {
    providers: Vec<ProviderBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider)]
pub(crate) struct ProviderBody {
    provider: String,
    label: String,
    /// Hosts, `*.suffix` included, some with a path prefix.
    hosts: Vec<String>,
    #[schema(value_type = String, pattern = "^(standard|premium)$")]
    tier: &'static str,
    /// Credits one resolve costs.
    resolve_cost: u32,
    /// What to expect, as text.
    latency: String,
}

/// List providers
///
/// The shorteners, wrappers and networks known by host. Other links are resolved just the same, as provider `generic`.
#[utoipa::path(
    get, path = "/v1/providers", tag = "account", security(("bearer" = [])),
    responses((status = 200, description = "The catalogue.", body = Providers)),
)]
pub(crate) async fn list_providers(
    State(app): State<AppState>,
    _: Authorized<AnyKey>,
) -> Result<Reply, Problem> {
    let providers = app.parts.catalogue.providers().iter().map(ProviderBody::of).collect();
    Ok(Reply::ok(&Providers { providers }))
}

impl ProviderBody {
    fn of(provider: &Provider) -> Self {
        Self {
            provider: provider.id.clone(),
            label: provider.label.clone(),
            hosts: provider.hosts.clone(),
            tier: provider.tier.as_str(),
            resolve_cost: provider.resolve_cost,
            latency: provider.latency.clone(),
        }
    }
}
