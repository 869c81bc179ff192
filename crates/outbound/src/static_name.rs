//! `--resolve HOST:PORT:ADDR[,ADDR]…`: names answered by the operator instead of DNS, as curl spells them.

use std::net::IpAddr;
use std::str::FromStr;

use url::Host;

/// Addresses for one host, or `*` for every host, on one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticName {
    /// In the form `url` gives hosts: lower case, punycode; `None` stands for every host.
    host: Option<String>,
    port: u16,
    addresses: Vec<IpAddr>,
}

/// Why an entry can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read {entry:?}: {reason}, write HOST:PORT:ADDR[,ADDR]")]
pub struct StaticNameError {
    entry: String,
    reason: &'static str,
}

impl FromStr for StaticName {
    type Err = StaticNameError;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        let refused = |reason| StaticNameError { entry: entry.to_owned(), reason };
        // curl's `+` asks for an expiring entry; entries never expire here but are cheap to accept.
        let mut parts = entry.strip_prefix('+').unwrap_or(entry).splitn(3, ':');
        let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refused("it has not three parts"));
        };
        let port = port.parse().map_err(|_| refused("its port is no number up to 65535"))?;
        let addresses: Result<Vec<IpAddr>, _> = addresses.split(',').map(parse_address).collect();
        let addresses = addresses.map_err(|_| refused("its address is no IP address"))?;
        let host = match host {
            "*" => None,
            _ => Some(Host::parse(host).map_err(|_| refused("its host is no host name"))?.to_string()),
        };
        Ok(Self { host, port, addresses })
    }
}

fn parse_address(text: &str) -> Result<IpAddr, std::net::AddrParseError> {
    text.trim_start_matches('[').trim_end_matches(']').parse()
}

/// The addresses the entries give `host:port`; an entry for the host beats `*`, a later one an earlier.
pub(crate) fn find<'a>(entries: &'a [StaticName], host: &str, port: u16) -> Option<&'a [IpAddr]> {
    let on_port = || entries.iter().rev().filter(|entry| entry.port == port);
    let exact = on_port().find(|entry| entry.host.as_deref() == Some(host));
    let any = || on_port().find(|entry| entry.host.is_none());
    exact.or_else(any).map(|entry| entry.addresses.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> StaticName {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_curl_reads() {
        let found = entry("Example.COM:443:127.0.0.1,[::1]");
        let [v4, v6] = ["127.0.0.1", "::1"].map(|text| text.parse::<IpAddr>().unwrap());
        assert_eq!(find(&[found], "example.com", 443), Some([v4, v6].as_slice()));
        assert_eq!(entry("+a.test:80:::1").addresses, [v6]);
    }

    #[test]
    fn refuses_what_is_no_entry() {
        for text in [
            "",
            "a.test",
            "a.test:80",
            "a.test:http:127.0.0.1",
            "a.test:80:",
            "a.test:80:b.test",
            "a b:80:::1",
        ] {
            assert!(text.parse::<StaticName>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_host_beats_the_star_and_the_later_entry_the_earlier() {
        let entries = ["a.test:80:127.0.0.1", "*:80:127.0.0.2", "a.test:80:127.0.0.3"].map(entry);
        let first = |host, port| find(&entries, host, port).map(|found| found[0].to_string());
        assert_eq!(first("a.test", 80).as_deref(), Some("127.0.0.3"));
        assert_eq!(first("b.test", 80).as_deref(), Some("127.0.0.2"));
        assert_eq!(first("a.test", 81), None);
    }
}
