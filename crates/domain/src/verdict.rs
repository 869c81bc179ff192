//! Verdicts: statements computed from a chain alone. Each is a pure function with its definition here.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// One statement: `value` is `None` when the verdict does not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict<T> {
    pub value: Option<T>,
    pub detail: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// Whether the destination lies on the registrable domain the caller expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_domain: Option<Verdict<bool>>,
    /// How many hops the chain has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop_count: Option<Verdict<u32>>,
}

/// Whether `final_url` is on the registrable domain (Public Suffix List) of `expected`; hosts without one are compared whole.
pub fn expected_domain(expected: Option<&str>, final_url: Option<&str>) -> Verdict<bool> {
    let (Some(expected), Some(final_url)) = (expected, final_url) else {
        return Verdict { value: None, detail: None };
    };
    let host =
        url::Url::parse(final_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let (want, got) = (registrable_domain(expected), registrable_domain(&host));
    let detail = (want != got).then(|| format!("expected {want}, ended on {got}"));
    Verdict { value: Some(want == got), detail }
}

/// The registrable domain of a host, lowercase, or the host itself when it is an address or the list knows none.
fn registrable_domain(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_address = host.parse::<Ipv4Addr>().is_ok();
    match psl::domain_str(&host).filter(|_| !is_address) {
        Some(domain) => domain.to_owned(),
        None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_registrable_domains() {
        let verdict = |expected, url| expected_domain(Some(expected), Some(url)).value;
        assert_eq!(verdict("example.co.uk", "https://shop.example.co.uk/a"), Some(true));
        assert_eq!(verdict("WWW.Example.com", "https://example.com./"), Some(true));
        assert_eq!(verdict("example.com", "https://example.com.evil.net/"), Some(false));
        assert_eq!(verdict("127.0.0.1", "http://127.0.0.1:80/"), Some(true));
        assert_eq!(verdict("10.9.0.1", "http://127.0.0.1/"), Some(false));
        assert_eq!(expected_domain(None, Some("https://example.com/")).value, None);
    }
}
