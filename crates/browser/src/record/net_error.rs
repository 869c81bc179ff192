//! Chromium's network errors (`net/base/net_error_list.h`) as reasons.

use hopline_domain::outcome::Reason;

/// A failure of the main frame. `dialled` is what the proxy says of the host, which knows better than the browser.
pub(crate) fn reason_of(error: &str, dialled: Option<Reason>) -> Reason {
    let name = error.strip_prefix("net::").unwrap_or(error);
    match name {
        "ERR_SOCKS_CONNECTION_FAILED"
        | "ERR_SOCKS_CONNECTION_HOST_UNREACHABLE"
        | "ERR_PROXY_CONNECTION_FAILED"
        | "ERR_TUNNEL_CONNECTION_FAILED"
        | "ERR_CONNECTION_FAILED" => dialled.unwrap_or(Reason::Connect),
        "ERR_NAME_NOT_RESOLVED"
        | "ERR_NAME_RESOLUTION_FAILED"
        | "ERR_DNS_TIMED_OUT"
        | "ERR_DNS_SERVER_FAILED"
        | "ERR_DNS_MALFORMED_RESPONSE" => Reason::Dns,
        "ERR_CONNECTION_REFUSED"
        | "ERR_ADDRESS_UNREACHABLE"
        | "ERR_ADDRESS_INVALID"
        | "ERR_INTERNET_DISCONNECTED"
        | "ERR_NETWORK_ACCESS_DENIED"
        | "ERR_NETWORK_CHANGED" => Reason::Connect,
        "ERR_TIMED_OUT" | "ERR_CONNECTION_TIMED_OUT" => Reason::Timeout,
        "ERR_TOO_MANY_REDIRECTS" => Reason::TooManyHops,
        "ERR_INVALID_REDIRECT"
        | "ERR_INVALID_URL"
        | "ERR_UNSAFE_PORT"
        | "ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION" => Reason::BadLocation,
        "ERR_UNSAFE_REDIRECT"
        | "ERR_UNKNOWN_URL_SCHEME"
        | "ERR_DISALLOWED_URL_SCHEME"
        | "ERR_ACCESS_DENIED" => Reason::UnsupportedScheme,
        _ if name.contains("CERT_") || name.contains("SSL_") || name.contains("PINNED_KEY") => Reason::Tls,
        _ => Reason::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_their_reasons() {
        for (error, reason) in [
            ("net::ERR_NAME_NOT_RESOLVED", Reason::Dns),
            ("net::ERR_CERT_DATE_INVALID", Reason::Tls),
            ("net::ERR_SSL_PROTOCOL_ERROR", Reason::Tls),
            ("net::ERR_BAD_SSL_CLIENT_AUTH_CERT", Reason::Tls),
            ("net::ERR_TOO_MANY_REDIRECTS", Reason::TooManyHops),
            ("net::ERR_UNSAFE_REDIRECT", Reason::UnsupportedScheme),
            ("net::ERR_UNSAFE_PORT", Reason::BadLocation),
            ("net::ERR_INVALID_REDIRECT", Reason::BadLocation),
            ("net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION", Reason::BadLocation),
            ("net::ERR_EMPTY_RESPONSE", Reason::Protocol),
            ("net::ERR_CONNECTION_RESET", Reason::Protocol),
            ("net::ERR_CONTENT_DECODING_FAILED", Reason::Protocol),
            ("net::ERR_UNEXPECTED_PROXY_AUTH", Reason::Protocol),
            ("net::ERR_SOMETHING_NEW", Reason::Protocol),
            ("net::ERR_TIMED_OUT", Reason::Timeout),
        ] {
            assert_eq!(reason_of(error, Some(Reason::ForbiddenAddress)), reason, "{error}");
        }
    }

    #[test]
    fn a_dial_that_failed_is_told_by_the_proxy() {
        let error = "net::ERR_SOCKS_CONNECTION_FAILED";
        assert_eq!(reason_of(error, Some(Reason::ForbiddenAddress)), Reason::ForbiddenAddress);
        assert_eq!(reason_of(error, Some(Reason::Dns)), Reason::Dns);
        assert_eq!(reason_of(error, None), Reason::Connect);
    }
}
