//! `POST /v1/domains`: adds a domain, which serves nothing until it is verified.

use axum::extract::State;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hopline_domain::{
    id::DomainId,
    plan::FEATURE_CUSTOM_DOMAINS,
    problem::{Fault, ProblemCode},
    short_link::{CaseRule, DomainHost, ShortDomain},
    store::{DomainCreate, DomainCreated, DomainSettings},
};
use http::{StatusCode, header};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    members,
    view::{DomainBody, etag},
};
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksWrite},
    extract::{Creating, CreatingBody},
    fields::{Fields, FromFields},
    problem::Problem,
    reply::Reply,
};

const TOKEN_BYTES: usize = 16;

/// A domain to add, as read.
#[derive(Debug)]
pub(crate) struct CreateDomainBody {
    host: DomainHost,
    settings: DomainSettings,
}

/// A domain to add.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct CreateDomain {
    /// A host name, without scheme, port or path.
    #[schema(example = "go.example.com")]
    domain: String,
    /// Whether `Sale` and `sale` are two slugs; `sensitive` if left out.
    #[schema(pattern = "^(sensitive|insensitive)$")]
    case_rule: Option<String>,
    /// Where `/` leads.
    #[schema(max_length = 2048)]
    root_url: Option<String>,
    /// Where an unknown slug leads.
    #[schema(max_length = 2048)]
    not_found_url: Option<String>,
}

impl CreatingBody for CreateDomainBody {}

impl FromFields for CreateDomainBody {
    fn read(fields: &mut Fields<'_, '_>, app: &App) -> Option<Self> {
        let host = fields.required("domain", members::host);
        if host.as_ref().is_some_and(|host| app.is_default_host(host.as_str())) {
            fields
                .place_of("domain")
                .refuse::<()>("own_domain", "this is the server's own domain, which is there already");
        }
        let case_rule: Option<CaseRule> = fields.optional("case_rule", members::case_rule);
        let fallbacks = members::fallbacks(fields, app);
        let settings = DomainSettings {
            case_rule: case_rule.unwrap_or_default(),
            root_url: fallbacks.root_url.optional().or_cleared(None).flatten(),
            not_found_url: fallbacks.not_found_url.optional().or_cleared(None).flatten(),
        };
        Some(Self { host: host?, settings })
    }
}

/// Add a domain
///
/// The answer names a TXT record: set it in DNS, then verify the domain. Until then it serves nothing.
#[utoipa::path(
    post, path = "/v1/domains", tag = "domains", security(("bearer" = ["links:write"])),
    request_body = CreateDomain,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request add one domain.")),
    responses((status = 201, description = "Added.", body = DomainBody)),
    extensions(("x-problems" = json!(["invalid_request", "plan_limit", "conflict", "idempotency_key_reused"]))),
)]
pub(crate) async fn create_domain(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    Creating { body, idempotency, .. }: Creating<CreateDomainBody>,
) -> Result<Reply, Problem> {
    app.require_custom_domains(&auth)?;
    let CreateDomainBody { host, settings } = body;
    let id = DomainId::generate(app.now(), app.parts.entropy.as_ref());
    let after = json!({"domain": host, "case_rule": settings.case_rule, "root_url": settings.root_url, "not_found_url": settings.not_found_url});
    let audit = app.domain_audit(&auth, "domain.create", id, after);
    let verification_token = app.verification_token();
    let create = DomainCreate { id, host, settings, verification_token, idempotency, audit };
    match app.parts.store.domain_create(auth.caller(), create, app.now()).await? {
        DomainCreated::New(domain) => {
            app.redirects.domains_changed();
            Ok(made(&app, &domain))
        }
        DomainCreated::Replayed(domain) => Ok(made(&app, &domain).replayed()),
        DomainCreated::ReplayedGone(id) => Ok(Reply::gone(id)),
        DomainCreated::HostTaken => Err(taken()),
        DomainCreated::IdempotencyKeyReused => Err(Problem::key_reused()),
    }
}

fn made(app: &App, domain: &ShortDomain) -> Reply {
    Reply::json(StatusCode::CREATED, &app.domain_body(domain))
        .header(header::LOCATION, app.address_of(&format!("/v1/domains/{}", domain.id)))
        .header(header::ETAG, etag(domain))
}

fn taken() -> Problem {
    let detail = "this domain is in use on this server";
    Problem::new(ProblemCode::Conflict, detail).reason("domain_taken").fault(Fault::new(
        "/domain",
        "domain_taken",
        detail,
    ))
}

impl App {
    fn require_custom_domains<P>(&self, auth: &Authorized<P>) -> Result<(), Problem> {
        if self.plan(auth.plan()).features.contains(FEATURE_CUSTOM_DOMAINS) {
            return Ok(());
        }
        let detail = format!("the plan `{}` does not include domains of your own", auth.plan());
        Err(Problem::new(ProblemCode::PlanLimit, detail).member("plan", auth.plan()))
    }

    fn verification_token(&self) -> String {
        let mut bytes = [0; TOKEN_BYTES];
        self.parts.entropy.fill(&mut bytes);
        format!("hopline-{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}
