//! `GET /v1/account`: balance, plan, limits and their use.

use std::collections::BTreeSet;

use axum::extract::State;
use hopline_domain::{plan::PlanLimits, provider::Provider, store::WorkspaceUsage};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    auth::{AnyKey, Authorized},
    problem::Problem,
    reply::Reply,
};

/// The workspace of the calling key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Account {
    #[schema(example = "ws_019e97803c0070008000000000000001")]
    workspace_id: String,
    name: String,
    /// Credits left.
    balance: i64,
    /// Always `null`: there are no subscriptions on a server of your own.
    #[schema(value_type = Option<String>, format = DateTime)]
    subscription_until: Option<String>,
    providers: Vec<AccountProvider>,
    plan: String,
    features: BTreeSet<String>,
    limits: AccountLimits,
    usage: AccountUsage,
    /// Names for `profile.egress` of a resolve request.
    egresses: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountProvider {
    provider: String,
    label: String,
    #[schema(value_type = String, pattern = "^(standard|premium)$")]
    tier: &'static str,
}

/// What the plan allows; `null` is no limit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountLimits {
    keys: Option<u32>,
    links: Option<u32>,
    /// Links with a saved QR design.
    qr_codes: Option<u32>,
    credits_per_month: Option<i64>,
    requests_per_minute: Option<u32>,
    /// Resolve calls of the calling key's family in a UTC day.
    resolves_per_day: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountUsage {
    /// Keys that are not revoked.
    keys: u32,
    /// Archived ones too.
    links: u32,
    qr_codes: u32,
    storage_bytes: u64,
    resolves_today: u32,
    jobs_unfinished: u64,
}

/// Get the account
///
/// The workspace of the calling key with its balance, its plan, and each limit beside its use.
#[utoipa::path(
    get, path = "/v1/account", tag = "account", security(("bearer" = [])),
    responses((status = 200, description = "The account.", body = Account)),
)]
pub(crate) async fn get_account(
    State(app): State<AppState>,
    auth: Authorized<AnyKey>,
) -> Result<Reply, Problem> {
    let caller = auth.caller();
    let found = app.parts.store.workspace_get(caller.workspace_id).await?;
    let (workspace, balance) = found.ok_or_else(|| Problem::not_found("workspace"))?;
    let usage = app.parts.store.workspace_usage(caller, app.now()).await?;
    let plan = app.plan(&workspace.plan);
    Ok(Reply::ok(&Account {
        workspace_id: workspace.id.to_string(),
        name: workspace.name,
        balance: balance.total(),
        subscription_until: None,
        providers: app.parts.catalogue.providers().iter().map(AccountProvider::of).collect(),
        plan: workspace.plan,
        features: plan.features.clone(),
        limits: AccountLimits::of(&plan.limits, auth.key().limits.daily_quota),
        usage: AccountUsage::of(usage),
        egresses: app.parts.capabilities.egresses.clone(),
    }))
}

impl AccountProvider {
    fn of(provider: &Provider) -> Self {
        Self { provider: provider.id.clone(), label: provider.label.clone(), tier: provider.tier.as_str() }
    }
}

impl AccountLimits {
    fn of(plan: &PlanLimits, resolves_per_day: Option<u32>) -> Self {
        Self {
            keys: plan.keys,
            links: plan.links,
            qr_codes: plan.qr_codes,
            credits_per_month: plan.credits_per_month,
            requests_per_minute: plan.requests_per_minute,
            resolves_per_day,
        }
    }
}

impl AccountUsage {
    fn of(usage: WorkspaceUsage) -> Self {
        Self {
            keys: usage.keys,
            links: usage.links,
            qr_codes: usage.qr_codes,
            storage_bytes: usage.evidence_bytes,
            resolves_today: usage.resolves_today,
            jobs_unfinished: usage.jobs_unfinished,
        }
    }
}
