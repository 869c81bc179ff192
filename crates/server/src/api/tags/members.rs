//! What calls on tags have in common: the reader of a name, the audit line, the refusals.

use hopline_domain::{
    id::{AuditId, TagId},
    problem::{Fault, ProblemCode},
    short_link::TagName,
    store::{AuditEntry, TagView},
};
use http::{HeaderMap, header};
use serde_json::Value;

use super::view::etag;
use crate::{
    app::App,
    auth::{Authorized, LinksWrite},
    fields::{Place, parsed},
    problem::Problem,
};

const NAME_BYTES_MAX: usize = 512;

pub(super) fn name(value: &Value, place: &mut Place<'_>) -> Option<TagName> {
    parsed(NAME_BYTES_MAX, |text| TagName::parse(text).map_err(|error| error.to_string()))(value, place)
}

pub(super) fn taken() -> Problem {
    let detail = "the workspace has a tag of this name, in whatever case";
    Problem::new(ProblemCode::Conflict, detail).reason("tag_exists").fault(Fault::new(
        "/name",
        "tag_exists",
        detail,
    ))
}

pub(super) fn stale() -> Problem {
    Problem::new(ProblemCode::PreconditionFailed, "the tag was changed since you read it")
}

impl App {
    /// The name a change expects: the one that was read, if the caller says so.
    pub(super) async fn expected_tag(
        &self,
        auth: &Authorized<LinksWrite>,
        id: TagId,
        headers: &HeaderMap,
    ) -> Result<Option<TagName>, Problem> {
        if !headers.contains_key(header::IF_MATCH) {
            return Ok(None);
        }
        let found: Option<TagView> = self.parts.store.tag_get(auth.caller().workspace_id, id).await?;
        let view = found.ok_or_else(|| Problem::not_found("tag"))?;
        if etag(&view).satisfies(headers) { Ok(Some(view.tag.name)) } else { Err(stale()) }
    }

    pub(super) fn tag_audit(
        &self,
        auth: &Authorized<LinksWrite>,
        action: &'static str,
        subject: TagId,
        after: Value,
    ) -> AuditEntry {
        AuditEntry {
            id: AuditId::generate(self.now(), self.parts.entropy.as_ref()),
            action,
            address: auth.address,
            subject: subject.to_string(),
            after,
        }
    }
}
