//! A key as its workspace sees it: everything but the secret.

use hopline_domain::{
    key::{Key, KeyLimits, Scopes},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::etag::ETag;

/// One API key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct KeyBody {
    #[schema(example = "key_019e97803c0070008000000000000001")]
    id: String,
    /// The key and its successors by rotation; jobs, quota and webhook secret are the family's.
    family_id: String,
    name: String,
    /// The first and last characters, to tell keys apart.
    #[schema(example = "sk_live_…pbCX")]
    display: String,
    #[schema(value_type = Vec<String>, example = json!(["resolve"]))]
    scopes: Scopes,
    #[schema(value_type = String, pattern = "^(active|disabled|revoked|expired)$")]
    status: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// CIDR blocks; empty allows every address.
    allowed_ips: Vec<String>,
    limits: KeyLimitsBody,
    /// Names of the header that carries the `t=,v1=` signature.
    signature_headers: Vec<String>,
    /// The key that made this one; `null` for the first.
    created_by: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    last_used_ip: Option<String>,
}

/// `null` is no limit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyLimits)]
pub(crate) struct KeyLimitsBody {
    /// Creating calls a minute; a key without this limit has none on reads either.
    creates_per_minute: Option<u32>,
    /// Resolve calls per UTC day.
    daily_quota: Option<u32>,
}

/// A key and, once, its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedKey {
    #[serde(flatten)]
    pub(super) key: KeyBody,
    /// The bearer key. Shown once; `null` in a replay.
    #[schema(example = "sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX")]
    pub(super) api_key: Option<String>,
    /// Signs the webhooks of the family. Shown when it was made with this call; `null` in a replay.
    pub(super) webhook_secret: Option<String>,
}

impl KeyBody {
    pub(super) fn of(key: &Key, now: Timestamp) -> Self {
        Self {
            id: key.id.to_string(),
            family_id: key.family_id.to_string(),
            name: key.name.clone(),
            display: key.display.clone(),
            scopes: key.scopes.clone(),
            status: key.status(now).into(),
            expires_at: key.expires_at,
            allowed_ips: key.allowed_ips.iter().map(ToString::to_string).collect(),
            limits: KeyLimitsBody::of(key.limits),
            signature_headers: key.signature_headers.clone(),
            created_by: key.created_by.map(|id| id.to_string()),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            last_used_ip: key.last_used_ip.map(|address| address.to_string()),
        }
    }
}

impl KeyLimitsBody {
    fn of(limits: KeyLimits) -> Self {
        Self { creates_per_minute: limits.creates_per_minute, daily_quota: limits.daily_quota }
    }
}

/// The tag of a key changes with what a caller can change, not with its use.
pub(super) fn etag(key: &Key) -> ETag {
    let used = KeyBody::of(key, key.created_at);
    ETag::of(&KeyBody { last_used_at: None, last_used_ip: None, status: state_word(key), ..used })
}

/// The stored state: a tag must not change because time passes.
fn state_word(key: &Key) -> &'static str {
    key.state.into()
}
