//! `GET /v1/deliveries/{delivery_id}`: one delivery with its attempts.

use axum::extract::State;
use hopline_domain::id::DeliveryId;

use super::{
    attempt::AttemptBody,
    view::{DeliveryBody, DeliveryWithAttempts, reply},
};
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksRead},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Get a delivery
///
/// With every attempt: what was sent, what came back, address, timings, and one word for what went wrong.
#[utoipa::path(
    get, path = "/v1/deliveries/{delivery_id}", tag = "deliveries", security(("bearer" = ["webhooks:read"])),
    params(("delivery_id" = String, Path, description = "`dlv_…`")),
    responses((status = 200, description = "The delivery.", body = DeliveryWithAttempts)),
)]
pub(crate) async fn get_delivery(
    State(app): State<AppState>,
    auth: Authorized<WebhooksRead>,
    PathId(id): PathId<DeliveryId>,
) -> Result<Reply, Problem> {
    let found = app.parts.store.delivery_get(auth.caller().workspace_id, id).await?;
    let (view, mut attempts) = found.ok_or_else(|| Problem::not_found("delivery"))?;
    attempts.sort_by_key(|attempt| attempt.number);
    Ok(reply(&DeliveryWithAttempts {
        delivery: DeliveryBody::of(view, app.now()),
        attempts: attempts.into_iter().map(AttemptBody::of).collect(),
    }))
}
