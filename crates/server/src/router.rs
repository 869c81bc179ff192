//! Which path leads to which call. API routes are registered together with their part of the OpenAPI document.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    api::{
        account, analytics, clicks, credits, deliveries, domains, events, jobs, keys, links, meta, providers,
        replays, resolve, tags, webhooks,
    },
    app::AppState,
    health,
    middleware::envelope,
    pages, redirect,
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
        .routes(routes!(webhooks::list::list_webhooks, webhooks::create::create_webhook))
        .routes(routes!(
            webhooks::get::get_webhook,
            webhooks::update::update_webhook,
            webhooks::delete::delete_webhook
        ))
        .routes(routes!(webhooks::test::test_webhook))
        .routes(routes!(webhooks::replay::replay_webhook))
        .routes(routes!(webhooks::secret_rotate::rotate_endpoint_secret))
        .routes(routes!(replays::get::get_replay))
        .routes(routes!(replays::cancel::cancel_replay))
        .routes(routes!(events::list::list_events))
        .routes(routes!(events::stream::stream_events))
        .routes(routes!(events::get::get_event))
        .merge(short_links())
        .routes(routes!(credits::list::list_credits))
        .routes(routes!(credits::grant::grant_credits))
        .routes(routes!(meta::get::get_meta))
}

/// Links, and what they are sorted by and live on.
fn short_links() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(links::list::list_links, links::create::create_link))
        .routes(routes!(links::bulk::create_links))
        .routes(routes!(links::by_slug::get_link_by_slug))
        .routes(routes!(links::upsert::upsert_link))
        .routes(routes!(links::get::get_link, links::update::update_link, links::delete::delete_link))
        .routes(routes!(links::qr::get_link_qr_svg))
        .routes(routes!(links::qr::get_link_qr_png))
        .routes(routes!(links::qr::get_link_qr_webp))
        .routes(routes!(domains::list::list_domains, domains::create::create_domain))
        .routes(routes!(domains::allowed::get_allowed_domain))
        .routes(routes!(
            domains::get::get_domain,
            domains::update::update_domain,
            domains::delete::delete_domain
        ))
        .routes(routes!(domains::verify::verify_domain))
        .routes(routes!(analytics::get::get_analytics))
        .routes(routes!(clicks::export::export_clicks, clicks::delete::delete_clicks))
        .routes(routes!(tags::list::list_tags, tags::create::create_tag))
        .routes(routes!(tags::update::update_tag, tags::delete::delete_tag))
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
    let by_host = from_fn_with_state(Arc::clone(&app), redirect::by_host);
    enveloped(api.merge(pages), app).layer(by_host)
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
