//! How an exchange fails: one typed error, one stable word for each.

use std::error::Error;
use std::net::SocketAddr;

use hopline_domain::address::{DialRefusal, TextRefusal};
use hopline_domain::chain::Timings;
use hopline_domain::outcome::Reason;
use strum::IntoStaticStr;

use crate::names::NameError;

/// What an exchange was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Phase {
    Dns,
    Connect,
    Tls,
    /// Sending the request and waiting for the head.
    Wait,
    /// Reading the body.
    Receive,
}

impl Phase {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Why an exchange, or the reading of its body, failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    #[error("dial the URL: {0}")]
    Refused(TextRefusal),
    #[error("dial {host}: {refusal}")]
    Forbidden { host: String, refusal: DialRefusal },
    #[error("send the URL as an HTTP request: {detail}")]
    BadUrl { detail: String },
    #[error("look up {host}: {source}")]
    Dns { host: String, source: NameError },
    #[error("use egress {name:?}: none of that name is configured")]
    UnknownEgress { name: String },
    #[error("connect: {detail}")]
    Connect { detail: String },
    #[error("agree on TLS: {detail}")]
    Tls { detail: String },
    #[error("finish within the deadline, it passed in phase {}", .phase.as_str())]
    Timeout { phase: Phase },
    #[error("read the response head, it is larger than the limit")]
    HeadersTooLarge,
    #[error("read the response: {detail}")]
    Protocol { detail: String },
    #[error("read the response, the connection closed before its end")]
    ConnectionClosed,
    #[error("decode the body: {detail}")]
    ContentEncoding { detail: String },
}

impl ExchangeError {
    /// The stable word that attempts and evidence carry.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Refused(TextRefusal::LiteralAddress(_) | TextRefusal::SpecialName(_))
            | Self::Forbidden { .. } => "forbidden_address",
            Self::Refused(TextRefusal::Scheme(_) | TextRefusal::HttpsRequired) => "unsupported_scheme",
            Self::Refused(TextRefusal::BadPort(_)) => "bad_port",
            Self::Refused(_) | Self::BadUrl { .. } => "bad_url",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } | Self::UnknownEgress { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::HeadersTooLarge => "headers_too_large",
            Self::Protocol { .. } => "protocol",
            Self::ConnectionClosed => "connection_closed",
            Self::ContentEncoding { .. } => "content_encoding",
        }
    }

    /// Why a chain that meets it ends.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Refused(TextRefusal::LiteralAddress(_) | TextRefusal::SpecialName(_))
            | Self::Forbidden { .. } => Reason::ForbiddenAddress,
            Self::Refused(TextRefusal::Scheme(_) | TextRefusal::HttpsRequired) => Reason::UnsupportedScheme,
            Self::Refused(_) | Self::BadUrl { .. } => Reason::BadLocation,
            Self::Dns { .. } => Reason::Dns,
            Self::Connect { .. } | Self::UnknownEgress { .. } => Reason::Connect,
            Self::Tls { .. } => Reason::Tls,
            Self::Timeout { .. } => Reason::Timeout,
            Self::HeadersTooLarge
            | Self::Protocol { .. }
            | Self::ConnectionClosed
            | Self::ContentEncoding { .. } => Reason::Protocol,
        }
    }
}

/// An exchange that ended before a response head, with the evidence gathered until then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct ExchangeFailure {
    pub error: ExchangeError,
    pub remote_addr: Option<SocketAddr>,
    pub timings: Timings,
}

/// Why the client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    #[error("trust an extra root certificate")]
    ExtraRoot(#[source] rustls::Error),
    #[error("set up TLS")]
    Tls(#[source] rustls::Error),
}

/// Sorts what hyper reports while a request is sent or its head awaited.
pub(crate) fn of_hyper(error: &hyper::Error) -> ExchangeError {
    if error.is_parse_too_large() {
        return ExchangeError::HeadersTooLarge;
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() || is_hang_up(error) {
        return ExchangeError::ConnectionClosed;
    }
    ExchangeError::Protocol { detail: causes(error) }
}

fn is_hang_up(error: &hyper::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return matches!(io.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof);
        }
        cause = inner.source();
    }
    false
}

/// An error and its causes as one line.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = inner.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_ends_a_chain_for_its_reason() {
        let detail = String::new;
        for (error, word, reason) in [
            (ExchangeError::Refused(TextRefusal::BadPort(25)), "bad_port", Reason::BadLocation),
            (
                ExchangeError::Refused(TextRefusal::HttpsRequired),
                "unsupported_scheme",
                Reason::UnsupportedScheme,
            ),
            (ExchangeError::UnknownEgress { name: detail() }, "connect", Reason::Connect),
            (ExchangeError::Tls { detail: detail() }, "tls", Reason::Tls),
            (ExchangeError::Timeout { phase: Phase::Wait }, "timeout", Reason::Timeout),
            (ExchangeError::HeadersTooLarge, "headers_too_large", Reason::Protocol),
            (ExchangeError::ConnectionClosed, "connection_closed", Reason::Protocol),
        ] {
            assert_eq!((error.word(), error.reason()), (word, reason), "{error}");
        }
    }
}
