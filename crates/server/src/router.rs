//! Which path leads to which call. API routes are registered together with their part of the OpenAPI document.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    api::{account, credits, deliveries, jobs, keys, meta, providers, resolve},
    app::AppState,
    health,
    middleware::envelope,
    pages,
};

/// Every route of `/v1`.
pub(crate) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(resolve::create::resolve_link))
        .routes(routes!(jobs::list::list_jobs))
        .routes(routes!(jobs::get::get_job))
        .routes(routes!(jobs::evidence::get_job_evidence))
        .routes(routes!(jobs::screenshot::get_job_screenshot))
        .routes(routes!(account::get::get_account))
        .routes(routes!(providers::list::list_providers))
        .routes(routes!(keys::list::list_keys, keys::create::create_key))
        .routes(routes!(keys::get::get_key, keys::update::update_key, keys::delete::revoke_key))
        .routes(routes!(keys::rotate::rotate_key))
        .routes(routes!(keys::webhook_secret_get::get_webhook_secret))
        .routes(routes!(keys::webhook_secret_rotate::rotate_webhook_secret))
        .routes(routes!(deliveries::list::list_deliveries))
        .routes(routes!(deliveries::get::get_delivery))
        .routes(routes!(deliveries::retry::retry_delivery))
        .routes(routes!(deliveries::cancel::cancel_delivery))
        .routes(routes!(credits::list::list_credits))
        .routes(routes!(credits::grant::grant_credits))
        .routes(routes!(meta::get::get_meta))
}

/// What callers see.
pub(crate) fn public(app: AppState) -> Router {
    let (api, _) = api().split_for_parts();
    let pages = Router::new()
        .route("/", get(pages::landing))
        .route("/docs", get(pages::reference))
        .route("/docs/problems", get(pages::problems))
        .route("/docs/problems/{code}", get(pages::problem))
        .route("/openapi.json", get(pages::openapi))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz));
    enveloped(api.merge(pages), app)
}

/// What only the operator sees.
pub(crate) fn admin(app: AppState) -> Router {
    let router = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz_detailed))
        .route("/metrics", get(health::metrics));
    enveloped(router, app)
}

/// Unknown routes are answered by the envelope as well.
fn enveloped(router: Router<AppState>, app: AppState) -> Router {
    let router = router.fallback(|| async { http::StatusCode::NOT_FOUND });
    router.layer(from_fn_with_state(Arc::clone(&app), envelope)).with_state(app)
}
