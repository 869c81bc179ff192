//! Blocking and freeing a link: the operator's part of `PATCH /v1/links/{link_id}`, for links of every workspace.

use hopline_domain::{
    id::LinkId,
    key::Scope,
    limits::BLOCKED_REASON_CHARS_MAX,
    store::{LinkBlock, LinkChanged},
};
use http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::view::etag;
use crate::{
    app::App,
    auth::{Authorized, LinksWrite},
    extract::read_members,
    fields::{Change, Fields, Place, text},
    problem::Problem,
};

/// What a patch asks of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is an owner's change.
    Nothing,
    /// With the reason.
    Block(String),
    Free,
}

/// Whether a patch blocks or frees a link. Such a patch says nothing else.
pub(super) fn asked(patch: &Map<String, Value>) -> Result<Asked, Problem> {
    let blocks = patch.get("status").is_some_and(|status| status == "blocked");
    if !blocks && !patch.contains_key("blocked_reason") {
        return Ok(Asked::Nothing);
    }
    read_members(patch, |fields| read(fields, patch))
}

fn read(fields: &mut Fields<'_, '_>, patch: &Map<String, Value>) -> Option<Asked> {
    let status = fields.optional("status", text(16));
    let asked = match fields.change("blocked_reason", reason) {
        Change::Set(reason) => Some(Asked::Block(reason)),
        Change::Clear => Some(Asked::Free),
        Change::Keep => None,
    };
    if !patch.contains_key("blocked_reason") {
        return fields.place_of("blocked_reason").refuse("required", "say why the link is blocked");
    }
    let fits = match status.as_deref() {
        None => true,
        Some(status) => status == "blocked" && asked != Some(Asked::Free),
    };
    if !fits {
        return fields.place_of("status").refuse("conflict", "a block goes with no other change");
    }
    asked
}

fn reason(value: &Value, place: &mut Place<'_>) -> Option<String> {
    let reason = text(4 * BLOCKED_REASON_CHARS_MAX)(value, place)?;
    let fits = (1..=BLOCKED_REASON_CHARS_MAX).contains(&reason.chars().count());
    if fits && !reason.chars().any(char::is_control) {
        return Some(reason);
    }
    place.refuse("malformed", format!("give 1 to {BLOCKED_REASON_CHARS_MAX} printable characters"))
}

impl App {
    pub(super) async fn block_link(
        &self,
        auth: &Authorized<LinksWrite>,
        link_id: LinkId,
        headers: &HeaderMap,
        reason: Option<String>,
    ) -> Result<LinkChanged, Problem> {
        auth.require(Scope::Operator)?;
        // Only a link of the operator's own workspace could have been read.
        if headers.contains_key(header::IF_MATCH) {
            let link = self.own_link(auth, link_id).await?;
            if !etag(&link).satisfies(headers) {
                return Ok(LinkChanged::Stale);
            }
        }
        let (deed, scene) = (self.link_deed(), self.link_scene(auth));
        let block = LinkBlock { link_id, reason, deed, scene };
        Ok(self.parts.store.link_block(auth.caller(), block, self.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(patch: &Value) -> Result<Asked, ()> {
        asked(patch.as_object().unwrap()).map_err(|_| ())
    }

    #[test]
    fn a_block_says_why_and_nothing_else() {
        let block = |reason: &str| Ok(Asked::Block(reason.to_owned()));
        assert_eq!(ask(&json!({"status": "blocked", "blocked_reason": "phishing"})), block("phishing"));
        assert_eq!(ask(&json!({"blocked_reason": "phishing"})), block("phishing"));
        assert_eq!(ask(&json!({"blocked_reason": null})), Ok(Asked::Free));
        assert_eq!(ask(&json!({"status": "active", "title": "x"})), Ok(Asked::Nothing));
        for wrong in [
            json!({"status": "blocked"}),
            json!({"status": "blocked", "blocked_reason": null}),
            json!({"status": "active", "blocked_reason": null}),
            json!({"status": "active", "blocked_reason": "phishing"}),
            json!({"blocked_reason": "phishing", "title": "x"}),
            json!({"blocked_reason": ""}),
            json!({"blocked_reason": "a\nb"}),
            json!({"blocked_reason": "x".repeat(501)}),
            json!({"blocked_reason": 7}),
        ] {
            assert_eq!(ask(&wrong), Err(()), "{wrong}");
        }
    }
}
