//! `GET /v1/events`: the event log of the caller's workspace.

use axum::extract::State;
use hopline_domain::{event::EventType, store::Page};

use super::view::EventBody;
use crate::{
    app::AppState,
    auth::{Authorized, WebhooksRead},
    extract::{FromQuery, ListQuery, PageQuery, QueryReader},
    problem::Problem,
    reply::{List, Reply},
};

/// Which events, and which page of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventsQuery {
    event_type: Option<EventType>,
    page: Page,
}

impl FromQuery for EventsQuery {
    fn read(query: &mut QueryReader) -> Self {
        let event_type = query.parsed("type", "give the name of an event, as link.created");
        Self { event_type, page: PageQuery::read(query).0 }
    }
}

/// List events
///
/// Newest first, as long as events are kept.
#[utoipa::path(
    get, path = "/v1/events", tag = "webhooks", security(("bearer" = ["webhooks:read"])),
    params(
        ("type" = Option<String>, Query, description = "Only events of one name."),
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page.", body = List<EventBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_events(
    State(app): State<AppState>,
    auth: Authorized<WebhooksRead>,
    ListQuery(EventsQuery { event_type, page }): ListQuery<EventsQuery>,
) -> Result<Reply, Problem> {
    let events = app.parts.store.event_list(auth.caller().workspace_id, event_type, page).await?;
    Ok(Reply::ok(&List::of(events, EventBody::of)))
}
