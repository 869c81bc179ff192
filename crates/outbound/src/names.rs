//! Looking up names: the seam tests feed answers through, and the system's DNS behind it.

use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::{
    TokioResolver,
    config::LookupIpStrategy,
    net::NetError,
    proto::rr::{RData, Record},
};

const QUERY_TIMEOUT_MS: u64 = 2_000;
const QUERY_ATTEMPTS: usize = 2;
const CACHED_ANSWERS_MAX: u64 = 4_096;
const POSITIVE_TTL_S_MAX: u64 = 300;
const NEGATIVE_TTL_S_MAX: u64 = 30;

/// Answers host names with every address they have, A and AAAA.
#[async_trait]
pub trait NameResolver: Send + Sync + fmt::Debug {
    /// `host` is lower-case punycode as `url` gives it, possibly with a trailing dot.
    async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, NameError>;

    /// The TXT records at a name, each as one text; none when there is no such name or record.
    async fn texts(&self, _name: &str) -> Result<Vec<String>, NameError> {
        Ok(Vec::new())
    }
}

/// Why a name has no addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("the name does not exist")]
    NoSuchName,
    #[error("the name has no address")]
    NoAddress,
    #[error("no name server answered ({detail})")]
    Unavailable { detail: String },
}

/// The system's resolver configuration and hosts file, read at the first lookup; answers are cached for their lifetime.
#[derive(Default)]
pub(crate) struct SystemNames {
    resolver: OnceLock<Result<TokioResolver, NameError>>,
}

impl fmt::Debug for SystemNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemNames")
    }
}

#[async_trait]
impl NameResolver for SystemNames {
    async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, NameError> {
        let resolver = self.resolver.get_or_init(system_resolver).as_ref().map_err(NameError::clone)?;
        let answer = resolver.lookup_ip(absolute(host)).await.map_err(|error| of_hickory(&error))?;
        Ok(answer.iter().collect())
    }

    async fn texts(&self, name: &str) -> Result<Vec<String>, NameError> {
        let resolver = self.resolver.get_or_init(system_resolver).as_ref().map_err(NameError::clone)?;
        match resolver.txt_lookup(absolute(name)).await.map_err(|error| of_hickory(&error)) {
            Ok(answer) => Ok(answer.answers().iter().filter_map(text).collect()),
            Err(NameError::NoSuchName | NameError::NoAddress) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// A record's strings belong together (RFC 7208 §3.3).
fn text(record: &Record) -> Option<String> {
    let RData::TXT(text) = &record.data else { return None };
    Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned())
}

/// Names of several labels are asked as they are; only single labels go through the system's search list, so that a public
/// name that does not exist never turns into one of the local domain.
fn absolute(host: &str) -> String {
    if host.contains('.') && !host.ends_with('.') { format!("{host}.") } else { host.to_owned() }
}

fn system_resolver() -> Result<TokioResolver, NameError> {
    let build = || {
        let mut builder = TokioResolver::builder_tokio()?;
        let options = builder.options_mut();
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.timeout = Duration::from_millis(QUERY_TIMEOUT_MS);
        options.attempts = QUERY_ATTEMPTS;
        options.cache_size = CACHED_ANSWERS_MAX;
        options.positive_max_ttl = Some(Duration::from_secs(POSITIVE_TTL_S_MAX));
        options.negative_max_ttl = Some(Duration::from_secs(NEGATIVE_TTL_S_MAX));
        builder.build()
    };
    build().map_err(|error: NetError| NameError::Unavailable { detail: error.to_string() })
}

fn of_hickory(error: &NetError) -> NameError {
    if error.is_nx_domain() {
        NameError::NoSuchName
    } else if error.is_no_records_found() {
        NameError::NoAddress
    } else {
        NameError::Unavailable { detail: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strings_of_a_record_are_one_text() {
        use hickory_resolver::proto::rr::{Name, rdata::TXT};

        let halves = TXT::new(vec!["hopline-".to_owned(), "token".to_owned()]);
        let record = Record::from_rdata(Name::root(), 60, RData::TXT(halves));
        assert_eq!(text(&record).as_deref(), Some("hopline-token"));
        let address =
            Record::from_rdata(Name::root(), 60, RData::A(std::net::Ipv4Addr::new(192, 0, 2, 1).into()));
        assert_eq!(text(&address), None);
    }

    #[test]
    fn only_single_labels_use_the_search_list() {
        assert_eq!(absolute("example.com"), "example.com.");
        assert_eq!(absolute("example.com."), "example.com.");
        assert_eq!(absolute("intranet"), "intranet");
    }
}
