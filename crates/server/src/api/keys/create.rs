//! `POST /v1/keys`: makes a key, and a family with a webhook secret for it.

use axum::extract::State;
use hopline_domain::{
    id::{FamilyId, KeyId},
    key::{Key, KeyLimits, Scopes},
    problem::ProblemCode,
    store::{Created, KeyCreate, NewKey},
    time::Timestamp,
};
use hopline_signing::{ApiKeySecret, WebhookSecret};
use http::{StatusCode, header};
use ipnet::IpNet;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    members,
    view::{CreatedKey, KeyBody, etag},
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, KeysWrite},
    extract::{Creating, CreatingBody},
    fields::{Fields, FromFields, timestamp},
    problem::Problem,
    reply::Reply,
};

/// A key to make, as read.
#[derive(Debug)]
pub(crate) struct CreateKeyBody {
    name: String,
    scopes: Scopes,
    expires_at: Option<Timestamp>,
    allowed_ips: Vec<IpNet>,
    limits: KeyLimits,
    signature_headers: Vec<String>,
    webhook_secret: Option<WebhookSecret>,
}

/// A key to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct CreateKey {
    /// One key per integration: say which.
    #[schema(min_length = 1, max_length = 100, example = "CRM")]
    name: String,
    /// Never more than the calling key holds.
    #[schema(example = json!(["resolve"]))]
    scopes: Vec<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Addresses or CIDR blocks; empty allows every address.
    #[schema(max_items = 50)]
    allowed_ips: Option<Vec<String>>,
    limits: Option<CreateKeyLimits>,
    /// Names of the header that carries the `t=,v1=` signature of this family's webhooks.
    #[schema(max_items = 3, example = json!(["X-Hopline-Signature"]))]
    signature_headers: Option<Vec<String>>,
    /// `whsec_` and 24 to 64 bytes: a secret your receivers know already. One is made if left out.
    webhook_secret: Option<String>,
}

/// Limits of a key; `null` is no limit.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct CreateKeyLimits {
    /// Creating calls a minute; 60 if left out of a new key.
    #[schema(minimum = 1)]
    creates_per_minute: Option<u32>,
    /// Resolve calls per UTC day.
    #[schema(minimum = 1)]
    daily_quota: Option<u32>,
}

impl CreatingBody for CreateKeyBody {}

impl FromFields for CreateKeyBody {
    fn read(fields: &mut Fields<'_, '_>, app: &App) -> Option<Self> {
        let name = fields.required("name", members::name);
        let scopes = fields.required("scopes", members::scopes);
        let expires_at = fields.optional("expires_at", timestamp);
        if expires_at.is_some_and(|at| at <= app.now()) {
            fields.place_of("expires_at").refuse::<()>("out_of_range", "give a time in the future");
        }
        Some(Self {
            expires_at,
            allowed_ips: fields.optional("allowed_ips", members::allowed_ips).unwrap_or_default(),
            limits: members::limits(fields),
            signature_headers: fields
                .optional("signature_headers", members::signature_headers)
                .unwrap_or_else(members::signature_headers_default),
            webhook_secret: fields.optional("webhook_secret", members::webhook_secret),
            name: name?,
            scopes: scopes?,
        })
    }
}

/// Create a key
///
/// The answer carries the key and the family's webhook secret, once. A key never gets a scope that its maker lacks.
#[utoipa::path(
    post, path = "/v1/keys", tag = "keys", security(("bearer" = ["keys:write"])),
    request_body = CreateKey,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request make one key; secrets are `null` in a replay.")),
    responses((status = 201, description = "Made.", body = CreatedKey)),
    extensions(("x-problems" = json!(["invalid_request", "plan_limit", "idempotency_key_reused"]))),
)]
pub(crate) async fn create_key(
    State(app): State<AppState>,
    auth: Authorized<KeysWrite>,
    creating: Creating<CreateKeyBody>,
) -> Result<Reply, Problem> {
    auth.must_hold(&creating.body.scopes)?;
    let now = app.now();
    let (api_key, webhook_secret, create) = prepare(&app, &auth, creating, now);
    let created = app.parts.store.key_create(auth.caller(), create, now).await?;
    match created {
        Created::New(key) => Ok(made(&app, &key, Some((&api_key, Some(&webhook_secret))))),
        Created::Replayed(key) => Ok(made(&app, &key, None).replayed()),
        Created::PlanLimit { limit, used } => Err(plan_limit(auth.plan(), limit, used)),
        Created::IdempotencyKeyReused => Err(Problem::key_reused()),
        Created::NotFound | Created::Conflict => Err(Problem::internal()),
    }
}

fn prepare(
    app: &App,
    auth: &Authorized<KeysWrite>,
    creating: Creating<CreateKeyBody>,
    now: Timestamp,
) -> (ApiKeySecret, WebhookSecret, KeyCreate) {
    let Creating { body, idempotency, .. } = creating;
    let entropy = app.parts.entropy.as_ref();
    let (id, family_id) = (KeyId::generate(now, entropy), FamilyId::generate(now, entropy));
    let api_key = app.new_api_key();
    let webhook_secret = body.webhook_secret.clone().unwrap_or_else(|| app.new_webhook_secret());
    let create = KeyCreate {
        audit: app.key_audit(auth, "key.create", id, described(&body)),
        sealed_secret: app.seal(family_id, &webhook_secret),
        family_id,
        keys_max: app.plan(auth.plan()).limits.keys,
        idempotency,
        key: NewKey {
            id,
            hash: api_key.hash(),
            display: api_key.display(),
            name: body.name,
            scopes: body.scopes,
            expires_at: body.expires_at,
            allowed_ips: body.allowed_ips,
            limits: body.limits,
            signature_headers: body.signature_headers,
        },
    };
    (api_key, webhook_secret, create)
}

fn described(body: &CreateKeyBody) -> serde_json::Value {
    json!({
        "name": body.name, "scopes": body.scopes, "expires_at": body.expires_at, "limits": body.limits,
        "allowed_ips": body.allowed_ips.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "signature_headers": body.signature_headers,
    })
}

/// `secrets` are there the first time only.
pub(super) fn made(app: &App, key: &Key, secrets: Option<(&ApiKeySecret, Option<&WebhookSecret>)>) -> Reply {
    let body = CreatedKey {
        key: KeyBody::of(key, app.now()),
        api_key: secrets.map(|(api_key, _)| api_key.expose().to_owned()),
        webhook_secret: secrets.and_then(|(_, secret)| secret).map(|secret| secret.expose().to_owned()),
    };
    Reply::json(StatusCode::CREATED, &body)
        .header(header::LOCATION, app.address_of(&format!("/v1/keys/{}", key.id)))
        .header(header::ETAG, etag(key))
}

pub(super) fn plan_limit(plan: &str, limit: u32, used: u32) -> Problem {
    let detail = format!("the plan `{plan}` allows {limit} keys, and {used} are there");
    Problem::new(ProblemCode::PlanLimit, detail)
        .member("limit", limit)
        .member("used", used)
        .member("plan", plan)
}
