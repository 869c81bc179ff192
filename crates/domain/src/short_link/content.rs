//! What the owner of a link writes into it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    click::Utm,
    short_link::{LinkState, Rule},
    time::Timestamp,
};

/// The status of a redirect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum RedirectStatus {
    MovedPermanently,
    #[default]
    Found,
    TemporaryRedirect,
    PermanentRedirect,
}

impl RedirectStatus {
    pub const fn code(self) -> u16 {
        match self {
            Self::MovedPermanently => 301,
            Self::Found => 302,
            Self::TemporaryRedirect => 307,
            Self::PermanentRedirect => 308,
        }
    }
}

impl From<RedirectStatus> for u16 {
    fn from(status: RedirectStatus) -> Self {
        status.code()
    }
}

impl TryFrom<u16> for RedirectStatus {
    type Error = &'static str;

    fn try_from(code: u16) -> Result<Self, Self::Error> {
        match code {
            301 => Ok(Self::MovedPermanently),
            302 => Ok(Self::Found),
            307 => Ok(Self::TemporaryRedirect),
            308 => Ok(Self::PermanentRedirect),
            _ => Err("expected 301, 302, 307 or 308"),
        }
    }
}

/// What `Cache-Control` of a redirect says. A browser that may keep a redirect hides later clicks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CachePolicy {
    /// `private, no-store`.
    #[default]
    NoStore,
    /// `private, max-age=N`.
    MaxAge { seconds: u32 },
}

impl CachePolicy {
    /// `None` = not stored anywhere.
    pub const fn of_max_age(seconds: Option<u32>) -> Self {
        match seconds {
            None => Self::NoStore,
            Some(seconds) => Self::MaxAge { seconds },
        }
    }

    pub const fn max_age_s(self) -> Option<u32> {
        match self {
            Self::NoStore => None,
            Self::MaxAge { seconds } => Some(seconds),
        }
    }

    /// The value of `Cache-Control`.
    pub fn header(self) -> String {
        match self {
            Self::NoStore => "private, no-store".to_owned(),
            Self::MaxAge { seconds } => format!("private, max-age={seconds}"),
        }
    }
}

/// The hash of a link's password as a PHC string (argon2id). Never shown (I10).
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret(pub String);

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(…)")
    }
}

/// What link-preview bots are shown instead of the destination's own page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenGraph {
    pub title: Option<String>,
    pub description: Option<String>,
    pub image: Option<String>,
}

/// A saved QR design: an object whose members the QR room reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QrDesign(pub Value);

/// How often a link's destination is checked, and where it should lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    pub interval_s: u32,
    #[serde(default)]
    pub expected_domain: Option<String>,
}

/// Everything of a link that its owner may change, beside its slug and tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkContent {
    /// The destination, serialised as WHATWG URL does, so that it fits a header.
    pub url: String,
    pub title: Option<String>,
    pub state: LinkState,
    pub starts_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// Where visits go once the link has expired or was deleted.
    pub expired_url: Option<String>,
    /// Clicks of people after which the link ends; at least 1.
    pub max_clicks: Option<u64>,
    /// Where visits go once `max_clicks` is reached.
    pub limit_url: Option<String>,
    pub password: Option<LinkSecret>,
    pub redirect_status: RedirectStatus,
    pub cache: CachePolicy,
    pub forward_query: bool,
    pub forward_path: bool,
    pub rules: Vec<Rule>,
    pub utm: Utm,
    /// The owner's own id, unique in the workspace.
    pub external_id: Option<String>,
    pub note: Option<String>,
    pub og: OpenGraph,
    pub qr: Option<QrDesign>,
    pub watch: Option<Watch>,
}

impl LinkContent {
    /// A plain link to `url`: active, 302, not cached, the visitor's query handed on, its path not.
    pub fn to(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            title: None,
            state: LinkState::default(),
            starts_at: None,
            expires_at: None,
            expired_url: None,
            max_clicks: None,
            limit_url: None,
            password: None,
            redirect_status: RedirectStatus::default(),
            cache: CachePolicy::default(),
            forward_query: true,
            forward_path: false,
            rules: Vec::new(),
            utm: Utm::default(),
            external_id: None,
            note: None,
            og: OpenGraph::default(),
            qr: None,
            watch: None,
        }
    }

    /// Every URL a visit may be sent to, with its JSON pointer.
    pub fn destinations(&self) -> impl Iterator<Item = (String, &str)> {
        let named = [
            ("/url", Some(&self.url)),
            ("/expired_url", self.expired_url.as_ref()),
            ("/limit_url", self.limit_url.as_ref()),
        ];
        let named = named.into_iter().filter_map(|(pointer, url)| Some((pointer.to_owned(), url?.as_str())));
        let ruled = self.rules.iter().enumerate();
        named.chain(ruled.map(|(index, rule)| (format!("/rules/{index}/url"), rule.url.as_str())))
    }
}
