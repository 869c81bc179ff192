//! `POST /v1/tags`: makes a tag.

use axum::extract::State;
use hopline_domain::{
    id::TagId,
    short_link::TagName,
    store::{TagCreate, TagCreated, TagView},
};
use http::{StatusCode, header};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    members::{self, taken},
    view::{TagBody, etag},
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksWrite},
    extract::{Creating, CreatingBody},
    fields::{Fields, FromFields},
    problem::Problem,
    reply::Reply,
};

/// A tag's name, as read.
#[derive(Debug)]
pub(crate) struct TagNameBody(pub(super) TagName);

/// A tag's name.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct WriteTag {
    /// Without commas; unique in the workspace without regard to case.
    #[schema(min_length = 1, max_length = 50, example = "Campaign")]
    name: String,
}

impl CreatingBody for TagNameBody {}

impl FromFields for TagNameBody {
    fn read(fields: &mut Fields<'_, '_>, _: &App) -> Option<Self> {
        fields.required("name", members::name).map(Self)
    }
}

/// Create a tag
///
/// Links make the tags they name by themselves; this makes one that no link carries yet.
#[utoipa::path(
    post, path = "/v1/tags", tag = "tags", security(("bearer" = ["links:write"])),
    request_body = WriteTag,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request make one tag.")),
    responses((status = 201, description = "Made.", body = TagBody)),
    extensions(("x-problems" = json!(["invalid_request", "conflict", "idempotency_key_reused"]))),
)]
pub(crate) async fn create_tag(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    Creating { body: TagNameBody(name), idempotency, .. }: Creating<TagNameBody>,
) -> Result<Reply, Problem> {
    let id = TagId::generate(app.now(), app.parts.entropy.as_ref());
    let audit = app.tag_audit(&auth, "tag.create", id, json!({"name": name}));
    let create = TagCreate { id, name, idempotency, audit };
    match app.parts.store.tag_create(auth.caller(), create, app.now()).await? {
        TagCreated::New(view) => Ok(made(view)),
        TagCreated::Replayed(view) => Ok(made(view).replayed()),
        TagCreated::ReplayedGone(id) => Ok(Reply::gone(id)),
        TagCreated::NameTaken => Err(taken()),
        TagCreated::IdempotencyKeyReused => Err(Problem::key_reused()),
    }
}

fn made(view: TagView) -> Reply {
    let tag = etag(&view);
    Reply::json(StatusCode::CREATED, &TagBody::of(view)).header(header::ETAG, tag)
}
