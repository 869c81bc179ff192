//! `POST /v1/deliveries/{delivery_id}/retry`: sends a delivery again, now.

use axum::extract::State;
use hopline_domain::id::DeliveryId;

use super::{manual::answer, view::DeliveryBody};
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksWrite},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Retry a delivery
///
/// Makes it due now. One that has ended gets a whole schedule again; one that succeeded is sent again too.
#[utoipa::path(
    post, path = "/v1/deliveries/{delivery_id}/retry", tag = "deliveries", security(("bearer" = ["webhooks:write"])),
    params(("delivery_id" = String, Path, description = "`dlv_…`")),
    responses((status = 200, description = "The delivery as it is now.", body = DeliveryBody)),
    extensions(("x-problems" = json!(["conflict"]))),
)]
pub(crate) async fn retry_delivery(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    PathId(id): PathId<DeliveryId>,
) -> Result<Reply, Problem> {
    let now = app.now();
    let outcome = app.parts.store.delivery_retry(auth.caller().workspace_id, id, now).await?;
    answer(outcome, now)
}
