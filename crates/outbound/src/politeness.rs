//! Per-host politeness: how many exchanges one host bears at a time, and how soon after another. For links only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::config::PolitenessLimits;
use crate::stopwatch;

#[derive(Debug)]
pub(crate) struct Politeness {
    limits: PolitenessLimits,
    hosts: Mutex<HashMap<Box<str>, Host>>,
}

#[derive(Debug)]
struct Host {
    places: Arc<Semaphore>,
    /// The earliest start of the next exchange.
    next_start: Instant,
}

/// A place at one host; dropping it lets the next exchange begin.
#[derive(Debug)]
pub(crate) struct Turn {
    _place: Option<OwnedSemaphorePermit>,
}

impl Politeness {
    pub(crate) fn new(limits: PolitenessLimits) -> Self {
        Self { limits, hosts: Mutex::default() }
    }

    /// Waits until `host` may be asked.
    pub(crate) async fn turn(&self, host: &str) -> Turn {
        let places = self.places(host);
        // The semaphore is never closed, so a place always comes.
        let place = places.acquire_owned().await.ok();
        if self.limits.interval_ms > 0 {
            tokio::time::sleep_until(self.start(host)).await;
        }
        Turn { _place: place }
    }

    fn places(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.get(host) {
            return known.places.clone();
        }
        if hosts.len() >= self.limits.hosts_max {
            let now = stopwatch::now();
            // A host someone waits for or talks to has its semaphore held outside this map.
            hosts.retain(|_, host| Arc::strong_count(&host.places) > 1 || host.next_start > now);
        }
        let places = Arc::new(Semaphore::new(self.limits.per_host_max.max(1)));
        hosts.insert(host.into(), Host { places: places.clone(), next_start: stopwatch::now() });
        places
    }

    /// Reserves the next start.
    fn start(&self, host: &str) -> Instant {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stopwatch::now();
        let Some(known) = hosts.get_mut(host) else { return now };
        let start = known.next_start.max(now);
        known.next_start = start + Duration::from_millis(self.limits.interval_ms);
        start
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn politeness(interval_ms: u64, hosts_max: usize) -> Politeness {
        Politeness::new(PolitenessLimits { per_host_max: 1, interval_ms, hosts_max })
    }

    #[tokio::test]
    async fn one_host_gives_as_many_turns_as_it_bears() {
        let politeness = politeness(0, 8);
        let turn = politeness.turn("a.test").await;
        assert!(politeness.turn("a.test").now_or_never().is_none(), "the only place is taken");
        assert!(politeness.turn("b.test").now_or_never().is_some());
        drop(turn);
        assert!(politeness.turn("a.test").now_or_never().is_some());
    }

    #[tokio::test]
    async fn starts_at_one_host_keep_their_distance() {
        let politeness = politeness(50, 8);
        politeness.turn("a.test").await;
        let starts = [(); 3].map(|()| politeness.start("a.test"));
        for pair in starts.windows(2) {
            assert_eq!(pair[1] - pair[0], Duration::from_millis(50));
        }
    }

    #[tokio::test]
    async fn quiet_hosts_are_forgotten() {
        let politeness = politeness(0, 2);
        let busy = politeness.turn("busy.test").await;
        for host in ["a.test", "b.test", "c.test"] {
            politeness.turn(host).await;
        }
        let hosts = politeness.hosts.lock().unwrap();
        assert!(hosts.len() <= 3, "{}", hosts.len());
        assert!(hosts.contains_key("busy.test"));
        drop(busy);
    }
}
