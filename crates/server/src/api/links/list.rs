//! `GET /v1/links`: the links of the caller's workspace.

use axum::extract::State;
use hopline_domain::{
    id::{TagId, WorkspaceId},
    limits::{LINK_EXTERNAL_ID_BYTES_MAX, LINK_SEARCH_CHARS_MAX},
    short_link::{HealthStatus, LinkStatus, ShortLink},
    store::{LinkFilter, Page, Paged},
};

use super::{domains::DOMAIN_UNKNOWN, view::LinkBody};
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksRead},
    extract::{FromQuery, ListQuery, PageQuery, QueryReader},
    problem::Problem,
    reply::{List, Reply},
};

/// Which links, and which page of them.
#[derive(Clone, Debug)]
pub(crate) struct LinksQuery {
    domain: Option<String>,
    external_id: Option<String>,
    filter: LinkFilter,
    page: Page,
}

impl FromQuery for LinksQuery {
    fn read(query: &mut QueryReader) -> Self {
        let filled = |max: usize| {
            move |text: &str| {
                let fits = !text.is_empty() && text.chars().count() <= max;
                fits.then(|| text.to_owned())
            }
        };
        let filter = LinkFilter {
            domain_id: None,
            tag_id: query.parsed::<TagId>("tag_id", "give a tag's id, `tag_…`"),
            status: query.parsed::<LinkStatus>("status", "give active, disabled, draft, archived or blocked"),
            health: query.parsed::<HealthStatus>("health", "give unknown, healthy, broken or drifted"),
            text: query.parameter("search", "give 1 to 200 characters", filled(LINK_SEARCH_CHARS_MAX)),
        };
        Self {
            domain: query.parameter("domain", "give a host", filled(LINK_SEARCH_CHARS_MAX)),
            external_id: query.parameter(
                "external_id",
                "give 1 to 128 characters",
                filled(LINK_EXTERNAL_ID_BYTES_MAX),
            ),
            filter,
            page: PageQuery::read(query).0,
        }
    }
}

/// List links
///
/// The workspace's links, newest first; archived ones only with `status=archived`. All filters must hold. Under a narrow filter a page may
/// be short, even empty, and yet have a next one.
#[utoipa::path(
    get, path = "/v1/links", tag = "links", security(("bearer" = ["links:read"])),
    params(
        ("search" = Option<String>, Query, description = "Part of the slug, the URL or the title, in whatever case."),
        ("domain" = Option<String>, Query, description = "Only those on one domain."),
        ("tag_id" = Option<String>, Query, description = "Only those with one tag."),
        ("status" = Option<String>, Query, description = "Only those in one status: active, disabled, draft, archived, blocked."),
        ("health" = Option<String>, Query, description = "Only those of one health: unknown, healthy, broken, drifted."),
        ("external_id" = Option<String>, Query, description = "The one with your own id; goes with no other filter."),
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page.", body = List<LinkBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_links(
    State(app): State<AppState>,
    auth: Authorized<LinksRead>,
    ListQuery(query): ListQuery<LinksQuery>,
) -> Result<Reply, Problem> {
    let Paged { items, next } = app.find_links(auth.caller().workspace_id, query).await?;
    let shown = Paged { items: app.link_bodies(&items).await?, next };
    Ok(Reply::ok(&List::of(shown, |body: LinkBody| body)))
}

impl App {
    async fn find_links(
        &self,
        workspace_id: WorkspaceId,
        query: LinksQuery,
    ) -> Result<Paged<ShortLink>, Problem> {
        let LinksQuery { domain, external_id, mut filter, page } = query;
        if let Some(external_id) = external_id {
            if domain.is_some() || filter != LinkFilter::default() {
                return Err(Problem::of_fault("?external_id", "conflict", "this goes with no other filter"));
            }
            let found = self.parts.store.link_by_external_id(workspace_id, external_id).await?;
            return Ok(Paged { items: found.into_iter().collect(), next: None });
        }
        if domain.is_some() {
            let found = self.link_domain(workspace_id, domain.as_deref()).await?;
            let (code, detail) = DOMAIN_UNKNOWN;
            filter.domain_id = Some(found.ok_or_else(|| Problem::of_fault("?domain", code, detail))?.id);
        }
        Ok(self.parts.store.link_list(workspace_id, filter, page).await?)
    }
}
