//! Domains that short links live on.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use url::Host;
use uuid::Uuid;

use crate::{
    id::{DomainId, WorkspaceId},
    time::Timestamp,
};

/// Whether `Sale` and `sale` are one slug.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumString, IntoStaticStr, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CaseRule {
    #[default]
    Sensitive,
    Insensitive,
}

/// A host name that can carry short links: lower case, in its ASCII form, with at least one dot, no address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DomainHost(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a domain is a host name such as `go.example.com`, without scheme, port or path")]
pub struct DomainHostError;

/// RFC 1035 §2.3.4.
const HOST_BYTES_MAX: usize = 253;

impl DomainHost {
    pub fn parse(text: &str) -> Result<Self, DomainHostError> {
        let Ok(Host::Domain(host)) = Host::parse(text.trim()) else { return Err(DomainHostError) };
        let host = host.strip_suffix('.').unwrap_or(&host);
        let label = |label: &str| {
            let inside = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            (1..=63).contains(&label.len()) && inside && !label.starts_with('-') && !label.ends_with('-')
        };
        if host.len() > HOST_BYTES_MAX || !host.contains('.') || !host.split('.').all(label) {
            return Err(DomainHostError);
        }
        Ok(Self(host.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A domain as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortDomain {
    pub id: DomainId,
    /// `None` = the default domain: every workspace may make links on it, only the operator changes it.
    pub workspace_id: Option<WorkspaceId>,
    /// `None` = the host of the public URL.
    pub host: Option<DomainHost>,
    pub case_rule: CaseRule,
    /// Where `/` leads; `None` = 404.
    pub root_url: Option<String>,
    /// Where an unknown slug leads; `None` = 404.
    pub not_found_url: Option<String>,
    /// What the TXT record `_hopline.<host>` must hold.
    pub verification_token: String,
    /// When the record was seen, or the operator vouched for it; `None` = the domain serves nothing.
    pub verified_at: Option<Timestamp>,
    /// Goes up with every change.
    pub revision: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ShortDomain {
    /// The id of the default domain on every server.
    pub const DEFAULT_ID: DomainId = DomainId(Uuid::nil());

    /// The name of the TXT record that proves a domain.
    pub fn record_name(host: &DomainHost) -> String {
        format!("_hopline.{host}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_in_ascii() {
        for (text, host) in [
            ("Go.Example.COM", "go.example.com"),
            (" go.example. ", "go.example"),
            ("bücher.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(DomainHost::parse(text).unwrap().as_str(), host, "{text}");
        }
        for bad in [
            "",
            "localhost",
            "192.0.2.1",
            "[::1]",
            "https://go.example",
            "go.example:80",
            "go.example/x",
            "-a.example",
            "a_b.example",
            "a..example",
        ] {
            assert_eq!(DomainHost::parse(bad), Err(DomainHostError), "{bad}");
        }
        assert!(DomainHost::parse(&format!("{}.example", "a.".repeat(130))).is_err());
    }
}
