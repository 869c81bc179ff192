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
