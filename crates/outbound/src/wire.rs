//! From a caller's request to the one that is sent.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Version};
use http_body_util::Full;

use crate::connection::Connection;
use crate::error::ExchangeError;
use crate::request::{ExchangeRequest, Purpose};

const ACCEPTED_CODINGS: HeaderValue = HeaderValue::from_static("gzip, deflate, br, zstd");

/// Builds `request` for `connection`. `Host` comes first, as RFC 9110 §7.2 asks.
pub(crate) fn request_for(
    connection: &Connection,
    request: &ExchangeRequest,
) -> Result<Request<Full<Bytes>>, ExchangeError> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 2);
    let mut version = Version::HTTP_2;
    if !connection.is_shared() {
        version = Version::HTTP_11;
        headers.insert(header::HOST, connection.peer.authority.clone());
    }
    for (name, value) in &request.headers {
        if !is_ours(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    if request.purpose == Purpose::Link && !headers.contains_key(header::ACCEPT_ENCODING) {
        headers.insert(header::ACCEPT_ENCODING, ACCEPTED_CODINGS);
    }
    // Fetch §4.6 sends it; servers answer 411 without it.
    if request.body.is_empty() && matches!(request.method, Method::POST | Method::PUT) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut wired = Request::new(Full::new(request.body.clone()));
    *wired.method_mut() = request.method.clone();
    *wired.uri_mut() = connection.target(&request.url)?;
    *wired.version_mut() = version;
    *wired.headers_mut() = headers;
    Ok(wired)
}

/// Routing and framing are not the caller's: a wrong length or a second host would smuggle.
fn is_ours(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "host"
            | "connection"
            | "content-length"
            | "keep-alive"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

#[cfg(test)]
mod tests {
    use http::uri::PathAndQuery;
    use proptest::prelude::*;
    use url::{Position, Url};

    use super::*;

    #[test]
    fn routing_and_framing_are_ours() {
        assert!(is_ours(&header::HOST) && is_ours(&header::CONTENT_LENGTH));
        assert!(!is_ours(&header::COOKIE));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Whatever the URL parser lets through can be sent as a request target.
        #[test]
        fn every_url_has_a_request_target(rest in "[ -~\u{80}-\u{2ff}\t]{0,64}") {
            if let Ok(url) = Url::parse(&format!("http://example.com/{rest}")) {
                let target = &url[Position::BeforePath..Position::AfterQuery];
                prop_assert!(target.parse::<PathAndQuery>().is_ok(), "{}", target);
            }
        }
    }
}
