//! A domain as its workspace sees it, with the record that proves it.

use hopline_domain::{
    short_link::{CaseRule, ShortDomain, ShortUrls},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::App, etag::ETag};

/// One domain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Domain)]
pub(crate) struct DomainBody {
    #[schema(example = "dom_019e97803c0070008000000000000001")]
    id: String,
    #[schema(example = "go.example.com")]
    domain: String,
    /// The server's own: shared by all workspaces, changed by its operator.
    is_default: bool,
    /// A `pending` domain serves nothing.
    #[schema(value_type = String, pattern = "^(pending|verified)$")]
    status: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    verified_at: Option<Timestamp>,
    /// The record that proves the domain; `null` for the server's own.
    verification: Option<DomainVerification>,
    #[schema(value_type = String, pattern = "^(sensitive|insensitive)$")]
    case_rule: CaseRule,
    /// Where `/` leads; `null` = 404.
    root_url: Option<String>,
    /// Where an unknown slug leads; `null` = 404.
    not_found_url: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A record to set in DNS.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DomainVerification {
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "TXT")]
    record_type: &'static str,
    #[schema(example = "_hopline.go.example.com")]
    name: String,
    value: String,
}

impl App {
    pub(super) fn domain_body(&self, domain: &ShortDomain) -> DomainBody {
        DomainBody::of(domain, &self.urls)
    }
}

impl DomainBody {
    fn of(domain: &ShortDomain, urls: &ShortUrls) -> Self {
        let verification = domain.host.as_ref().map(|host| DomainVerification {
            record_type: "TXT",
            name: ShortDomain::record_name(host),
            value: domain.verification_token.clone(),
        });
        let host = domain.host.as_ref().map_or(urls.default_host(), |host| host.as_str());
        let is_served = domain.verified_at.is_some() || domain.host.is_none();
        Self {
            id: domain.id.to_string(),
            domain: host.to_owned(),
            is_default: domain.host.is_none(),
            status: if is_served { "verified" } else { "pending" },
            verified_at: domain.verified_at,
            verification,
            case_rule: domain.case_rule,
            root_url: domain.root_url.clone(),
            not_found_url: domain.not_found_url.clone(),
            created_at: domain.created_at,
            updated_at: domain.updated_at,
        }
    }
}

pub(super) fn etag(domain: &ShortDomain) -> ETag {
    ETag::of(&(domain.id, domain.revision))
}
