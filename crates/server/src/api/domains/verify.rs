//! `POST /v1/domains/{domain_id}/verify`: looks for the record that proves a domain, or takes the operator's word.

use axum::extract::State;
use hopline_domain::{
    id::DomainId,
    key::Scope,
    problem::ProblemCode,
    short_link::{DomainHost, ShortDomain},
    store::{Changed, DomainAuthority, DomainVerify},
};
use serde_json::json;
use utoipa::ToSchema;

use super::{refusal::refusal, view::DomainBody};
use crate::{
    app::{App, AppState},
    auth::{Authorized, LinksWrite},
    extract::{Creating, CreatingBody, PathId, Presence},
    fields::{Fields, FromFields, boolean},
    problem::Problem,
    reply::Reply,
};

/// How to verify, as read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifyBody {
    by: DomainAuthority,
}

/// How to verify a domain; no body looks for the record.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct VerifyDomain {
    /// `true`: the operator vouches for the domain, of whatever workspace, and DNS is not asked. Needs the scope `operator`.
    vouch: Option<bool>,
}

impl CreatingBody for VerifyBody {
    const PRESENCE: Presence = Presence::Optional;
}

impl FromFields for VerifyBody {
    fn read(fields: &mut Fields<'_, '_>, _: &App) -> Option<Self> {
        let by = match fields.optional("vouch", boolean) {
            Some(true) => DomainAuthority::Operator,
            _ => DomainAuthority::Owner,
        };
        Some(Self { by })
    }
}

/// Verify a domain
///
/// Looks for the TXT record that the domain's `verification` names. From then on the domain serves its links. Verifying it again changes
/// nothing.
#[utoipa::path(
    post, path = "/v1/domains/{domain_id}/verify", tag = "domains", security(("bearer" = ["links:write"])),
    request_body = Option<VerifyDomain>,
    params(("domain_id" = String, Path, description = "`dom_…`")),
    responses((status = 200, description = "Verified.", body = DomainBody)),
    extensions(("x-problems" = json!(["conflict"]))),
)]
pub(crate) async fn verify_domain(
    State(app): State<AppState>,
    auth: Authorized<LinksWrite>,
    PathId(id): PathId<DomainId>,
    Creating { body, .. }: Creating<VerifyBody>,
) -> Result<Reply, Problem> {
    match body.by {
        DomainAuthority::Operator => auth.require(Scope::Operator)?,
        DomainAuthority::Owner => {
            let domain = app.visible_domain(&auth, id).await?;
            match &domain.host {
                Some(host) if domain.verified_at.is_none() => app.require_record(&domain, host).await?,
                _ => return Ok(app.domain_reply(&domain)),
            }
        }
    }
    let audit = app.domain_audit(&auth, "domain.verify", id, json!({"by": by_word(body.by)}));
    let verify = DomainVerify { id, authority: body.by, audit };
    match app.parts.store.domain_verify(auth.caller(), verify, app.now()).await? {
        Changed::Done(domain) => {
            app.redirects.domains_changed();
            Ok(app.domain_reply(&domain))
        }
        other => Err(refusal(&other, ("default_domain", "this is the server's own domain"))),
    }
}

const fn by_word(by: DomainAuthority) -> &'static str {
    match by {
        DomainAuthority::Owner => "record",
        DomainAuthority::Operator => "operator",
    }
}

impl App {
    /// Asks DNS whether the domain's owner set the record.
    async fn require_record(&self, domain: &ShortDomain, host: &DomainHost) -> Result<(), Problem> {
        let name = ShortDomain::record_name(host);
        let refuse = |detail: String, reason| Err(Problem::new(ProblemCode::Conflict, detail).reason(reason));
        match self.parts.outbound.text_records(&name).await {
            Ok(texts) if texts.iter().any(|text| text.trim() == domain.verification_token) => Ok(()),
            Ok(texts) if texts.is_empty() => refuse(
                format!("there is no TXT record at {name} yet; new records take a while"),
                "record_not_seen",
            ),
            Ok(_) => refuse(format!("the TXT record at {name} holds another text"), "record_differs"),
            Err(error) => {
                tracing::warn!(%error, "a domain can't be verified");
                refuse("no name server answered; try again in a moment".to_owned(), "dns_unavailable")
            }
        }
    }
}
