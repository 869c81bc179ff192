//! One request of the main frame on its way to becoming a hop.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hopline_domain::chain::{Hop, HopKind, RequestBody, Timings, Tls};
use hopline_domain::time::Timestamp;
use sha2::{Digest, Sha256};

use super::seen::{RequestExtra, RequestWillBeSent, Response, ResponseExtra, SecurityDetails, Timing};
use super::{cookies, headers};

/// Cookies named per hop.
const COOKIES_NAMED_MAX: usize = 50;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) request_id: String,
    pub(super) hop: Hop,
    /// It was answered, and no raw headers will come: the answer was the browser's own.
    is_own: bool,
    has_raw_headers: bool,
    /// Name and value of the cookies sent, once they are known: part of what tells a loop from progress.
    pub(super) cookies: Option<String>,
    /// When the head had arrived, on the browser's clock, in seconds.
    head_at: Option<f64>,
    asked_at: Timestamp,
}

impl Entry {
    pub(super) fn asked(event: &RequestWillBeSent, kind: HopKind) -> Self {
        let hop = Hop {
            request_body: request_body(event),
            ..Hop::asked(0, kind, &event.request.method, &event.request.whole_url())
        };
        Self {
            request_id: event.request_id.clone(),
            hop,
            is_own: false,
            has_raw_headers: false,
            cookies: None,
            head_at: None,
            asked_at: timestamp(event.wall_time),
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.hop.status.is_some()
    }

    pub(super) fn is_http(&self) -> bool {
        ["http://", "https://"].iter().any(|scheme| self.hop.url.starts_with(scheme))
    }

    /// Whether the next cookies sent under its request are its own.
    pub(super) fn wants_request_extra(&self) -> bool {
        self.cookies.is_none() && !self.is_own
    }

    /// Whether the next raw headers under its request are its own.
    pub(super) fn wants_response_extra(&self) -> bool {
        !self.has_raw_headers && !self.is_own
    }

    /// What tells this request from another: the same ones again are no progress.
    pub(super) fn is_repeat_of(&self, other: &Self) -> bool {
        let cookies = |entry: &Self| entry.cookies.clone().unwrap_or_default();
        let body = |entry: &Self| entry.hop.request_body.as_ref().map(|body| body.sha256.clone());
        self.hop.method == other.hop.method
            && document_of(&self.hop.url) == document_of(&other.hop.url)
            && body(self) == body(other)
            && cookies(self) == cookies(other)
    }

    pub(super) fn answer(&mut self, response: Response, has_extra: bool) {
        self.is_own = !has_extra;
        self.hop.http_version = response.protocol.as_deref().map(version);
        self.hop.tls = response.security_details.map(tls);
        self.hop.timings_ms = response.timing.map(timings);
        self.head_at =
            response.timing.map(|timing| timing.request_time + timing.receive_headers_end / 1_000.0);
        if !self.has_raw_headers {
            self.hop.status = Some(response.status);
            let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
            self.hop.headers = response.headers.into_iter().map(lower).collect();
        }
    }

    /// The body has ended, at this many seconds of the browser's clock.
    pub(super) fn finish(&mut self, at: f64) {
        if let (Some(timings), Some(head_at)) = (&mut self.hop.timings_ms, self.head_at) {
            timings.receive = milliseconds((at - head_at) * 1_000.0);
        }
    }

    pub(super) fn add_request_extra(&mut self, extra: &RequestExtra) {
        let sent = extra.associated_cookies.iter().filter(|cookie| cookie.blocked_reasons.is_empty());
        let sent: Vec<_> = sent.map(|sent| &sent.cookie).collect();
        self.hop.cookies_sent =
            sent.iter().map(|cookie| cookie.name.clone()).take(COOKIES_NAMED_MAX).collect();
        let mut pairs: Vec<String> =
            sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        pairs.sort_unstable();
        self.cookies = Some(pairs.join("; "));
    }

    pub(super) fn add_response_extra(&mut self, extra: &ResponseExtra) {
        self.has_raw_headers = true;
        self.hop.headers = headers::texts(extra);
        self.hop.cookies_set = cookies::set_by(extra, &self.hop.url, self.asked_at);
        self.hop.status = Some(extra.status_code);
        if let Some((location, raw_b64)) = headers::location(extra) {
            self.hop.location = Some(location);
            self.hop.location_raw_b64 = raw_b64;
        }
    }
}

/// A URL without its fragment.
pub(super) fn document_of(url: &str) -> &str {
    url.split_once('#').map_or(url, |(document, _)| document)
}

/// What a form sent; a body the browser does not show, a file's, is not counted.
fn request_body(event: &RequestWillBeSent) -> Option<RequestBody> {
    let entries = &event.request.post_data_entries;
    let bytes: Vec<u8> =
        entries.iter().filter_map(|entry| STANDARD.decode(entry.bytes.as_deref()?).ok()).flatten().collect();
    let content_type =
        event.request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    (!entries.is_empty()).then(|| RequestBody {
        content_type: content_type.map(|(_, value)| value.clone()),
        bytes: bytes.len() as u64,
        sha256: hex(&Sha256::digest(&bytes)),
    })
}

fn version(protocol: &str) -> String {
    match protocol {
        "h2" => "HTTP/2".to_owned(),
        "h3" => "HTTP/3".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}

fn tls(details: SecurityDetails) -> Tls {
    Tls {
        version: details.protocol,
        issuer: details.issuer,
        subject: details.subject_name,
        not_after: timestamp(details.valid_to),
    }
}

/// A name is looked up by our proxy, so its time is part of `connect`.
fn timings(timing: Timing) -> Timings {
    let between =
        |start: f64, end: f64| if start < 0.0 || end < start { 0 } else { milliseconds(end - start) };
    let tls = between(timing.ssl_start, timing.ssl_end);
    Timings {
        dns: between(timing.dns_start, timing.dns_end),
        connect: between(timing.connect_start, timing.connect_end).saturating_sub(tls),
        tls,
        wait: between(timing.send_end, timing.receive_headers_end),
        receive: 0,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is meant"
)]
fn milliseconds(value: f64) -> u32 {
    value.round() as u32
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is meant")]
fn timestamp(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1_000.0) as i64)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
