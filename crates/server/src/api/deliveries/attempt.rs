//! The evidence of one try, as its owner sees it.

use base64::{Engine, engine::general_purpose::STANDARD};
use hopline_domain::{
    chain::Timings,
    delivery::{Attempt, AttemptError},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attempt)]
pub(crate) struct AttemptBody {
    id: String,
    /// 1 for the first.
    number: u32,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    duration_ms: u64,
    /// As sent, in order; signatures are masked.
    #[schema(value_type = Vec<Vec<String>>)]
    request_headers: Vec<(String, String)>,
    response_status: Option<u16>,
    #[schema(value_type = Vec<Vec<String>>)]
    response_headers: Vec<(String, String)>,
    /// The first 16 KiB; `null` when there was none, or when it is no UTF-8.
    response_body: Option<String>,
    /// The same in base64, when it is no UTF-8.
    response_body_b64: Option<String>,
    response_truncated: bool,
    remote_addr: Option<String>,
    timings_ms: Option<TimingsBody>,
    /// `null` for a success.
    #[schema(value_type = Option<String>, example = "http_status")]
    error: Option<&'static str>,
    error_detail: Option<String>,
}

/// Milliseconds by phase.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Timings)]
pub(crate) struct TimingsBody {
    dns: u32,
    connect: u32,
    tls: u32,
    /// Until the head of the answer.
    wait: u32,
    receive: u32,
}

impl AttemptBody {
    pub(super) fn of(attempt: Attempt) -> Self {
        let (response_body, response_body_b64) = told(attempt.response_body);
        Self {
            id: attempt.id.to_string(),
            number: attempt.number,
            started_at: attempt.started_at,
            duration_ms: attempt.duration_ms,
            request_headers: attempt.request_headers,
            response_status: attempt.response_status,
            response_headers: attempt.response_headers,
            response_body,
            response_body_b64,
            response_truncated: attempt.response_truncated,
            remote_addr: attempt.remote_addr,
            timings_ms: attempt.timings.map(TimingsBody::of),
            error: attempt.error.map(AttemptError::as_str),
            error_detail: attempt.error_detail,
        }
    }
}

impl TimingsBody {
    const fn of(timings: Timings) -> Self {
        let Timings { dns, connect, tls, wait, receive } = timings;
        Self { dns, connect, tls, wait, receive }
    }
}

fn told(body: Vec<u8>) -> (Option<String>, Option<String>) {
    match String::from_utf8(body) {
        Ok(text) if text.is_empty() => (None, None),
        Ok(text) => (Some(text), None),
        Err(error) => (None, Some(STANDARD.encode(error.as_bytes()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_text_or_base64() {
        assert_eq!(told(b"ok".to_vec()), (Some("ok".to_owned()), None));
        assert_eq!(told(vec![0xff, 0xfe]), (None, Some("//4=".to_owned())));
        assert_eq!(told(Vec::new()), (None, None));
    }
}
