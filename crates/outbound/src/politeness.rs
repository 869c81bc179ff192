//! Per-host politeness: how many exchanges one host bears at a time, how soon after another, and how long it is left
//! alone when it asks for that. For links only, and for every one of their requests: each hop has its own host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

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
    /// Until then the host wants to be left alone.
    paused_until: Instant,
}

/// A place at one host; dropping it lets the next exchange begin.
#[derive(Debug)]
#[must_use = "a turn that is dropped is given away"]
pub struct Turn {
    _place: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Where nobody is spared.
    pub(crate) const fn free() -> Self {
        Self { _place: None }
    }
}

impl Politeness {
    pub(crate) fn new(limits: PolitenessLimits) -> Self {
        Self { limits, hosts: Mutex::default() }
    }

    /// Waits until `host` may be asked. The caller bounds the wait.
    pub(crate) async fn turn(&self, host: &str) -> Turn {
        let places = self.places(host);
        // The semaphore is never closed, so a place always comes.
        let place = places.acquire_owned().await.ok();
        let mut start = self.start(host);
        while start > stopwatch::now() {
            sleep_until(start).await;
            // A pause that began meanwhile holds this exchange up too; then it keeps its distance anew.
            if self.is_paused(host) {
                start = self.start(host);
            }
        }
        Turn { _place: place }
    }

    /// Leaves `host` alone for as long as it asks, up to the bound. Exchanges under way are not held up.
    pub(crate) fn pause(&self, host: &str, asked: Duration) {
        let pause = asked.min(Duration::from_millis(self.limits.pause_ms_max));
        if let Some(known) = self.lock().get_mut(host) {
            known.paused_until = known.paused_until.max(stopwatch::now() + pause);
        }
    }

    fn is_paused(&self, host: &str) -> bool {
        self.lock().get(host).is_some_and(|known| known.paused_until > stopwatch::now())
    }

    fn places(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.lock();
        if let Some(known) = hosts.get(host) {
            return known.places.clone();
        }
        self.make_room(&mut hosts);
        let places = Arc::new(Semaphore::new(self.limits.per_host_max.max(1)));
        let now = stopwatch::now();
        hosts.insert(host.into(), Host { places: places.clone(), next_start: now, paused_until: now });
        places
    }

    /// Forgets hosts nobody waits for or talks to; those that are to be left alone only when there are too many of them.
    fn make_room(&self, hosts: &mut HashMap<Box<str>, Host>) {
        if hosts.len() < self.limits.hosts_max {
            return;
        }
        let now = stopwatch::now();
        hosts.retain(|_, host| host.is_busy() || host.next_start.max(host.paused_until) > now);
        if hosts.len() >= self.limits.hosts_max {
            hosts.retain(|_, host| host.is_busy());
        }
    }

    /// Reserves the next start, after any pause known by now.
    fn start(&self, host: &str) -> Instant {
        let mut hosts = self.lock();
        let now = stopwatch::now();
        let Some(known) = hosts.get_mut(host) else { return now };
        let start = known.next_start.max(known.paused_until).max(now);
        known.next_start = start + Duration::from_millis(self.limits.interval_ms);
        start
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Host>> {
        // A panic while the lock was held leaves at worst a host too many.
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    /// A semaphore held outside the map is one somebody waits at or has a place of.
    fn is_busy(&self) -> bool {
        Arc::strong_count(&self.places) > 1
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn politeness(interval_ms: u64, hosts_max: usize) -> Politeness {
        Politeness::new(PolitenessLimits { per_host_max: 1, interval_ms, pause_ms_max: 60_000, hosts_max })
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
        drop(politeness.turn("a.test").await);
        let starts = [(); 3].map(|()| politeness.start("a.test"));
        for pair in starts.windows(2) {
            assert_eq!(pair[1] - pair[0], Duration::from_millis(50));
        }
    }

    #[tokio::test]
    async fn a_host_that_asks_for_it_is_left_alone_and_no_other() {
        let politeness = politeness(0, 8);
        for host in ["a.test", "b.test"] {
            drop(politeness.turn(host).await);
        }
        politeness.pause("a.test", Duration::from_secs(30));
        politeness.pause("unknown.test", Duration::from_secs(30));
        assert!(politeness.turn("a.test").now_or_never().is_none());
        for host in ["b.test", "unknown.test"] {
            assert!(politeness.turn(host).now_or_never().is_some(), "{host}");
        }
    }

    #[tokio::test]
    async fn a_pause_is_bounded_and_never_made_shorter() {
        let politeness = politeness(0, 8);
        drop(politeness.turn("a.test").await);
        let before = stopwatch::now();
        politeness.pause("a.test", Duration::MAX);
        let until = politeness.start("a.test");
        let bound = Duration::from_secs(60);
        assert!(until - before >= bound && until <= stopwatch::now() + bound);
        politeness.pause("a.test", Duration::from_secs(1));
        assert_eq!(politeness.start("a.test"), until);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_begins_while_a_turn_is_waited_for_holds_it_up() {
        let politeness = politeness(20, 8);
        drop(politeness.turn("a.test").await);
        let mut turn = std::pin::pin!(politeness.turn("a.test"));
        assert!(turn.as_mut().now_or_never().is_none(), "it waits for its start");
        let before = stopwatch::now();
        politeness.pause("a.test", Duration::from_millis(60));
        drop(turn.await);
        assert!(stopwatch::now() - before >= Duration::from_millis(60));
    }

    #[tokio::test]
    async fn quiet_hosts_are_forgotten_and_busy_ones_are_not() {
        let politeness = politeness(0, 2);
        let busy = politeness.turn("busy.test").await;
        for host in ["a.test", "b.test", "c.test", "d.test"] {
            drop(politeness.turn(host).await);
            politeness.pause(host, Duration::from_secs(60));
        }
        let hosts = politeness.lock();
        assert!(hosts.len() <= 3, "{}", hosts.len());
        assert!(hosts.contains_key("busy.test"));
        drop(busy);
    }
}
