//! `POST /v1/keys/{key_id}/rotate`: a successor in the same family, with an overlap.

use axum::extract::State;
use hopline_domain::{
    id::KeyId,
    key::KeyStatus,
    limits::{KEY_ROTATION_OVERLAP_S_DEFAULT, KEY_ROTATION_OVERLAP_S_MAX},
    problem::ProblemCode,
    store::{Created, Rotation},
    time::{SECOND_MS, Timestamp},
};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    create::{made, plan_limit},
    governed::revoked,
    view::CreatedKey,
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, KeysWrite},
    extract::{Creating, CreatingBody, PathId, Presence},
    fields::{Fields, FromFields, integer},
    problem::Problem,
    reply::Reply,
};

/// How long the old one stays valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overlap {
    seconds: u64,
}

/// The body may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the value is read by hand")]
pub(crate) struct RotateKey {
    /// Seconds for which the old key stays valid.
    #[schema(minimum = 0, maximum = 604_800, default = 86_400)]
    overlap_s: Option<u64>,
}

impl CreatingBody for Overlap {
    const PRESENCE: Presence = Presence::Optional;
}

impl FromFields for Overlap {
    fn read(fields: &mut Fields<'_, '_>, _: &App) -> Option<Self> {
        let seconds = fields.optional("overlap_s", integer(0, KEY_ROTATION_OVERLAP_S_MAX));
        Some(Self { seconds: seconds.unwrap_or(KEY_ROTATION_OVERLAP_S_DEFAULT) })
    }
}

impl Overlap {
    pub(in crate::api) fn until(self, now: Timestamp) -> Timestamp {
        now.plus_ms(i64::try_from(self.seconds).unwrap_or(0) * SECOND_MS)
    }
}

/// Rotate a key
///
/// Makes a successor with the same name, scopes and limits in the same family: jobs, quota and webhook secret go on. The old key
/// stays valid for `overlap_s` seconds.
#[utoipa::path(
    post, path = "/v1/keys/{key_id}/rotate", tag = "keys", security(("bearer" = ["keys:write"])),
    request_body = Option<RotateKey>,
    params(
        ("key_id" = String, Path, description = "`key_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request make one successor; its secret is `null` in a replay."),
    ),
    responses((status = 201, description = "The successor.", body = CreatedKey)),
    extensions(("x-problems" = json!(["invalid_request", "conflict", "plan_limit", "idempotency_key_reused"]))),
)]
pub(crate) async fn rotate_key(
    State(app): State<AppState>,
    auth: Authorized<KeysWrite>,
    PathId(id): PathId<KeyId>,
    Creating { body, idempotency, .. }: Creating<Overlap>,
) -> Result<Reply, Problem> {
    let key = app.governed_key(&auth, id).await?;
    let (now, api_key) = (app.now(), app.new_api_key());
    let old_until = body.until(now);
    let rotation = Rotation {
        key_id: id,
        successor_id: KeyId::generate(now, app.parts.entropy.as_ref()),
        hash: api_key.hash(),
        display: api_key.display(),
        old_until,
        idempotency,
        audit: app.key_audit(&auth, "key.rotate", id, json!({"old_until": old_until})),
    };
    let rotated = app.parts.store.key_rotate(auth.caller(), rotation, now).await;
    app.keys.invalidate();
    match rotated? {
        Created::New(key) => Ok(made(&app, &key, Some((&api_key, None)))),
        Created::Replayed(key) => Ok(made(&app, &key, None).replayed()),
        Created::PlanLimit { limit, used } => Err(plan_limit(auth.plan(), limit, used)),
        Created::IdempotencyKeyReused => Err(Problem::key_reused()),
        Created::NotFound => Err(Problem::not_found("key")),
        Created::Conflict => Err(not_to_be_rotated(key.status(now))),
    }
}

/// Why a key of that status gets no successor.
fn not_to_be_rotated(status: KeyStatus) -> Problem {
    let (detail, reason) = match status {
        KeyStatus::Revoked => return revoked(),
        KeyStatus::Disabled => ("this key is disabled; switch it on before rotating it", "disabled"),
        KeyStatus::Expired => ("this key has expired; make a new one", "expired"),
        KeyStatus::Active => ("this key has a successor already; rotate that one", "rotated"),
    };
    Problem::new(ProblemCode::Conflict, detail).reason(reason)
}
