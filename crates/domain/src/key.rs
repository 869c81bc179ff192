//! API keys: scopes, status and who may give what to whom.

use std::{collections::BTreeSet, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

use crate::{
    id::{FamilyId, KeyId, WorkspaceId},
    time::Timestamp,
};

/// A permission. `All` (`*`) covers everything but `Operator`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
pub enum Scope {
    #[serde(rename = "resolve")]
    #[strum(serialize = "resolve")]
    Resolve,
    #[serde(rename = "tasks:read")]
    #[strum(serialize = "tasks:read")]
    TasksRead,
    #[serde(rename = "tasks:write")]
    #[strum(serialize = "tasks:write")]
    TasksWrite,
    #[serde(rename = "api_links:read")]
    #[strum(serialize = "api_links:read")]
    ApiLinksRead,
    #[serde(rename = "api_links:write")]
    #[strum(serialize = "api_links:write")]
    ApiLinksWrite,
    #[serde(rename = "links:read")]
    #[strum(serialize = "links:read")]
    LinksRead,
    #[serde(rename = "links:create")]
    #[strum(serialize = "links:create")]
    LinksCreate,
    #[serde(rename = "links:write")]
    #[strum(serialize = "links:write")]
    LinksWrite,
    #[serde(rename = "analytics:read")]
    #[strum(serialize = "analytics:read")]
    AnalyticsRead,
    #[serde(rename = "webhooks:read")]
    #[strum(serialize = "webhooks:read")]
    WebhooksRead,
    #[serde(rename = "webhooks:write")]
    #[strum(serialize = "webhooks:write")]
    WebhooksWrite,
    #[serde(rename = "devices:read")]
    #[strum(serialize = "devices:read")]
    DevicesRead,
    #[serde(rename = "devices:write")]
    #[strum(serialize = "devices:write")]
    DevicesWrite,
    #[serde(rename = "keys:write")]
    #[strum(serialize = "keys:write")]
    KeysWrite,
    #[serde(rename = "workspace:read")]
    #[strum(serialize = "workspace:read")]
    WorkspaceRead,
    #[serde(rename = "workspace:write")]
    #[strum(serialize = "workspace:write")]
    WorkspaceWrite,
    #[serde(rename = "audit:read")]
    #[strum(serialize = "audit:read")]
    AuditRead,
    #[serde(rename = "operator")]
    #[strum(serialize = "operator")]
    Operator,
    #[serde(rename = "*")]
    #[strum(serialize = "*")]
    All,
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The scopes a key carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(pub BTreeSet<Scope>);

impl Scopes {
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(scopes.into_iter().collect())
    }

    /// Whether these permit `scope`; `*` permits all but `operator`.
    pub fn permit(&self, scope: Scope) -> bool {
        self.0.contains(&scope) || (scope != Scope::Operator && self.0.contains(&Scope::All))
    }

    /// The first of `asked` that the holder of these could not give away.
    pub fn first_not_held(&self, asked: &Self) -> Option<Scope> {
        asked.0.iter().copied().find(|scope| !self.permit(*scope))
    }
}

/// The stored state of a key. Expiry is a matter of the clock: see [`KeyStatus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum KeyState {
    Active,
    /// Can return.
    Disabled,
    /// Final.
    Revoked,
}

/// What a key is at a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum KeyStatus {
    Active,
    Disabled,
    Revoked,
    Expired,
}

/// Limits of one key; `None` = no limit of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLimits {
    /// Creating calls a minute.
    pub creates_per_minute: Option<u32>,
    /// Resolve calls per UTC day.
    pub daily_quota: Option<u32>,
}

/// A key as it is kept: everything but the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub id: KeyId,
    pub family_id: FamilyId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    /// `sk_live_…` + last 4.
    pub display: String,
    pub scopes: Scopes,
    pub state: KeyState,
    pub expires_at: Option<Timestamp>,
    pub allowed_ips: Vec<IpNet>,
    pub limits: KeyLimits,
    /// Names of the header that carries the `t=,v1=` signature on this family's deliveries.
    pub signature_headers: Vec<String>,
    /// The key that made this one; `None` for the first.
    pub created_by: Option<KeyId>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub last_used_ip: Option<IpAddr>,
}

impl Key {
    pub fn status(&self, now: Timestamp) -> KeyStatus {
        match self.state {
            KeyState::Revoked => KeyStatus::Revoked,
            KeyState::Disabled => KeyStatus::Disabled,
            KeyState::Active if self.expires_at.is_some_and(|at| at <= now) => KeyStatus::Expired,
            KeyState::Active => KeyStatus::Active,
        }
    }

    /// An empty list allows every address.
    pub fn allows_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed_ips.is_empty() || self.allowed_ips.iter().any(|net| net.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_permits_all_but_operator() {
        let star = Scopes::new([Scope::All]);
        assert!(star.permit(Scope::KeysWrite));
        assert!(!star.permit(Scope::Operator));
        assert_eq!(
            star.first_not_held(&Scopes::new([Scope::Resolve, Scope::Operator])),
            Some(Scope::Operator)
        );
        let narrow = Scopes::new([Scope::Resolve, Scope::KeysWrite]);
        assert_eq!(narrow.first_not_held(&star), Some(Scope::All));
    }
}
