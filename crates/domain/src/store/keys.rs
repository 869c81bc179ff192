//! API keys, their families, and the families' webhook secrets.

use std::net::IpAddr;

use async_trait::async_trait;
use ipnet::IpNet;
use serde_json::Value;

use crate::{
    id::{AuditId, FamilyId, KeyId, WorkspaceId},
    idempotency::IdempotencyClaim,
    key::{Key, KeyLimits, KeyState, Scopes},
    store::{Caller, Page, Paged, StoreError},
    time::Timestamp,
};

/// A key that was presented and found, with what a request needs to know of its workspace.
#[derive(Clone, Debug)]
pub struct AuthenticatedKey {
    pub key: Key,
    /// Name of the workspace's plan.
    pub plan: String,
}

/// A key to make.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub id: KeyId,
    /// SHA-256 of the secret (I10).
    pub hash: [u8; 32],
    pub display: String,
    pub name: String,
    pub scopes: Scopes,
    pub expires_at: Option<Timestamp>,
    pub allowed_ips: Vec<IpNet>,
    pub limits: KeyLimits,
    pub signature_headers: Vec<String>,
}

/// A webhook secret as it is kept: sealed under the master key (I10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilySecret {
    pub family_id: FamilyId,
    pub sealed: Vec<u8>,
    pub created_at: Timestamp,
    /// Signs until then; `None` = the current one.
    pub expires_at: Option<Timestamp>,
}

/// A line of the audit log, written with the change it tells of.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub id: AuditId,
    /// `key.create`, `key.update`, …
    pub action: &'static str,
    pub address: Option<IpAddr>,
    /// The id of what was changed.
    pub subject: String,
    /// What changed, without secrets; the store adds the state before.
    pub after: Value,
}

/// What a creating call came to.
#[derive(Clone, Debug)]
pub enum Created<T> {
    New(T),
    /// The idempotency key is known with this fingerprint: what was made then, as it is now.
    Replayed(T),
    IdempotencyKeyReused,
    PlanLimit {
        limit: u32,
        used: u32,
    },
    /// What it was to be made from is not there.
    NotFound,
    /// What it was to be made from is in a state that does not allow it.
    Conflict,
}

/// What a change came to.
#[derive(Clone, Debug)]
pub enum Changed<T> {
    Done(T),
    NotFound,
    /// It is not what the caller read: its version differs.
    Stale,
    /// Its state does not allow this (a revoked key is final).
    Conflict,
}

/// Changes to a key: `None` leaves a field, an inner `None` clears it.
#[derive(Clone, Debug, Default)]
pub struct KeyPatch {
    pub name: Option<String>,
    pub scopes: Option<Scopes>,
    pub state: Option<KeyState>,
    pub expires_at: Option<Option<Timestamp>>,
    pub allowed_ips: Option<Vec<IpNet>>,
    pub creates_per_minute: Option<Option<u32>>,
    pub daily_quota: Option<Option<u32>>,
    pub signature_headers: Option<Vec<String>>,
}

/// A successor for a key.
#[derive(Clone, Debug)]
pub struct Rotation {
    pub key_id: KeyId,
    pub successor_id: KeyId,
    pub hash: [u8; 32],
    pub display: String,
    /// The old key is valid until then.
    pub old_until: Timestamp,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// A new webhook secret for a key's family.
#[derive(Clone, Debug)]
pub struct SecretRotation {
    pub key_id: KeyId,
    pub sealed: Vec<u8>,
    /// The old secrets sign until then.
    pub old_until: Timestamp,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// A key was used: kept in memory and written now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    pub key_id: KeyId,
    pub at: Timestamp,
    pub address: Option<IpAddr>,
}

/// Everything one `POST /v1/keys` brings.
#[derive(Clone, Debug)]
pub struct KeyCreate {
    pub key: NewKey,
    pub family_id: FamilyId,
    pub sealed_secret: Vec<u8>,
    pub keys_max: Option<u32>,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// Everything one `PATCH` or `DELETE` of a key brings.
#[derive(Clone, Debug)]
pub struct KeyUpdate {
    pub key_id: KeyId,
    pub patch: KeyPatch,
    /// The key as the caller read it (`If-Match`).
    pub expected: Option<Box<Key>>,
    pub audit: AuditEntry,
}

/// Keys and families.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Finds a key by the SHA-256 of its secret, whatever its state.
    async fn key_authenticate(&self, hash: [u8; 32]) -> Result<Option<AuthenticatedKey>, StoreError>;

    /// Makes a key and its family with its sealed webhook secret, unless the workspace has `keys_max` unrevoked keys.
    async fn key_create(
        &self,
        caller: Caller,
        create: KeyCreate,
        now: Timestamp,
    ) -> Result<Created<Key>, StoreError>;

    async fn key_get(&self, workspace_id: WorkspaceId, id: KeyId) -> Result<Option<Key>, StoreError>;

    /// The workspace's keys, newest first.
    async fn key_list(&self, workspace_id: WorkspaceId, page: Page) -> Result<Paged<Key>, StoreError>;

    /// Changes a key if it still is `expected`; `None` = whatever it is.
    async fn key_update(
        &self,
        caller: Caller,
        update: KeyUpdate,
        now: Timestamp,
    ) -> Result<Changed<Key>, StoreError>;

    /// Makes a successor in the same family; the old key expires at the end of the overlap.
    async fn key_rotate(
        &self,
        caller: Caller,
        rotation: Rotation,
        now: Timestamp,
    ) -> Result<Created<Key>, StoreError>;

    /// The live webhook secrets of a key's family, newest first; the reading is audited in the same transaction.
    async fn key_secrets_read(
        &self,
        caller: Caller,
        key_id: KeyId,
        audit: AuditEntry,
        now: Timestamp,
    ) -> Result<Option<Vec<FamilySecret>>, StoreError>;

    /// Adds a secret to a key's family. The oldest beyond three live ones stops signing at once.
    async fn key_secret_rotate(
        &self,
        caller: Caller,
        rotation: SecretRotation,
        now: Timestamp,
    ) -> Result<Created<Key>, StoreError>;

    /// Writes when and from where keys were last used.
    async fn key_touch(&self, uses: Vec<KeyUse>) -> Result<(), StoreError>;
}
