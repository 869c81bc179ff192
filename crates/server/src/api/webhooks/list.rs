//! `GET /v1/webhooks`: the endpoints of the caller's workspace.

use axum::extract::State;

use super::view::WebhookBody;
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksRead},
    extract::{ListQuery, PageQuery},
    problem::Problem,
    reply::{List, Reply},
};

/// List endpoints
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "webhooks", security(("bearer" = ["webhooks:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page, newest first.", body = List<WebhookBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_webhooks(
    State(app): State<AppState>,
    auth: Authorized<WebhooksRead>,
    ListQuery(PageQuery(page)): ListQuery<PageQuery>,
) -> Result<Reply, Problem> {
    let endpoints = app.parts.store.endpoint_list(auth.caller().workspace_id, page).await?;
    Ok(Reply::ok(&List::of(endpoints, |endpoint| WebhookBody::of(&endpoint))))
}
