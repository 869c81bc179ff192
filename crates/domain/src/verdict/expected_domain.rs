//! `expected_domain`: whether the destination lies on the registrable domain the caller expected.
//!
//! Both sides are reduced by the Public Suffix List; addresses, and names without a registrable domain, are compared
//! whole. No value without an expectation or without a destination; a link that nobody was asked for, and that names no other,
//! has none.

use super::{
    Verdict,
    registrable_domain::{registrable_domain, site_of},
};
use crate::chain::Chain;

pub(super) fn expected_domain(chain: &Chain, expected: Option<&str>) -> Verdict<bool> {
    let (Some(expected), Some(final_url)) = (expected, chain.final_url.as_deref()) else {
        return Verdict::NOT_APPLICABLE;
    };
    if chain.engine.is_none() && chain.hops.len() < 2 {
        return Verdict::NOT_APPLICABLE;
    }
    let Some(want) = registrable_domain(expected) else {
        let detail = format!("{expected:?} is no host name, so nothing can be expected of it");
        return Verdict { value: None, detail: Some(detail) };
    };
    let got = site_of(final_url).unwrap_or_default();
    if want == got {
        return Verdict::plain(true);
    }
    Verdict::explained(false, format!("expected {want}, ended on {got}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain_samples::{ended, redirects},
        outcome::Reason,
    };

    fn value(expected: &str, final_url: &str) -> Option<bool> {
        expected_domain(&redirects(&["https://a.example/", final_url]), Some(expected)).value
    }

    #[test]
    fn compares_registrable_domains() {
        for (expected, final_url, same) in [
            ("example.com", "https://example.com/", true),
            ("example.com", "https://shop.example.com/a?b#c", true),
            ("shop.example.com", "https://example.com/", true),
            ("example.co.uk", "https://shop.example.co.uk/a", true),
            ("example.co.uk", "https://other.co.uk/", false),
            ("co.uk", "https://example.co.uk/", false),
            ("WWW.Example.com", "https://example.com./", true),
            ("example.com.", "https://example.com/", true),
            ("example.com", "https://example.com.evil.net/", false),
            ("example.com", "https://notexample.com/", false),
            ("example.com", "https://example.org/", false),
            ("example.com", "https://user@example.com:8443/", true),
            ("example.com", "https://example.com@evil.net/", false),
            ("one.github.io", "https://two.github.io/", false),
            ("bücher.example", "https://www.xn--bcher-kva.example/", true),
            ("BÜCHER.example", "https://bücher.example/", true),
            ("127.0.0.1", "http://127.0.0.1:80/", true),
            ("10.9.0.1", "http://127.0.0.1/", false),
            ("0x7f.1", "http://127.0.0.1/", true),
            ("[::1]", "http://[::1]:8080/", true),
            ("localhost", "http://localhost/", true),
            ("example.com", "intent://x", false),
        ] {
            assert_eq!(value(expected, final_url), Some(same), "{expected} {final_url}");
        }
    }

    #[test]
    fn applies_only_with_an_expectation_and_a_destination() {
        let chain = redirects(&["https://example.com/"]);
        assert_eq!(expected_domain(&chain, None), Verdict::NOT_APPLICABLE);
        assert_eq!(value("not a host", "https://example.com/"), None);
        assert_eq!(expected_domain(&ended(chain, Reason::Dns), Some("example.com")), Verdict::NOT_APPLICABLE);
    }

    #[test]
    fn says_where_it_ended_instead() {
        let verdict = expected_domain(&redirects(&["https://www.b.example/"]), Some("www.a.example"));
        assert_eq!(verdict.detail.as_deref(), Some("expected a.example, ended on b.example"));
    }
}
