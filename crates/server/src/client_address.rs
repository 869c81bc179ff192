//! Who is calling: the peer, or, when the peer is a trusted proxy, the rightmost address it vouches for that is not one.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address (contracts §9). Headers of peers that are not trusted are not read.
///
/// When both headers are there and name different clients, one of them was written by the client itself and passed
/// through untouched; nothing tells which, so the peer it stays.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if trusted.is_empty() || !is_trusted(peer, trusted) {
        return peer;
    }
    let forwarded =
        elements(headers, &header::FORWARDED).map(|all| walk(peer, &all, trusted, forwarded_address));
    let listed = elements(headers, &X_FORWARDED_FOR).map(|all| walk(peer, &all, trusted, listed_address));
    match (forwarded, listed) {
        (Some(one), Some(other)) if one != other => peer,
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => peer,
    }
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// The comma-separated elements of all lines of a header; `None` when it is absent or no text.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Vec<&'a str>> {
    let lines: Option<Vec<&str>> = headers.get_all(name).iter().map(|line| line.to_str().ok()).collect();
    let lines = lines.filter(|lines| !lines.is_empty())?;
    Some(lines.into_iter().flat_map(|line| line.split(',')).map(str::trim).collect())
}

/// From the right, past trusted proxies; what can't be read ends the walk at the last address known.
fn walk(peer: IpAddr, elements: &[&str], trusted: &[IpNet], read: fn(&str) -> Option<IpAddr>) -> IpAddr {
    let mut current = peer;
    for element in elements.iter().rev() {
        if !is_trusted(current, trusted) {
            break;
        }
        let Some(address) = read(element) else { break };
        current = address;
    }
    current
}

/// An element of `X-Forwarded-For`: an address, with or without a port.
fn listed_address(element: &str) -> Option<IpAddr> {
    let bracketed = element.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inner, _)| inner);
    let address = bracketed.unwrap_or(element).parse::<IpAddr>();
    address
        .or_else(|_| element.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .map(|ip| ip.to_canonical())
}

/// The `for` parameter of an element of `Forwarded` (RFC 7239 §4).
fn forwarded_address(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    let unquoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    listed_address(unquoted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(peer: &str, headers: &[(&str, &str)]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::try_from(*name).unwrap(), value.parse().unwrap()))
            .collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn headers_of_strangers_are_not_read() {
        assert_eq!(address("203.0.113.1", &[("x-forwarded-for", "198.51.100.7")]), "203.0.113.1");
        assert_eq!(address("::ffff:203.0.113.1", &[]), "203.0.113.1");
    }

    #[test]
    fn the_rightmost_untrusted_address_wins() {
        for (headers, expected) in [
            (vec![("x-forwarded-for", "1.1.1.1, 198.51.100.7, 10.2.2.2")], "198.51.100.7"),
            (vec![("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.7")], "198.51.100.7"),
            (vec![("x-forwarded-for", "198.51.100.7:4711")], "198.51.100.7"),
            (vec![("x-forwarded-for", "10.1.1.1")], "10.1.1.1"),
            (vec![("forwarded", "for=1.1.1.1, for=\"[2606:4700::1]:8080\";proto=https")], "2606:4700::1"),
            (vec![("forwarded", "proto=https;For=198.51.100.7")], "198.51.100.7"),
            (vec![("forwarded", "for=1.1.1.1, for=_hidden")], "10.0.0.1"),
            (vec![("x-forwarded-for", "1.1.1.1, garbage")], "10.0.0.1"),
            (vec![], "10.0.0.1"),
        ] {
            assert_eq!(address("10.0.0.1", &headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn disagreeing_headers_prove_nothing() {
        let both = [("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(address("10.0.0.1", &both), "10.0.0.1");
        let agreeing = [("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "1.1.1.1")];
        assert_eq!(address("10.0.0.1", &agreeing), "1.1.1.1");
    }

    proptest! {
        #[test]
        fn never_panics(text in "[ -~]{0,60}") {
            address("10.0.0.1", &[("forwarded", &text), ("x-forwarded-for", &text)]);
        }
    }
}
