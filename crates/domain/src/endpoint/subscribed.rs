//! An endpoint as it is kept.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::{BatchRule, EventFilter, LinkFilter, Pace};
use crate::{
    id::{EndpointId, FamilyId, KeyId, WorkspaceId},
    time::Timestamp,
};

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DisabledReason {
    /// Somebody switched it off.
    Manual,
    /// The receiver answered 410.
    Gone,
    /// Nothing but failures for `limits::ENDPOINT_FAILING_MS_MAX`.
    Failing,
}

impl DisabledReason {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether an endpoint is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointState {
    Active,
    /// Its deliveries wait, and no attempt is made.
    Disabled {
        reason: DisabledReason,
        at: Timestamp,
    },
    /// It is gone; only who made it under an idempotency key can still learn so.
    Deleted,
}

/// Custom headers, sealed under the master key: their values may be credentials (I10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedHeaders {
    /// In the order given.
    pub names: Vec<String>,
    /// The names and values as JSON, sealed for the endpoint; empty without headers.
    pub sealed: Vec<u8>,
}

/// What its owner decides about an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointSettings {
    pub url: String,
    pub description: String,
    pub events: EventFilter,
    pub links: LinkFilter,
    pub headers: SealedHeaders,
    /// Names of the headers that carry the `t=,v1=` signature.
    pub signature_headers: Vec<String>,
    pub pace: Pace,
    /// `None`: each event is a request of its own.
    pub batch: Option<BatchRule>,
}

/// A subscribed endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub id: EndpointId,
    pub workspace_id: WorkspaceId,
    /// Owns the secrets that sign its deliveries, as a key's family owns its own.
    pub family_id: FamilyId,
    pub settings: EndpointSettings,
    pub state: EndpointState,
    /// The first failure since the last success.
    pub failing_since: Option<Timestamp>,
    pub created_by: KeyId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
