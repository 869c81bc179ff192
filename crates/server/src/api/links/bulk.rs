//! `POST /v1/links/bulk`: makes up to ten thousand links; a row that fails makes none and stops no other.

use axum::extract::State;

use super::{
    chunk::{BulkCall, BulkResult},
    rows::Rows,
    schema::CreateLink,
};
use crate::{
    app::AppState,
    auth::{Authorized, LinksCreate},
    extract::BulkBody,
    problem::Problem,
    reply::Reply,
};

/// Create many links
///
/// Up to 10,000 rows: a JSON array, NDJSON (`application/x-ndjson`) or CSV (`text/csv`, the first line names the columns), gzip or not, at
/// most 16 MiB before and after decompression. 500 rows at a time are committed. A row that fails makes no link and is told in `errors`
/// with its number, counted from 1; every other row is made. With an `Idempotency-Key` a call that broke off goes on where it was when it
/// is sent again, byte for byte.
#[utoipa::path(
    post, path = "/v1/links/bulk", tag = "links", security(("bearer" = ["links:create"])),
    request_body(content(
        (Vec<CreateLink> = "application/json"),
        (String = "application/x-ndjson"),
        (String = "text/csv"),
    )),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request make each link once.")),
    responses((status = 200, description = "What became of the rows.", body = BulkResult)),
    extensions(("x-problems" = json!(["invalid_request", "idempotency_key_reused", "idempotency_in_progress"]))),
)]
pub(crate) async fn create_links(
    State(app): State<AppState>,
    auth: Authorized<LinksCreate>,
    body: BulkBody,
) -> Result<Reply, Problem> {
    let BulkBody { format, bytes, idempotency, place } = body;
    let rows = Rows::of(format, bytes).await?;
    let answer = BulkCall::new(&app, &auth, &rows, idempotency).run().await;
    drop(place);
    answer
}
