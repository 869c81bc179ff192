//! Turns an exchange into the evidence of its hop. It records; it judges nothing.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hopline_domain::chain::{CookieSet, Hop, RequestBody};
use hopline_outbound::{BodyEnd, Exchange, ExchangeFailure};
use http::{HeaderMap, Version, header};
use sha2::{Digest, Sha256};

use crate::{
    cookies::Cookie,
    next_hop::{NextHop, Submission},
};

/// Cookies named per hop.
const COOKIES_NAMED_MAX: usize = 50;

/// Content type kept of a form.
const TYPE_CHARS_MAX: usize = 200;

/// A hop before anything was asked.
pub(crate) fn asked(index: usize, next: &NextHop, provider: Option<&str>) -> Hop {
    Hop {
        provider: provider.map(str::to_owned),
        rule: next.rule.clone(),
        request_body: next.submission.as_ref().map(request_body),
        ..Hop::asked(index, next.kind, next.method().as_str(), next.url.as_str())
    }
}

fn request_body(submission: &Submission) -> RequestBody {
    RequestBody {
        content_type: submission
            .content_type
            .as_ref()
            .map(|text| text.chars().take(TYPE_CHARS_MAX).collect()),
        bytes: submission.body.len() as u64,
        sha256: hex(&Sha256::digest(&submission.body)),
    }
}

/// Adds what an answer showed.
pub(crate) fn record_answer(hop: &mut Hop, exchange: &Exchange) {
    hop.status = Some(exchange.status.as_u16());
    hop.http_version = Some(version_text(exchange.version).to_owned());
    hop.remote_addr = Some(exchange.remote_addr.to_string());
    hop.tls = exchange.tls.as_ref().map(|tls| Arc::unwrap_or_clone(Arc::clone(tls)));
    hop.headers = header_texts(&exchange.headers);
    hop.timings_ms = Some(exchange.timings);
    hop.body_bytes = exchange.body.len() as u64;
    if !matches!(exchange.body_end, BodyEnd::Discarded) {
        hop.body_sha256 = Some(hex(&Sha256::digest(&exchange.body)));
    }
    record_location(hop, &exchange.headers);
}

/// Adds what is known of an exchange that got no answer.
pub(crate) fn record_failure(hop: &mut Hop, failure: &ExchangeFailure) {
    hop.remote_addr = failure.remote_addr.map(|address| address.to_string());
    hop.timings_ms = Some(failure.timings);
}

/// Adds a cookie the answer set or ended.
pub(crate) fn record_cookie(hop: &mut Hop, cookie: Cookie) {
    if hop.cookies_set.len() < COOKIES_NAMED_MAX {
        hop.cookies_set.push(CookieSet { name: cookie.name, domain: cookie.domain, expires: cookie.expires });
    }
}

fn record_location(hop: &mut Hop, headers: &HeaderMap) {
    let Some(raw) = headers.get(header::LOCATION).map(http::HeaderValue::as_bytes) else {
        return;
    };
    hop.location = Some(String::from_utf8_lossy(raw).into_owned());
    hop.location_raw_b64 = std::str::from_utf8(raw).is_err().then(|| STANDARD.encode(raw));
}

fn header_texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn version_text(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
