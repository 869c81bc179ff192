//! The chain document `hopline.chain/1`: one schema for every mechanism and every runner.
//!
//! It is what `GET /v1/jobs/{id}/evidence` answers, what `hopline resolve --json` prints and what is stored as evidence.

use serde::{Deserialize, Serialize};

use crate::{outcome::Reason, time::Timestamp, verdict::Verdicts};

pub const SCHEMA: &str = "hopline.chain/1";

/// The end of a hop's URL that the document's bound cut short; URLs are written in ASCII.
pub const CUT_MARK: char = '…';

/// One link followed to where it ends, with the evidence of every hop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    pub schema: String,
    /// The link as it was asked for.
    pub url: String,
    /// Where it ended; `None` unless `status` is `done`.
    pub final_url: Option<String>,
    pub status: ChainStatus,
    pub reason: Option<Reason>,
    /// The vendor of a human verification page.
    pub vendor: Option<String>,
    /// The final response is a download, not a page.
    pub download: bool,
    pub title: Option<String>,
    /// The page a full-page frame shows.
    pub framed_url: Option<String>,
    pub started_at: Timestamp,
    pub duration_ms: u64,
    pub runner: String,
    /// `None` when no network was asked.
    pub engine: Option<Engine>,
    /// Header values were cut to keep the document within its bound.
    pub truncated: bool,
    pub profile: ChainProfile,
    /// What the URL alone says, when it embeds its destination.
    pub offline: Option<Offline>,
    pub hops: Vec<Hop>,
    pub verdicts: Verdicts,
}

impl Chain {
    /// How many hops there are, the first request included.
    pub fn hops_count(&self) -> u32 {
        u32::try_from(self.hops.len()).unwrap_or(u32::MAX)
    }

    /// HTTP status of the last hop that got an answer.
    pub fn last_status(&self) -> Option<u16> {
        self.hops.iter().rev().find_map(|hop| hop.status)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChainStatus {
    Done,
    Failed,
    Invalid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Engine {
    Http,
    Script,
    Browser,
}

/// The profile a chain was resolved with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainProfile {
    pub user_agent: String,
    pub accept_language: String,
    pub referer: Option<String>,
    pub form_factor: crate::profile::FormFactor,
    pub egress: Option<String>,
}

/// A destination read from the URL itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offline {
    pub url: String,
    pub rule: String,
    /// Whether the network agreed; `None` when it was not asked.
    pub agrees: Option<bool>,
}

/// How we got to a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HopKind {
    Start,
    HttpRedirect,
    RefreshHeader,
    MetaRefresh,
    Script,
    Form,
    /// A deterministic click-through page.
    Link,
    Offline,
    AppLink,
    Amp,
    Hsts,
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hop {
    pub index: u32,
    /// Ends with [`CUT_MARK`] when it was cut.
    pub url: String,
    pub method: String,
    /// What the request carried; `None` without a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_body: Option<RequestBody>,
    pub kind: HopKind,
    pub status: Option<u16>,
    pub http_version: Option<String>,
    pub remote_addr: Option<String>,
    pub tls: Option<Tls>,
    /// Response headers in the order received; bytes that are no UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    pub cookies_set: Vec<CookieSet>,
    /// Names of the cookies sent.
    pub cookies_sent: Vec<String>,
    /// Where this hop points, as written: its `Location`, or the target of the refresh it asks for.
    pub location: Option<String>,
    /// The raw `Location` bytes, base64, when they are no UTF-8.
    pub location_raw_b64: Option<String>,
    /// Seconds this hop's own refresh asks to wait before `location`, followed or not; 0 without a refresh.
    pub delay_s: u32,
    /// SHA-256 of the decoded body as far as it was read, lowercase hex; `None` when none was.
    pub body_sha256: Option<String>,
    pub body_bytes: u64,
    pub timings_ms: Option<Timings>,
    pub provider: Option<String>,
    pub rule: Option<String>,
}

impl Hop {
    /// A request without an answer; everything else is nothing yet.
    pub fn asked(index: usize, kind: HopKind, method: &str, url: &str) -> Self {
        Self {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            url: url.to_owned(),
            method: method.to_owned(),
            request_body: None,
            kind,
            status: None,
            http_version: None,
            remote_addr: None,
            tls: None,
            headers: Vec::new(),
            cookies_set: Vec::new(),
            cookies_sent: Vec::new(),
            location: None,
            location_raw_b64: None,
            delay_s: 0,
            body_sha256: None,
            body_bytes: 0,
            timings_ms: None,
            provider: None,
            rule: None,
        }
    }
}

/// What a form sent: told, not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestBody {
    pub content_type: Option<String>,
    pub bytes: u64,
    /// Lowercase hex.
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    pub version: String,
    pub issuer: String,
    pub subject: String,
    pub not_after: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieSet {
    pub name: String,
    pub domain: String,
    pub expires: Option<Timestamp>,
}

/// Milliseconds by phase; a reused connection has zeros for `dns`, `connect` and `tls`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    pub dns: u32,
    pub connect: u32,
    pub tls: u32,
    /// Until the head of the answer.
    pub wait: u32,
    pub receive: u32,
}

impl Timings {
    /// Milliseconds of all phases.
    pub const fn total(&self) -> u32 {
        let way = self.dns.saturating_add(self.connect).saturating_add(self.tls);
        way.saturating_add(self.wait).saturating_add(self.receive)
    }
}
