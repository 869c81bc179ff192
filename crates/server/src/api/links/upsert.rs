//! `PUT /v1/links/by-external-id/{external_id}`: makes the link with the caller's own id, or replaces it.

use axum::extract::State;
use hopline_domain::{
    key::Scope,
    short_link::{ShortDomain, ShortLink},
    store::{LinkCreate, LinkCreated, LinkRefused, LinkUpsert, LinkUpserted, NewLink},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};

use super::{
    refusal::{refusal, stale},
    schema::CreateLink,
    view::{LinkBody, etag},
    write::{Ground, LinkWrite},
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksCreate},
    extract::{JsonObject, PathId, read_members},
    problem::Problem,
    reply::Reply,
};

/// Create or replace a link
///
/// The link with your own id is made, or gets exactly what the body says: what is left out is cleared, its slug and domain stay. Replacing
/// needs `links:write`; a key with only `links:create` makes new ones.
#[utoipa::path(
    put, path = "/v1/links/by-external-id/{external_id}", tag = "links", security(("bearer" = ["links:create"])),
    request_body = CreateLink,
    params(
        ("external_id" = String, Path, description = "Your own id, 1 to 128 visible ASCII characters."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the link as you read it."),
    ),
    responses(
        (status = 200, description = "Replaced.", body = LinkBody),
        (status = 201, description = "Made.", body = LinkBody),
    ),
    extensions(("x-problems" = json!(["invalid_request", "plan_limit", "conflict", "precondition_failed"]))),
)]
pub(crate) async fn upsert_link(
    State(app): State<AppState>,
    auth: Authorized<LinksCreate>,
    PathId(external_id): PathId<String>,
    headers: HeaderMap,
    JsonObject(members): JsonObject,
) -> Result<Reply, Problem> {
    app.require_room()?;
    let members = named(members, &external_id)?;
    let found = app.parts.store.link_by_external_id(auth.caller().workspace_id, external_id).await?;
    if found.is_some() {
        auth.require(Scope::LinksWrite)?;
    }
    let is_as_read = found.as_ref().is_some_and(|link| etag(link).satisfies(&headers));
    if headers.contains_key(header::IF_MATCH) && !is_as_read {
        return Err(stale());
    }
    let link = app.upserted(&auth, found.as_ref(), &members).await?;
    if !auth.holds(Scope::LinksWrite) {
        return app.make_only(&auth, link).await;
    }
    let revision = found.map(|link| link.revision);
    let upsert = LinkUpsert {
        link,
        deed: app.link_deed(),
        scene: app.link_scene(&auth),
        expected_revision: revision.filter(|_| headers.contains_key(header::IF_MATCH)),
    };
    match app.parts.store.link_upsert(auth.caller(), upsert, app.now()).await? {
        LinkUpserted::Created(link) => app.made_link(*link).await,
        LinkUpserted::Changed { link, before } => {
            app.redirects.link_changed(&before);
            app.redirects.link_changed(&link);
            app.link_reply(StatusCode::OK, *link).await
        }
        LinkUpserted::Stale => Err(stale()),
        LinkUpserted::Refused(refused) => Err(refusal(&refused, auth.plan())),
    }
}

/// The members with the id of the path; another one in the body is a fault.
fn named(mut members: Map<String, Value>, external_id: &str) -> Result<Map<String, Value>, Problem> {
    match members.insert("external_id".to_owned(), external_id.into()) {
        Some(Value::String(given)) if given != external_id => {
            Err(Problem::of_fault("/external_id", "conflict", "this differs from the id in the path"))
        }
        _ => Ok(members),
    }
}

impl App {
    async fn upserted(
        &self,
        auth: &Authorized<LinksCreate>,
        found: Option<&ShortLink>,
        members: &Map<String, Value>,
    ) -> Result<NewLink, Problem> {
        let ground = Ground { before: found.map(|link| &link.content), ..self.link_ground(auth) };
        let write = read_members(members, |fields| LinkWrite::new_link(fields, self, ground))?;
        let domain = self.upsert_domain(auth, found, &write).await?;
        self.new_link(write, &domain).await
    }

    /// A link stays on its domain; the store refuses another one.
    async fn upsert_domain(
        &self,
        auth: &Authorized<LinksCreate>,
        found: Option<&ShortLink>,
        write: &LinkWrite,
    ) -> Result<ShortDomain, Problem> {
        let Some(link) = found.filter(|_| write.domain.is_none()) else {
            return self.domain_for(auth, write).await;
        };
        let domain = self.parts.store.domain_get(link.workspace_id, link.domain_id).await?;
        domain.ok_or_else(Problem::internal)
    }

    /// For keys that may make links, but not change them: whoever was faster keeps what he made.
    async fn make_only(&self, auth: &Authorized<LinksCreate>, link: NewLink) -> Result<Reply, Problem> {
        let (deed, scene) = (self.link_deed(), self.link_scene(auth));
        let create = LinkCreate { link, deed, scene, idempotency: None };
        match self.parts.store.link_create(auth.caller(), create, self.now()).await? {
            LinkCreated::New(link) => self.made_link(*link).await,
            LinkCreated::Refused(LinkRefused::ExternalIdTaken) => {
                auth.require(Scope::LinksWrite)?;
                Err(Problem::internal())
            }
            LinkCreated::Refused(refused) => Err(refusal(&refused, auth.plan())),
            LinkCreated::Replayed(_) | LinkCreated::ReplayedGone(_) | LinkCreated::IdempotencyKeyReused => {
                Err(Problem::internal())
            }
        }
    }
}
