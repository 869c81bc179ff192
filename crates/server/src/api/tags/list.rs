//! `GET /v1/tags`: the tags of the caller's workspace.

use axum::extract::State;

use super::view::TagBody;
use crate::{
    app::AppState,
    auth::{Authorized, LinksRead},
    extract::{ListQuery, PageQuery},
    problem::Problem,
    reply::{List, Reply},
};

/// List tags
///
/// The workspace's tags, newest first, with how many links carry each.
#[utoipa::path(
    get, path = "/v1/tags", tag = "tags", security(("bearer" = ["links:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page.", body = List<TagBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_tags(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    ListQuery(PageQuery(page)): ListQuery<PageQuery>,
) -> Result<Reply, Problem> {
    let tags = app.parts.store.tag_list(auth.caller().workspace_id, page).await?;
    Ok(Reply::ok(&List::of(tags, TagBody::of)))
}
