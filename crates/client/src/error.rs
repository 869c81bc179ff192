//! How a call fails. Messages fit after "failed to …".

use hopline_domain::problem::Fault;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server refused, with a problem document (RFC 9457).
    #[error("{}", .0.sentence())]
    Problem(Box<Problem>),
    #[error("use the server's address {url:?}: {fault}")]
    BaseUrl { url: String, fault: &'static str },
    #[error("use the API key: it holds characters no header can carry")]
    ApiKey,
    #[error("set up TLS")]
    Tls(#[source] rustls::Error),
    #[error("reach {url}; is the server running there?")]
    Connect {
        url: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("get an answer from {url} within {timeout_ms} ms")]
    Timeout { url: String, timeout_ms: u64 },
    #[error("read the answer of {url}")]
    Body {
        url: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An answer, but not one of Hopline's.
    #[error("understand the answer of {url} (status {status}); is this a Hopline server?")]
    Unexpected { url: String, status: u16 },
    #[error("read the answer of {url}: {detail}")]
    Decode { url: String, detail: String },
}

/// A refusal as the server worded it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Problem {
    pub status: u16,
    /// From the closed catalogue; a newer server may know more than this client.
    pub code: String,
    pub title: String,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub detail: Option<String>,
    /// Every fault of the request at once.
    #[serde(default, rename = "errors")]
    pub faults: Vec<Fault>,
    #[serde(default)]
    pub request_id: Option<String>,
    /// Seconds to wait before another try, from `Retry-After`.
    #[serde(skip)]
    pub retry_after_s: Option<u64>,
    /// Further members, such as `balance`, `limit` or `resets_at`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Problem {
    /// One line for a person: what was refused, why, and where in the request.
    fn sentence(&self) -> String {
        let what = self.detail.as_deref().unwrap_or(&self.title);
        let reason = self.reason.as_deref().map(|reason| format!(", {reason}")).unwrap_or_default();
        let untold = self.faults.iter().filter(|fault| !what.ends_with(&fault.detail));
        let faults = untold.map(|fault| format!("; {} {}", fault.pointer, fault.detail));
        let faults = faults.collect::<Vec<_>>().concat();
        let request = self.request_id.as_deref().map(|id| format!(" [request {id}]")).unwrap_or_default();
        format!("do that: {what} ({} {}{reason}){faults}{request}", self.status, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_one_line() {
        let problem: Problem = serde_json::from_str(
            r#"{"type": "x", "title": "Invalid request", "status": 400, "code": "invalid_request", "detail": "two faults",
                "request_id": "r1", "errors": [{"pointer": "/url", "code": "missing", "detail": "give the link"}], "balance": 3}"#,
        )
        .unwrap();
        assert_eq!(problem.more["balance"], 3);
        let line = ClientError::Problem(Box::new(problem.clone())).to_string();
        assert_eq!(line, "do that: two faults (400 invalid_request); /url give the link [request r1]");
        let alone = Problem { detail: Some("/url: give the link".to_owned()), ..problem };
        let line = ClientError::Problem(Box::new(alone)).to_string();
        assert_eq!(line, "do that: /url: give the link (400 invalid_request) [request r1]", "told once");
    }
}
