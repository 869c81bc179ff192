//! `POST /v1/deliveries/{delivery_id}/cancel`: ends a delivery that has not been sent.

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

/// Cancel a delivery
///
/// No more attempts are made.
#[utoipa::path(
    post, path = "/v1/deliveries/{delivery_id}/cancel", tag = "deliveries", security(("bearer" = ["webhooks:write"])),
    params(("delivery_id" = String, Path, description = "`dlv_…`")),
    responses((status = 200, description = "The delivery as it is now.", body = DeliveryBody)),
    extensions(("x-problems" = json!(["conflict"]))),
)]
pub(crate) async fn cancel_delivery(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    PathId(id): PathId<DeliveryId>,
) -> Result<Reply, Problem> {
    let now = app.now();
    let outcome = app.parts.store.delivery_cancel(auth.caller().workspace_id, id, now).await?;
    answer(outcome, now)
}
