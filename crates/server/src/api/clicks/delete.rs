//! `DELETE /v1/clicks?link=`: a link's clicks and what was counted of them, gone for good.

use axum::extract::State;
use hopline_domain::{
    id::AuditId,
    store::{AuditEntry, ClickDeletion},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::query::DeleteQuery;
use crate::{
    app::AppState,
    auth::{Authorized, LinksWrite},
    extract::ListQuery,
    problem::Problem,
    reply::Reply,
};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClicksDeleted)]
struct DeletedBody {
    /// Raw clicks deleted; those recorded a moment ago and not yet counted come on top.
    deleted: u64,
}

/// Delete a link's clicks
///
/// Raw clicks, roll-ups and visitor sketches of one link, for good; also of a link that is deleted itself. The workspace's roll-ups are lessened by
/// them. What `max_clicks` counts stays. The audit log tells who did it.
#[utoipa::path(
    delete, path = "/v1/clicks", tag = "analytics", security(("bearer" = ["links:write"])),
    params(("link" = String, Query, description = "`lnk_…`")),
    responses((status = 200, description = "Deleted.", body = DeletedBody)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn delete_clicks(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    ListQuery(DeleteQuery(link_id)): ListQuery<DeleteQuery>,
) -> Result<Reply, Problem> {
    let required = || Problem::of_fault("?link", "required", "name the link whose clicks are to go");
    let link_id = link_id.ok_or_else(required)?;
    let now = app.now();
    let audit = AuditEntry {
        id: AuditId::generate(now, app.parts.entropy.as_ref()),
        action: "clicks.delete",
        address: auth.address,
        subject: link_id.to_string(),
        after: json!({}),
    };
    let deletion = ClickDeletion { link_id, until: app.parts.click_feed.end(), audit };
    let deleted = app.parts.store.click_delete(auth.caller(), deletion, now).await?;
    Ok(Reply::ok(&DeletedBody { deleted }))
}
