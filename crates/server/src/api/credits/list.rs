//! `GET /v1/credits`: the ledger of the caller's workspace.

use axum::extract::State;

use super::view::CreditBody;
use crate::{
    app::AppState,
    auth::{Authorized, WorkspaceRead},
    extract::{ListQuery, PageQuery},
    problem::Problem,
    reply::{List, Reply},
};

/// List credit entries
///
/// The workspace's ledger, newest first: a job reserves its price, and settles or releases it when it ends.
#[utoipa::path(
    get, path = "/v1/credits", tag = "account", security(("bearer" = ["workspace:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page.", body = List<CreditBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_credits(
    State(app): State<AppState>,
    auth: Authorized<WorkspaceRead>,
    ListQuery(PageQuery(page)): ListQuery<PageQuery>,
) -> Result<Reply, Problem> {
    let entries = app.parts.store.credit_list(auth.caller().workspace_id, page).await?;
    Ok(Reply::ok(&List::of(entries, CreditBody::of)))
}
