//! `PATCH /v1/keys/{key_id}`: changes a key by a merge patch (RFC 7396).

use axum::extract::State;
use hopline_domain::{
    id::KeyId,
    key::{KeyState, Scopes},
    problem::ProblemCode,
    store::{Changed, KeyPatch, KeyUpdate},
};
use http::{HeaderMap, header};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    create::CreateKeyLimits,
    governed::revoked,
    members,
    view::{KeyBody, etag},
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, KeysWrite},
    extract::{JsonFields, PathId},
    fields::{Change, Fields, FromFields, Place, timestamp},
    problem::Problem,
    reply::Reply,
};

/// Changes, as read.
#[derive(Debug)]
pub(crate) struct UpdateKeyBody(KeyPatch);

/// Changes to a key; what is left out stays, `null` clears.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct UpdateKey {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// Never more than the calling key holds.
    #[schema(nullable = false)]
    scopes: Option<Vec<String>>,
    /// `revoked` is final.
    #[schema(pattern = "^(active|disabled|revoked)$", nullable = false)]
    status: Option<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    #[schema(max_items = 50)]
    allowed_ips: Option<Vec<String>>,
    limits: Option<CreateKeyLimits>,
    #[schema(max_items = 3)]
    signature_headers: Option<Vec<String>>,
}

impl FromFields for UpdateKeyBody {
    fn read(fields: &mut Fields<'_, '_>, _: &App) -> Option<Self> {
        let limits = members::limits_change(fields);
        let headers = fields.change("signature_headers", members::signature_headers);
        Some(Self(KeyPatch {
            name: keep(fields, "name", members::name),
            scopes: keep(fields, "scopes", members::scopes),
            state: keep(fields, "status", members::state),
            expires_at: fields.change("expires_at", timestamp).optional().or_cleared(None),
            allowed_ips: fields.change("allowed_ips", members::allowed_ips).or_cleared(Vec::new()),
            creates_per_minute: limits.creates_per_minute.optional().or_cleared(None),
            daily_quota: limits.daily_quota.optional().or_cleared(None),
            signature_headers: headers.or_cleared(members::signature_headers_default()),
        }))
    }
}

/// A member that can be changed but not cleared.
fn keep<T>(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    read: fn(&Value, &mut Place<'_>) -> Option<T>,
) -> Option<T> {
    match fields.change(name, read) {
        Change::Set(value) => Some(value),
        Change::Keep => None,
        Change::Clear => fields.place_of(name).refuse("type", "this member can't be cleared"),
    }
}

/// Change a key
///
/// A merge patch (RFC 7396). `If-Match` with the `ETag` you read makes sure that nobody changed the key since. `status` switches a key
/// off (`disabled`), on (`active`), or off for ever (`revoked`).
#[utoipa::path(
    patch, path = "/v1/keys/{key_id}", tag = "keys", security(("bearer" = ["keys:write"])),
    request_body = UpdateKey,
    params(
        ("key_id" = String, Path, description = "`key_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the key as you read it."),
    ),
    responses((status = 200, description = "The key as it is now.", body = KeyBody)),
    extensions(("x-problems" = json!(["invalid_request", "conflict", "precondition_failed"]))),
)]
pub(crate) async fn update_key(
    State(app): State<AppState>,
    auth: Authorized<KeysWrite>,
    PathId(id): PathId<KeyId>,
    headers: HeaderMap,
    JsonFields(UpdateKeyBody(patch)): JsonFields<UpdateKeyBody>,
) -> Result<Reply, Problem> {
    auth.must_hold(patch.scopes.as_ref().unwrap_or(&Scopes::default()))?;
    let audit = app.key_audit(&auth, "key.update", id, described(&patch));
    let changed =
        change(&app, &auth, &headers, KeyUpdate { key_id: id, patch, expected: None, audit }).await?;
    match changed {
        Changed::Done(key) => Ok(Reply::ok(&KeyBody::of(&key, app.now())).header(header::ETAG, etag(&key))),
        other => Err(refusal(&other)),
    }
}

/// Changes a key the caller may change, if it still is what the caller read.
pub(super) async fn change(
    app: &App,
    auth: &Authorized<KeysWrite>,
    headers: &HeaderMap,
    update: KeyUpdate,
) -> Result<Changed<hopline_domain::key::Key>, Problem> {
    let key = app.governed_key(auth, update.key_id).await?;
    if !etag(&key).satisfies(headers) {
        return Ok(Changed::Stale);
    }
    let expected = headers.contains_key(header::IF_MATCH).then(|| Box::new(key));
    let changed =
        app.parts.store.key_update(auth.caller(), KeyUpdate { expected, ..update }, app.now()).await;
    app.keys.invalidate();
    Ok(changed?)
}

pub(super) fn refusal<T>(changed: &Changed<T>) -> Problem {
    match changed {
        Changed::NotFound => Problem::not_found("key"),
        Changed::Stale => {
            Problem::new(ProblemCode::PreconditionFailed, "the key was changed since you read it")
        }
        Changed::Conflict => revoked(),
        Changed::Done(_) => Problem::internal(),
    }
}

/// The changed members, for the audit log.
fn described(patch: &KeyPatch) -> Value {
    let state = patch.state.map(<&'static str>::from);
    let ips = patch.allowed_ips.as_ref().map(|nets| nets.iter().map(ToString::to_string).collect::<Vec<_>>());
    let members = [
        ("name", patch.name.as_ref().map(|name| json!(name))),
        ("scopes", patch.scopes.as_ref().map(|scopes| json!(scopes))),
        ("status", state.map(|state| json!(state))),
        ("expires_at", patch.expires_at.map(|at| json!(at))),
        ("allowed_ips", ips.map(|ips| json!(ips))),
        ("creates_per_minute", patch.creates_per_minute.map(|limit| json!(limit))),
        ("daily_quota", patch.daily_quota.map(|limit| json!(limit))),
        ("signature_headers", patch.signature_headers.as_ref().map(|names| json!(names))),
    ];
    let changed = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(changed.collect::<Map<_, _>>())
}

/// The patch of a revocation.
pub(super) fn revocation() -> KeyPatch {
    KeyPatch { state: Some(KeyState::Revoked), ..KeyPatch::default() }
}
