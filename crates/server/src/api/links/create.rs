//! `POST /v1/links`: makes a link.

use axum::extract::State;
use hopline_domain::store::{LinkCreate, LinkCreated};

use super::{refusal::refusal, schema::CreateLink, view::LinkBody, write::LinkWrite};
use crate::{
    app::AppState,
    auth::{Authorized, LinksCreate},
    extract::CreatingObject,
    problem::Problem,
    reply::Reply,
};

/// Create a link
///
/// Without `slug` the link gets 7 random characters that nobody mistakes for each other. A key with only `links:create` may make links
/// and see what it made; it reads nothing else.
#[utoipa::path(
    post, path = "/v1/links", tag = "links", security(("bearer" = ["links:create"])),
    request_body = CreateLink,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request make one link.")),
    responses((status = 201, description = "Made.", body = LinkBody)),
    extensions(("x-problems" = json!(["invalid_request", "plan_limit", "conflict", "idempotency_key_reused"]))),
)]
pub(crate) async fn create_link(
    State(app): State<AppState>,
    auth: Authorized<LinksCreate>,
    creating: CreatingObject,
) -> Result<Reply, Problem> {
    let ground = app.link_ground(&auth);
    let write = creating.read(|fields| LinkWrite::new_link(fields, &app, ground))?;
    let domain = app.domain_for(&auth, &write).await?;
    let create = LinkCreate {
        link: app.new_link(write, &domain).await?,
        deed: app.link_deed(),
        scene: app.link_scene(&auth),
        idempotency: creating.idempotency,
    };
    match app.parts.store.link_create(auth.caller(), create, app.now()).await? {
        LinkCreated::New(link) => app.made_link(*link).await,
        LinkCreated::Replayed(link) => Ok(app.made_link(*link).await?.replayed()),
        LinkCreated::ReplayedGone(id) => Ok(Reply::gone(id)),
        LinkCreated::IdempotencyKeyReused => Err(Problem::key_reused()),
        LinkCreated::Refused(refused) => Err(refusal(&refused, auth.plan())),
    }
}
