//! Which site a host belongs to: its registrable domain by the Public Suffix List, private suffixes included.

use std::net::Ipv4Addr;

use url::{Host, Url};

/// The registrable domain of a host, lowercase; the host itself when it is an address or the list knows none.
/// Names beyond ASCII are compared in their `xn--` form. `None` when `host` is no host.
pub(super) fn registrable_domain(host: &str) -> Option<String> {
    let host = Host::parse(host.trim_end_matches('.')).ok()?.to_string();
    let is_address = host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok();
    let domain = psl::domain_str(&host).filter(|_| !is_address).map(str::to_owned);
    Some(domain.unwrap_or(host))
}

/// The registrable domain of a URL's host.
pub(crate) fn site_of(url: &str) -> Option<String> {
    registrable_domain(Url::parse(url).ok()?.host_str()?)
}
