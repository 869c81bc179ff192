//! `GET /v1/webhooks/{webhook_id}`: one endpoint of the caller's workspace.

use axum::extract::State;
use hopline_domain::{endpoint::Endpoint, id::EndpointId};
use http::header;

use super::view::{WebhookBody, etag};
use crate::{
    app::{App, AppState},
    auth::{Authorized, WebhooksRead},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

impl App {
    pub(super) async fn endpoint<P>(
        &self,
        auth: &Authorized<P>,
        id: EndpointId,
    ) -> Result<Endpoint, Problem> {
        let found = self.parts.store.endpoint_get(auth.caller().workspace_id, id).await?;
        found.ok_or_else(|| Problem::not_found("webhook"))
    }
}

/// Get an endpoint
#[utoipa::path(
    get, path = "/v1/webhooks/{webhook_id}", tag = "webhooks", security(("bearer" = ["webhooks:read"])),
    params(("webhook_id" = String, Path, description = "`whe_…`")),
    responses((status = 200, description = "The endpoint, without its secret.", body = WebhookBody)),
)]
pub(crate) async fn get_webhook(
    State(app): State<AppState>,
    auth: Authorized<WebhooksRead>,
    PathId(id): PathId<EndpointId>,
) -> Result<Reply, Problem> {
    let endpoint = app.endpoint(&auth, id).await?;
    Ok(Reply::ok(&WebhookBody::of(&endpoint)).header(header::ETAG, etag(&endpoint)))
}
