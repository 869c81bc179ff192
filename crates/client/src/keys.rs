//! `/v1/keys…`: API keys.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Client, ClientError, ListQuery, Paged, client::Call};

/// A key without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key {
    pub id: String,
    pub name: String,
    /// `active`, `disabled`, `revoked` or `expired`.
    pub status: String,
    pub scopes: Vec<String>,
    #[serde(default)]
    pub expires_at: Option<String>,
    #[serde(default)]
    pub last_used_at: Option<String>,
    /// What else the server tells.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A key with its secrets; they are `None` when the answer is a replay.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreatedKey {
    #[serde(flatten)]
    pub key: Key,
    #[serde(default)]
    pub api_key: Option<String>,
    #[serde(default)]
    pub webhook_secret: Option<String>,
}

/// Limits of one key; what is `None` is left to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeyLimits {
    /// Creating calls a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creates_per_minute: Option<u32>,
    /// Resolve calls per UTC day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_quota: Option<u32>,
}

impl KeyLimits {
    fn says_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A key to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CreateKey {
    pub name: String,
    pub scopes: Vec<String>,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// CIDR; empty allows every address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_ips: Vec<String>,
    #[serde(skip_serializing_if = "KeyLimits::says_nothing")]
    pub limits: KeyLimits,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signature_headers: Vec<String>,
    /// `whsec_…` to keep; the server makes one otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
}

/// Changes to a key; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpdateKey {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// `active` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// ISO 8601; an inner `None` clears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_ips: Option<Vec<String>>,
    #[serde(skip_serializing_if = "KeyLimits::says_nothing")]
    pub limits: KeyLimits,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_headers: Option<Vec<String>>,
}

/// The secrets that sign the webhooks of a key's family.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WebhookSecrets {
    pub family_id: String,
    /// The current one.
    pub webhook_secret: Option<String>,
    /// All that sign now, newest first.
    pub secrets: Vec<LiveSecret>,
}

/// A webhook secret that signs now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LiveSecret {
    pub webhook_secret: String,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601; it signs until then. `None` for the current one.
    pub expires_at: Option<String>,
}

/// How to rotate a webhook secret; what is `None` is left to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RotateWebhookSecret {
    /// Seconds for which the old secrets go on signing beside the new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_s: Option<u64>,
    /// `whsec_…` to keep; the server makes one otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
}

/// A new webhook secret; the secret and the time are `None` when the answer is a replay.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RotatedWebhookSecret {
    pub family_id: String,
    pub webhook_secret: Option<String>,
    /// ISO 8601; the old secrets sign until then.
    pub old_until: Option<String>,
}

impl Client {
    pub async fn keys(&self, query: &ListQuery) -> Result<Paged<Key>, ClientError> {
        self.list(Call::new(Method::GET, &["v1", "keys"]), query).await
    }

    pub async fn key(&self, id: &str) -> Result<Key, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "keys", id])).await?.json()
    }

    pub async fn create_key(
        &self,
        create: &CreateKey,
        idempotency_key: Option<&str>,
    ) -> Result<CreatedKey, ClientError> {
        let call = Call::new(Method::POST, &["v1", "keys"]).header("idempotency-key", idempotency_key);
        self.call(call.json(create)).await?.json()
    }

    pub async fn update_key(&self, id: &str, update: &UpdateKey) -> Result<Key, ClientError> {
        self.call(Call::new(Method::PATCH, &["v1", "keys", id]).json(update)).await?.json()
    }

    /// Makes a successor; the old key stays valid for `overlap_s` seconds (the server's default when `None`).
    pub async fn rotate_key(&self, id: &str, overlap_s: Option<u64>) -> Result<CreatedKey, ClientError> {
        let body = overlap_s.map_or_else(|| json!({}), |overlap_s| json!({"overlap_s": overlap_s}));
        self.call(Call::new(Method::POST, &["v1", "keys", id, "rotate"]).json(&body)).await?.json()
    }

    /// Final.
    pub async fn revoke_key(&self, id: &str) -> Result<(), ClientError> {
        self.call(Call::new(Method::DELETE, &["v1", "keys", id])).await.map(drop)
    }

    /// Reading the secrets is noted in the server's audit log.
    pub async fn webhook_secrets(&self, id: &str) -> Result<WebhookSecrets, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "keys", id, "webhook-secret"])).await?.json()
    }

    /// Adds a secret to the key's family; at most three sign at once.
    pub async fn rotate_webhook_secret(
        &self,
        id: &str,
        rotate: &RotateWebhookSecret,
    ) -> Result<RotatedWebhookSecret, ClientError> {
        let call = Call::new(Method::POST, &["v1", "keys", id, "webhook-secret", "rotate"]);
        self.call(call.json(rotate)).await?.json()
    }
}
