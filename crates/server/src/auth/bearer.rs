//! The extractor that turns `Authorization: Bearer …` into a caller with a permission.

use std::{marker::PhantomData, net::IpAddr, sync::Arc};

use axum::extract::FromRequestParts;
use hopline_domain::{
    key::{KeyStatus, Scope, Scopes},
    problem::ProblemCode,
    store::{AuthenticatedKey, Caller, KeyUse},
    time::Timestamp,
};
use hopline_signing::ApiKeySecret;
use http::{HeaderMap, header, request::Parts};

use super::permission::Permission;
use crate::{
    app::{App, AppState},
    context::RequestContext,
    problem::Problem,
};

/// A caller whose key is good, in its limits, and holds the scope `P` names.
#[derive(Clone, Debug)]
pub(crate) struct Authorized<P> {
    key: Arc<AuthenticatedKey>,
    /// Where the call came from.
    pub(crate) address: Option<IpAddr>,
    permission: PhantomData<P>,
}

impl<P> Authorized<P> {
    pub(crate) fn caller(&self) -> Caller {
        let key = &self.key.key;
        Caller { workspace_id: key.workspace_id, family_id: key.family_id, key_id: key.id }
    }

    pub(crate) fn key(&self) -> &hopline_domain::key::Key {
        &self.key.key
    }

    /// Name of the workspace's plan.
    pub(crate) fn plan(&self) -> &str {
        &self.key.plan
    }

    /// Refuses callers without a scope beside the one their route asks for.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.holds(scope) { Ok(()) } else { Err(lacks(scope)) }
    }

    pub(crate) fn holds(&self, scope: Scope) -> bool {
        self.key.key.scopes.permit(scope)
    }

    /// Refuses to give away, or to act on a key with, a scope the caller does not hold (contracts §3).
    pub(crate) fn must_hold(&self, scopes: &Scopes) -> Result<(), Problem> {
        match self.key.key.scopes.first_not_held(scopes) {
            None => Ok(()),
            Some(scope) => Err(lacks(scope)),
        }
    }
}

impl<P: Permission> FromRequestParts<AppState> for Authorized<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let context = RequestContext::of(parts)?;
        let now = app.now();
        let key = authenticate(app, &parts.headers, now).await?;
        judge(&key, context.address, now)?;
        let report = app.rates.take(&key, app.plan(&key.plan), &parts.method, now);
        let refused = report.refused();
        // Empty until now: a request is authenticated once.
        let _ = context.rate.set(report);
        if let Some(decision) = refused {
            let detail =
                format!("{} calls a minute are allowed; wait {} s", decision.limit, decision.retry_after_s);
            return Err(Problem::new(ProblemCode::RateLimited, detail).retry_after(decision.retry_after_s));
        }
        app.uses.note(KeyUse { key_id: key.key.id, at: now, address: context.address });
        let held = |scope: Scope| key.key.scopes.permit(scope);
        match P::SCOPE.filter(|scope| !held(*scope) && !P::WIDER.is_some_and(held)) {
            Some(scope) => Err(lacks(scope)),
            None => Ok(Self { key, address: context.address, permission: PhantomData }),
        }
    }
}

fn lacks(scope: Scope) -> Problem {
    let detail = format!("this needs the scope `{}`, which the key does not hold", scope.as_str());
    Problem::new(ProblemCode::ForbiddenScope, detail).member("scope", scope.as_str())
}

fn invalid_key(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemCode::InvalidKey, detail)
}

/// The checksum is looked at first: most wrong keys cost no look-up.
async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Arc<AuthenticatedKey>, Problem> {
    let token = bearer_token(headers)?;
    let secret = ApiKeySecret::parse(token).map_err(|_| {
        invalid_key(
            "that is no key of this server: one begins with `sk_live_` and has 44 characters; copy it whole",
        )
    })?;
    let found = app.keys.find(app.parts.store.as_ref(), secret.hash(), now).await?;
    found.ok_or_else(|| invalid_key("no such key"))
}

/// The token of the one `Authorization` line (RFC 6750 §2.1).
fn bearer_token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(invalid_key("send your key once, as `Authorization: Bearer sk_live_…`"));
    };
    let text = line.to_str().unwrap_or_default();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(invalid_key("send your key as `Authorization: Bearer sk_live_…`"));
    }
    Ok(token.trim())
}

/// Judges a key that was presented by its owner: state, expiry, address.
fn judge(key: &AuthenticatedKey, address: Option<IpAddr>, now: Timestamp) -> Result<(), Problem> {
    match key.key.status(now) {
        KeyStatus::Active => {}
        KeyStatus::Disabled => return Err(invalid_key("this key is disabled").reason("disabled")),
        KeyStatus::Revoked => return Err(invalid_key("this key was revoked").reason("revoked")),
        KeyStatus::Expired => return Err(invalid_key("this key has expired").reason("expired")),
    }
    let allowed = match address {
        Some(address) => key.key.allows_address(address),
        None => key.key.allowed_ips.is_empty(),
    };
    if allowed {
        return Ok(());
    }
    let detail = "this key may not be used from this address";
    Err(Problem::new(ProblemCode::ForbiddenScope, detail).reason("address_not_allowed"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn token(lines: &[&'static str]) -> Option<String> {
        let headers =
            lines.iter().map(|line| (header::AUTHORIZATION, HeaderValue::from_static(line))).collect();
        bearer_token(&headers).ok().map(str::to_owned)
    }

    #[test]
    fn takes_one_bearer_token() {
        assert_eq!(token(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(token(&["bearer  abc"]).as_deref(), Some("abc"));
        for bad in [&["Basic abc"][..], &[], &["Bearer a", "Bearer b"], &["Bearerabc"]] {
            assert_eq!(token(bad), None, "{bad:?}");
        }
    }
}
