//! `PATCH /v1/domains/{domain_id}`: changes what a domain answers where there is no link, and its case rule.

use axum::extract::State;
use hopline_domain::{
    id::DomainId,
    key::Scope,
    short_link::{CaseRule, ShortDomain},
    store::{Changed, DomainAuthority, DomainSettings, DomainUpdate},
};
use http::{HeaderMap, header};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    members::{self, FallbackChange},
    refusal::{refusal, stale},
    view::{DomainBody, etag},
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksWrite},
    extract::{JsonFields, PathId},
    fields::{Fields, FromFields},
    problem::Problem,
    reply::Reply,
};

/// A change that meets another one is made again on what that one left, at most so often.
const TRIES_MAX: usize = 3;
const CASE_RULE_KEPT: (&str, &str) =
    ("case_rule_in_use", "the case rule can change only while no link lives or lived on the domain");

/// Changes, as read.
#[derive(Debug)]
pub(crate) struct UpdateDomainBody {
    case_rule: Option<CaseRule>,
    fallbacks: FallbackChange,
}

/// Changes to a domain; what is left out stays, `null` clears.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct UpdateDomain {
    /// Can change only while no link lives or lived on the domain.
    #[schema(pattern = "^(sensitive|insensitive)$")]
    case_rule: Option<String>,
    #[schema(max_length = 2048)]
    root_url: Option<String>,
    #[schema(max_length = 2048)]
    not_found_url: Option<String>,
}

impl FromFields for UpdateDomainBody {
    fn read(fields: &mut Fields<'_, '_>, app: &App) -> Option<Self> {
        let case_rule = fields.change("case_rule", members::case_rule);
        Some(Self {
            case_rule: case_rule.or_cleared(CaseRule::default()),
            fallbacks: members::fallbacks(fields, app),
        })
    }
}

impl UpdateDomainBody {
    fn over(&self, domain: &ShortDomain) -> DomainSettings {
        let FallbackChange { root_url, not_found_url } = self.fallbacks.clone();
        DomainSettings {
            case_rule: self.case_rule.unwrap_or(domain.case_rule),
            root_url: root_url.optional().or_cleared(None).unwrap_or_else(|| domain.root_url.clone()),
            not_found_url: not_found_url
                .optional()
                .or_cleared(None)
                .unwrap_or_else(|| domain.not_found_url.clone()),
        }
    }
}

/// Change a domain
///
/// A merge patch (RFC 7396). The server's own domain is changed by a key with the scope `operator`.
#[utoipa::path(
    patch, path = "/v1/domains/{domain_id}", tag = "domains", security(("bearer" = ["links:write"])),
    request_body = UpdateDomain,
    params(
        ("domain_id" = String, Path, description = "`dom_…`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the domain as you read it."),
    ),
    responses((status = 200, description = "The domain as it is now.", body = DomainBody)),
    extensions(("x-problems" = json!(["invalid_request", "conflict", "precondition_failed"]))),
)]
pub(crate) async fn update_domain(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    PathId(id): PathId<DomainId>,
    headers: HeaderMap,
    JsonFields(body): JsonFields<UpdateDomainBody>,
) -> Result<Reply, Problem> {
    for _ in 0..TRIES_MAX {
        let domain = app.visible_domain(&auth, id).await?;
        if !etag(&domain).satisfies(&headers) {
            break;
        }
        let update = app.domain_update(&auth, &domain, body.over(&domain))?;
        match app.parts.store.domain_update(auth.caller(), update, app.now()).await? {
            Changed::Done(domain) => {
                app.redirects.domains_changed();
                return Ok(app.domain_reply(&domain));
            }
            Changed::Stale if !headers.contains_key(header::IF_MATCH) => {}
            other => return Err(refusal(&other, CASE_RULE_KEPT)),
        }
    }
    Err(stale())
}

impl App {
    fn domain_update(
        &self,
        auth: &Authorized<LinksWrite>,
        domain: &ShortDomain,
        settings: DomainSettings,
    ) -> Result<DomainUpdate, Problem> {
        let authority = if domain.workspace_id.is_none() {
            auth.require(Scope::Operator)?;
            DomainAuthority::Operator
        } else {
            DomainAuthority::Owner
        };
        let after = json!({"case_rule": settings.case_rule, "root_url": settings.root_url, "not_found_url": settings.not_found_url});
        let audit = self.domain_audit(auth, "domain.update", domain.id, after);
        Ok(DomainUpdate { id: domain.id, authority, settings, expected_revision: domain.revision, audit })
    }
}
