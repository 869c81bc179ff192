//! `PATCH /v1/links/{link_id}`: changes a link by a merge patch (RFC 7396).

use axum::extract::State;
use hopline_domain::{
    id::LinkId,
    short_link::ShortLink,
    store::{LinkChanged, LinkUpdate},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};

use super::{
    block::{self, Asked},
    patch::{NOT_CLEARED, merge, written},
    refusal::{refusal, stale},
    schema::UpdateLink,
    view::{LinkBody, etag},
    write::{Ground, LinkWrite},
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksWrite},
    extract::{JsonObject, PathId, read_members},
    problem::Problem,
    reply::Reply,
};

/// A change that meets another one is made again on what that one left, at most so often.
const TRIES_MAX: usize = 3;

/// Change a link
///
/// A merge patch (RFC 7396): what is left out stays, `null` clears. `If-Match` with the `ETag` you read makes sure that nobody changed the
/// link since. `status` publishes a draft (`active`), switches a link off (`disabled`), archives and restores it. A key with the scope
/// `operator` blocks a link of any workspace with `blocked_reason`, and lifts the block with `null`; that goes with no other change.
#[utoipa::path(
    patch, path = "/v1/links/{link_id}", tag = "links", security(("bearer" = ["links:write"])),
    request_body = UpdateLink,
    params(
        ("link_id" = String, Path, description = "`lnk_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the link as you read it."),
    ),
    responses((status = 200, description = "The link as it is now.", body = LinkBody)),
    extensions(("x-problems" = json!(["invalid_request", "plan_limit", "conflict", "precondition_failed"]))),
)]
pub(crate) async fn update_link(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    PathId(id): PathId<LinkId>,
    headers: HeaderMap,
    JsonObject(patch): JsonObject,
) -> Result<Reply, Problem> {
    let changed = match block::asked(&patch)? {
        Asked::Nothing => app.change_link(&auth, id, &headers, &patch).await?,
        Asked::Block(reason) => app.block_link(&auth, id, &headers, Some(reason)).await?,
        Asked::Free => app.block_link(&auth, id, &headers, None).await?,
    };
    match changed {
        LinkChanged::Done { link, before } => {
            app.redirects.link_changed(&before);
            app.redirects.link_changed(&link);
            app.link_reply(StatusCode::OK, *link).await
        }
        LinkChanged::NotFound => Err(Problem::not_found("link")),
        LinkChanged::Stale => Err(stale()),
        LinkChanged::Refused(refused) => Err(refusal(&refused, auth.plan())),
    }
}

impl App {
    async fn change_link(
        &self,
        auth: &Authorized<LinksWrite>,
        id: LinkId,
        headers: &HeaderMap,
        patch: &Map<String, Value>,
    ) -> Result<LinkChanged, Problem> {
        for _ in 0..TRIES_MAX {
            let link = self.own_link(auth, id).await?;
            if !etag(&link).satisfies(headers) {
                break;
            }
            let update = self.patched(auth, &link, patch).await?;
            let changed = self.parts.store.link_update(auth.caller(), update, self.now()).await?;
            let is_final = headers.contains_key(header::IF_MATCH) || !matches!(changed, LinkChanged::Stale);
            if is_final {
                return Ok(changed);
            }
        }
        Ok(LinkChanged::Stale)
    }

    /// The link with the changes over it.
    async fn patched(
        &self,
        auth: &Authorized<LinksWrite>,
        link: &ShortLink,
        patch: &Map<String, Value>,
    ) -> Result<LinkUpdate, Problem> {
        let mut members = written(link, &self.urls);
        merge(&mut members, patch.clone());
        let ground = Ground { before: Some(&link.content), ..self.link_ground(auth) };
        let LinkWrite { slug, mut content, password, tags, .. } = read_members(&members, |fields| {
            for name in NOT_CLEARED.into_iter().filter(|name| patch.get(*name).is_some_and(Value::is_null)) {
                fields.place_of(name).refuse::<()>("type", "this member can't be cleared");
            }
            LinkWrite::link(fields, self, ground)
        })?;
        if !patch.contains_key("password") {
            content.password.clone_from(&link.content.password);
        }
        Ok(LinkUpdate {
            link_id: link.id,
            slug,
            content: self.with_password(content, password).await?,
            tags: self.tag_choices(tags),
            expected_revision: link.revision,
            deed: self.link_deed(),
            scene: self.link_scene(auth),
        })
    }
}
