//! Problems on the wire (RFC 9457): the one place where a refusal becomes a document.
//!
//! A handler answers a [`Problem`]; the envelope writes its body, because only it knows the request's id and path.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hopline_domain::{
    problem::{Fault, ProblemCode},
    store::StoreError,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// Seconds after which a refusal for lack of room or of a store may have passed.
const OVERLOADED_RETRY_AFTER_S: u32 = 1;
const STORE_UNAVAILABLE_RETRY_AFTER_S: u32 = 5;

/// One refusal.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Content>);

#[derive(Clone, Debug)]
struct Content {
    code: ProblemCode,
    detail: String,
    reason: Option<&'static str>,
    faults: Vec<Fault>,
    members: Vec<(&'static str, Value)>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Whether the caller may be a client that knows only the drop-in's codes (contracts §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    DropIn,
    Own,
}

impl Audience {
    /// The routes that drop-in clients call.
    pub(crate) fn of_path(path: &str) -> Self {
        let is_job = path.strip_prefix("/v1/jobs/").is_some_and(|id| !id.is_empty() && !id.contains('/'));
        if is_job || matches!(path, "/v1/resolve" | "/v1/account" | "/v1/providers") {
            Self::DropIn
        } else {
            Self::Own
        }
    }
}

/// What only the envelope knows.
pub(crate) struct Frame<'a> {
    /// Base of the problem pages, without a trailing slash.
    pub(crate) public_url: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) audience: Audience,
}

impl Problem {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Content {
            code,
            detail: detail.into(),
            reason: None,
            faults: Vec::new(),
            members: Vec::new(),
            headers: Vec::new(),
        }))
    }

    /// A request that breaks the grammar, with every fault found.
    pub(crate) fn of_faults(faults: Vec<Fault>) -> Self {
        let detail = match faults.as_slice() {
            [only] => format!(
                "{}: {}",
                if only.pointer.is_empty() { "the body" } else { &only.pointer },
                only.detail
            ),
            _ => format!("the request has {} faults, see `errors`", faults.len()),
        };
        let mut problem = Self::new(ProblemCode::InvalidRequest, detail);
        problem.0.faults = faults;
        problem
    }

    /// One fault.
    pub(crate) fn of_fault(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::of_faults(vec![Fault::new(pointer, code, detail)])
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(ProblemCode::NotFound, format!("there is no such {what} here"))
    }

    pub(crate) fn key_reused() -> Self {
        Self::new(ProblemCode::IdempotencyKeyReused, "this idempotency key was used for another request")
    }

    pub(crate) fn internal() -> Self {
        Self::new(ProblemCode::Internal, "something broke on our side; the log has it under the request id")
    }

    /// What a bare status means: for answers that no handler of ours made.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => (ProblemCode::NotFound, "there is no such route"),
            StatusCode::METHOD_NOT_ALLOWED => {
                (ProblemCode::MethodNotAllowed, "this route does not take that method, see `Allow`")
            }
            StatusCode::PAYLOAD_TOO_LARGE => (ProblemCode::PayloadTooLarge, "the body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                (ProblemCode::UnsupportedMediaType, "send application/json")
            }
            _ if status.is_client_error() => (ProblemCode::InvalidRequest, "the request can't be read"),
            _ => return Self::internal(),
        };
        Self::new(code, detail)
    }

    pub(crate) fn reason(mut self, word: &'static str) -> Self {
        self.0.reason = Some(word);
        self
    }

    /// Says where in the request the refusal comes from.
    pub(crate) fn fault(mut self, fault: Fault) -> Self {
        self.0.faults.push(fault);
        self
    }

    /// A further member, such as `balance`.
    pub(crate) fn member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.members.push((name, value.into()));
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The whole answer.
    pub(crate) fn render(self, frame: &Frame<'_>) -> Response {
        let body = Bytes::from(serde_json::to_vec(&self.document(frame)).unwrap_or_default());
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        headers.extend(self.0.headers);
        response
    }

    fn document(&self, frame: &Frame<'_>) -> Value {
        let (code, reason) = self.spoken_to(frame.audience);
        let mut document = Map::new();
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put("type", json!(format!("{}/docs/problems/{}", frame.public_url, code.as_str())));
        put("title", json!(code.title()));
        put("status", json!(self.0.code.status()));
        put("code", json!(code.as_str()));
        put("detail", json!(self.0.detail));
        put("request_id", json!(frame.request_id));
        if let Some(reason) = reason {
            put("reason", json!(reason));
        }
        if !self.0.faults.is_empty() {
            put("errors", json!(self.0.faults));
        }
        for (name, value) in &self.0.members {
            put(name, value.clone());
        }
        Value::Object(document)
    }

    /// Code and reason; drop-in clients know few codes and get the finer word as the reason, under the same status.
    fn spoken_to(&self, audience: Audience) -> (ProblemCode, Option<&'static str>) {
        let code = self.0.code;
        let is_finer =
            matches!(code.status(), 405 | 409 | 413 | 415) || code == ProblemCode::IdempotencyKeyReused;
        if audience == Audience::DropIn && is_finer {
            return (ProblemCode::InvalidRequest, Some(code.as_str()));
        }
        (code, self.0.reason)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    /// The cause is logged here, once, and never shown.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded { .. } => {
                tracing::warn!(%error, "refused for lack of room");
                Self::new(
                    ProblemCode::Overloaded,
                    "more arrives than can be made durable; nothing was stored",
                )
                .retry_after(OVERLOADED_RETRY_AFTER_S)
            }
            StoreError::Unavailable { .. } => {
                tracing::warn!(%error, "the store can't be reached");
                Self::store_unavailable("the store can't be reached at the moment; nothing was stored")
            }
            _ => {
                tracing::error!(%error, "a store call failed");
                Self::internal()
            }
        }
    }
}

impl Problem {
    pub(crate) fn store_unavailable(detail: &str) -> Self {
        Self::new(ProblemCode::StoreUnavailable, detail).retry_after(STORE_UNAVAILABLE_RETRY_AFTER_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(problem: &Problem, audience: Audience) -> String {
        let frame = Frame { public_url: "https://hop.example/base", request_id: "r-1", audience };
        problem.document(&frame).to_string()
    }

    #[test]
    fn documents_carry_what_the_contract_asks() {
        let problem = Problem::new(ProblemCode::OutOfCredits, "this costs 2").member("balance", 1);
        insta::assert_snapshot!(text(&problem, Audience::Own), @r#"{"type":"https://hop.example/base/docs/problems/out_of_credits","title":"Out of credits","status":402,"code":"out_of_credits","detail":"this costs 2","request_id":"r-1","balance":1}"#);
        let faulty = Problem::of_fault("/url", "required", "give the link");
        insta::assert_snapshot!(text(&faulty, Audience::Own), @r#"{"type":"https://hop.example/base/docs/problems/invalid_request","title":"Invalid request","status":400,"code":"invalid_request","detail":"/url: give the link","request_id":"r-1","errors":[{"pointer":"/url","code":"required","detail":"give the link"}]}"#);
    }

    #[test]
    fn drop_in_clients_hear_only_codes_they_know() {
        for code in [
            ProblemCode::MethodNotAllowed,
            ProblemCode::Conflict,
            ProblemCode::PayloadTooLarge,
            ProblemCode::UnsupportedMediaType,
            ProblemCode::IdempotencyKeyReused,
        ] {
            let problem = Problem::new(code, "x");
            let document: Value = serde_json::from_str(&text(&problem, Audience::DropIn)).unwrap();
            assert_eq!(document["code"], "invalid_request");
            assert_eq!(document["reason"], code.as_str());
            assert_eq!(document["status"], code.status());
            assert_eq!(problem.spoken_to(Audience::Own).0, code);
        }
        let unsupported = Problem::new(ProblemCode::UnsupportedLink, "x");
        assert_eq!(unsupported.spoken_to(Audience::DropIn).0, ProblemCode::UnsupportedLink);
    }

    #[test]
    fn knows_the_routes_of_drop_in_clients() {
        for path in ["/v1/resolve", "/v1/jobs/abc", "/v1/account", "/v1/providers"] {
            assert_eq!(Audience::of_path(path), Audience::DropIn, "{path}");
        }
        for path in ["/v1/jobs", "/v1/jobs/", "/v1/jobs/a/evidence", "/v1/keys", "/"] {
            assert_eq!(Audience::of_path(path), Audience::Own, "{path}");
        }
    }
}
