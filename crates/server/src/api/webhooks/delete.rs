//! `DELETE /v1/webhooks/{webhook_id}`: ends a subscription.

use axum::extract::State;
use hopline_domain::{
    id::EndpointId,
    store::{Changed, EndpointDelete},
};
use http::{HeaderMap, header};
use serde_json::json;

use super::{update::stale, view::etag};
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Delete an endpoint
///
/// No attempt is begun any more, and what waits is cancelled. Its deliveries stay in the list as long as events are kept.
#[utoipa::path(
    delete, path = "/v1/webhooks/{webhook_id}", tag = "webhooks", security(("bearer" = ["webhooks:write"])),
    params(
        ("webhook_id" = String, Path, description = "`whe_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the endpoint as you read it."),
    ),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-problems" = json!(["precondition_failed"]))),
)]
pub(crate) async fn delete_webhook(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    PathId(id): PathId<EndpointId>,
    headers: HeaderMap,
) -> Result<Reply, Problem> {
    let endpoint = app.endpoint(&auth, id).await?;
    if !etag(&endpoint).satisfies(&headers) {
        return Err(stale(&headers));
    }
    let delete = EndpointDelete {
        endpoint_id: id,
        expected: headers.contains_key(header::IF_MATCH).then(|| Box::new(endpoint)),
        audit: app.webhook_audit(&auth, "webhook.delete", id, json!({"deleted": true})),
    };
    match app.parts.store.endpoint_delete(auth.caller(), delete, app.now()).await? {
        Changed::Done(_) => Ok(Reply::no_content()),
        Changed::NotFound => Err(Problem::not_found("webhook")),
        Changed::Stale | Changed::Conflict => Err(stale(&headers)),
    }
}
