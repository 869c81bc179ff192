//! What one link's proxy did: where each host led, what was refused and why, and what it cost.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hopline_domain::outcome::Reason;
use url::Url;

/// Destinations remembered; further ones are served and forgotten.
const DESTINATIONS_MAX: usize = 1_024;

/// The newest dial to a host and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialled {
    /// The address that was judged and connected to.
    Connected(SocketAddr),
    Refused(Reason),
}

#[derive(Debug)]
pub(crate) struct Ledger {
    dialled: Mutex<HashMap<(String, u16), Dialled>>,
    spent_bytes: AtomicU64,
    bytes_max: u64,
}

impl Ledger {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self { dialled: Mutex::default(), spent_bytes: AtomicU64::new(0), bytes_max }
    }

    /// What became of the connection a URL needs.
    pub(crate) fn find(&self, url: &Url) -> Option<Dialled> {
        let (host, port) = (url.host()?.to_string(), url.port_or_known_default()?);
        self.locked().get(&(host, port)).copied()
    }

    /// Whether the link has used up its bytes; its connections were cut then.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent_bytes.load(Ordering::Relaxed) > self.bytes_max
    }

    pub(super) fn record(&self, host: &str, port: u16, dialled: Dialled) {
        let mut known = self.locked();
        if known.len() < DESTINATIONS_MAX || known.contains_key(&(host.to_owned(), port)) {
            known.insert((host.to_owned(), port), dialled);
        }
    }

    /// Counts bytes passed on; `false` when they are more than the link may have.
    pub(super) fn spend(&self, bytes: usize) -> bool {
        let before = self.spent_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        before.saturating_add(bytes as u64) <= self.bytes_max
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(String, u16), Dialled>> {
        self.dialled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_finds_its_newest_dial() {
        let ledger = Ledger::new(10);
        let address: SocketAddr = "192.0.2.1:443".parse().unwrap();
        ledger.record("a.test", 443, Dialled::Refused(Reason::Dns));
        ledger.record("a.test", 443, Dialled::Connected(address));
        ledger.record("[::1]", 80, Dialled::Refused(Reason::ForbiddenAddress));
        let find = |url: &str| ledger.find(&Url::parse(url).unwrap());
        assert_eq!(find("https://a.test/x#y"), Some(Dialled::Connected(address)));
        assert_eq!(find("http://a.test/"), None);
        assert_eq!(find("http://[::1]/"), Some(Dialled::Refused(Reason::ForbiddenAddress)));
        assert_eq!(find("mailto:a@b"), None);
    }

    #[test]
    fn bytes_run_out_once_and_for_all() {
        let ledger = Ledger::new(10);
        assert!(ledger.spend(4) && ledger.spend(6) && !ledger.is_spent());
        assert!(!ledger.spend(1) && ledger.is_spent() && !ledger.spend(0));
    }
}
