//! `PATCH /v1/webhooks/{webhook_id}`: changes an endpoint by a merge patch (RFC 7396), and switches it off and on.

use axum::extract::State;
use hopline_domain::{
    endpoint::{Endpoint, EndpointSettings},
    id::EndpointId,
    problem::ProblemCode,
    store::{Changed, EndpointUpdate, Switch},
};
use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::{
    draft::{Draft, UpdateWebhook},
    view::{SavedWebhook, WebhookBody, etag},
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, WebhooksWrite},
    extract::{JsonFields, PathId},
    fields::{Change, Fields, FromFields, Place},
    problem::Problem,
    reply::Reply,
};

/// Changes, as read.
#[derive(Debug)]
pub(crate) struct UpdateWebhookBody {
    draft: Draft,
    switch: Option<Switch>,
}

impl FromFields for UpdateWebhookBody {
    fn read(fields: &mut Fields<'_, '_>, app: &App) -> Option<Self> {
        let draft = Draft::read(fields, app);
        let status = fields.change("status", status);
        let cleared = [
            ("url", draft.url == Change::Clear),
            ("events", draft.events == Change::Clear),
            ("status", status == Change::Clear),
        ];
        for (name, _) in cleared.into_iter().filter(|(_, cleared)| *cleared) {
            fields.place_of(name).refuse::<()>("type", "this member can't be cleared");
        }
        let switch = match status {
            Change::Set(switch) => Some(switch),
            Change::Keep | Change::Clear => None,
        };
        Some(Self { draft, switch })
    }
}

fn status(value: &Value, place: &mut Place<'_>) -> Option<Switch> {
    match value.as_str() {
        Some("active") => Some(Switch::On),
        Some("disabled") => Some(Switch::Off),
        _ => place.refuse("unknown_word", "give one of: active, disabled"),
    }
}

/// Change an endpoint
///
/// A merge patch (RFC 7396), in force from the next attempt on. `status: disabled` stops attempts, and what waits goes on waiting;
/// `status: active` makes one attempt, and what waits follows when it succeeds.
#[utoipa::path(
    patch, path = "/v1/webhooks/{webhook_id}", tag = "webhooks", security(("bearer" = ["webhooks:write"])),
    request_body = UpdateWebhook,
    params(
        ("webhook_id" = String, Path, description = "`whe_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the endpoint as you read it."),
    ),
    responses((status = 200, description = "The endpoint as it is now.", body = SavedWebhook)),
    extensions(("x-problems" = json!(["invalid_request", "conflict", "precondition_failed"]))),
)]
pub(crate) async fn update_webhook(
    State(app): State<AppState>,
    auth: Authorized<WebhooksWrite>,
    PathId(id): PathId<EndpointId>,
    headers: HeaderMap,
    JsonFields(body): JsonFields<UpdateWebhookBody>,
) -> Result<Reply, Problem> {
    let endpoint = app.endpoint(&auth, id).await?;
    if !etag(&endpoint).satisfies(&headers) {
        return Err(stale(&headers));
    }
    let settings = settled(&app, &endpoint, body.draft)?;
    let moved = settings.url != endpoint.settings.url;
    let warnings = if moved { app.look_up_receiver(&settings.url).await? } else { Vec::new() };
    let after = json!({"url": settings.url, "events": settings.events, "headers": settings.headers.names,
        "switched": body.switch.map(|switch| switch == Switch::On)});
    let update = EndpointUpdate {
        endpoint_id: id,
        settings,
        switch: body.switch,
        expected: Box::new(endpoint),
        audit: app.webhook_audit(&auth, "webhook.update", id, after),
    };
    match app.parts.store.endpoint_update(auth.caller(), update, app.now()).await? {
        Changed::Done(endpoint) => {
            let body = SavedWebhook { webhook: WebhookBody::of(&endpoint), warnings };
            Ok(Reply::ok(&body).header(header::ETAG, etag(&endpoint)))
        }
        Changed::NotFound => Err(Problem::not_found("webhook")),
        Changed::Stale | Changed::Conflict => Err(stale(&headers)),
    }
}

fn settled(app: &App, endpoint: &Endpoint, mut draft: Draft) -> Result<EndpointSettings, Problem> {
    let headers = std::mem::replace(&mut draft.headers, Change::Keep);
    app.with_headers(endpoint.id, draft.onto(endpoint.settings.clone()), headers)
}

/// Somebody else was quicker: with `If-Match` that breaks the condition, without it is a collision.
pub(super) fn stale(headers: &HeaderMap) -> Problem {
    let code = if headers.contains_key(header::IF_MATCH) {
        ProblemCode::PreconditionFailed
    } else {
        ProblemCode::Conflict
    };
    Problem::new(code, "the endpoint was changed since it was read; read it again and repeat")
}
