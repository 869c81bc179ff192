//! One request as a caller states it: what to send, what may be read back, and within which bounds.

use std::sync::Arc;

use bytes::Bytes;
use hopline_domain::address::Reach;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// One request to one URL. Redirects are the caller's to follow.
///
/// `Host` and the framing headers (`Content-Length`, `Transfer-Encoding`, `Connection` and its kin) are set here; the
/// caller's are ignored. For links `Accept-Encoding` is added unless given. Userinfo in the URL is not sent.
#[derive(Clone, Debug)]
pub struct ExchangeRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub purpose: Purpose,
    /// An egress of the configuration to go through; `None` goes directly.
    pub egress: Option<Arc<str>>,
    pub limits: ExchangeLimits,
    /// Decides on the head alone how much of the body is worth reading.
    pub body_plan: fn(&ResponseHead<'_>) -> BodyPlan,
}

/// Why the internet is asked; it decides what plain http may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    Link,
    Webhook,
}

impl Purpose {
    pub(crate) fn reach(self, url: &Url) -> Reach {
        match self {
            Self::Link => Reach::of_link(url),
            Self::Webhook => Reach::of_webhook(url),
        }
    }
}

/// Bounds of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeLimits {
    /// Name, connection and TLS together.
    pub connect_ms: u64,
    /// Everything, from the name to the last byte read.
    pub total_ms: u64,
    /// After decompression, and before it.
    pub body_bytes_max: usize,
}

/// What a body plan sees.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
}

/// How much of a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyPlan {
    /// Nothing; a small rest is drained so that the connection can be used again.
    Discard,
    /// At most this many decoded bytes, and never more than the exchange's limit.
    Prefix { bytes_max: usize },
    /// Up to the exchange's limit.
    Read,
}
