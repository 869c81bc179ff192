//! `PATCH /v1/tags/{tag_id}`: gives a tag another name.

use axum::extract::State;
use hopline_domain::{
    id::TagId,
    store::{Changed, TagRename},
};
use http::{HeaderMap, header};
use serde_json::json;

use super::{
    create::{TagNameBody, WriteTag},
    members::{stale, taken},
    view::{TagBody, etag},
};
use crate::{
    app::AppState,
    auth::{Authorized, LinksWrite},
    extract::{JsonFields, PathId},
    problem::Problem,
    reply::Reply,
};

/// Rename a tag
///
/// The links that carry it show the new name at once.
#[utoipa::path(
    patch, path = "/v1/tags/{tag_id}", tag = "tags", security(("bearer" = ["links:write"])),
    request_body = WriteTag,
    params(
        ("tag_id" = String, Path, description = "`tag_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the tag as you read it."),
    ),
    responses((status = 200, description = "The tag as it is now.", body = TagBody)),
    extensions(("x-problems" = json!(["invalid_request", "conflict", "precondition_failed"]))),
)]
pub(crate) async fn update_tag(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    PathId(id): PathId<TagId>,
    headers: HeaderMap,
    JsonFields(TagNameBody(name)): JsonFields<TagNameBody>,
) -> Result<Reply, Problem> {
    let expected = app.expected_tag(&auth, id, &headers).await?;
    let audit = app.tag_audit(&auth, "tag.update", id, json!({"name": name}));
    let rename = TagRename { id, name, expected, audit };
    match app.parts.store.tag_rename(auth.caller(), rename, app.now()).await? {
        Changed::Done(view) => {
            let tag = etag(&view);
            Ok(Reply::ok(&TagBody::of(view)).header(header::ETAG, tag))
        }
        Changed::NotFound => Err(Problem::not_found("tag")),
        Changed::Stale => Err(stale()),
        Changed::Conflict => Err(taken()),
    }
}
