//! `GET /v1/deliveries`: the deliveries of the caller's workspace.

use axum::extract::State;
use hopline_domain::store::{DeliveryFilter, Page};

use super::view::DeliveryBody;
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksRead},
    extract::{FromQuery, ListQuery, PageQuery, QueryReader},
    problem::Problem,
    reply::{List, Reply},
};

/// Which deliveries, and which page of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeliveriesQuery {
    filter: DeliveryFilter,
    page: Page,
}

impl FromQuery for DeliveriesQuery {
    fn read(query: &mut QueryReader) -> Self {
        let filter = DeliveryFilter {
            job_id: query.parsed("job_id", "give a job's id"),
            endpoint_id: query.parsed("endpoint_id", "give an endpoint's id"),
            state: query.parsed("state", "give pending, delivering, succeeded, failed, cancelled or expired"),
        };
        Self { filter, page: PageQuery::read(query).0 }
    }
}

/// List deliveries
///
/// The workspace's deliveries, newest first, from the moment they exist. `waiting_for` says why a pending one has not been sent yet.
#[utoipa::path(
    get, path = "/v1/deliveries", tag = "deliveries", security(("bearer" = ["webhooks:read"])),
    params(
        ("job_id" = Option<String>, Query, description = "Only those of one job."),
        ("endpoint_id" = Option<String>, Query, description = "Only those to one subscribed endpoint."),
        ("state" = Option<String>, Query, description = "Only those in one state: pending, delivering, succeeded, failed, cancelled, expired."),
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page.", body = List<DeliveryBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_deliveries(
    State(app): State<AppState>,
    auth: Authorized<WebhooksRead>,
    ListQuery(DeliveriesQuery { filter, page }): ListQuery<DeliveriesQuery>,
) -> Result<Reply, Problem> {
    let now = app.now();
    let deliveries = app.parts.store.delivery_list(auth.caller().workspace_id, filter, page).await?;
    Ok(Reply::ok(&List::of(deliveries, |view| DeliveryBody::of(view, now))))
}
