//! Connections waiting for their next use, by way and authority. HTTP/1 ones are lent, HTTP/2 ones are shared.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hopline_domain::address::Reach;
use tokio::time::Instant;

use crate::config::PoolLimits;
use crate::connection::Connection;
use crate::stopwatch;

/// Whether a connection speaks TLS: `http` and `https` to one authority never share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// How a connection gets to its authority. Connections of different ways are never shared: an origin would see one egress
/// where another was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) scheme: Scheme,
    /// The place of the egress among those configured; `None` is direct.
    pub(crate) egress: Option<usize>,
}

impl Way {
    fn index(self) -> usize {
        let scheme = usize::from(self.scheme == Scheme::Https);
        self.egress.map_or(0, |position| position + 1) * 2 + scheme
    }
}

#[derive(Debug)]
pub(crate) struct Pool {
    limits: PoolLimits,
    shelves: Mutex<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    /// By `Way::index`.
    by_way: Vec<Shelf>,
    idle: usize,
    /// Whether a sweeper runs; it ends when nothing is idle.
    swept: bool,
}

type Shelf = HashMap<Box<str>, VecDeque<Idle>>;

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
}

/// Whether the caller has to start a sweeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sweeper {
    Needed,
    Running,
}

impl Pool {
    pub(crate) fn new(limits: PoolLimits, egresses: usize) -> Self {
        let by_way = std::iter::repeat_with(Shelf::default).take((egresses + 1) * 2).collect();
        Self { limits, shelves: Mutex::new(Shelves { by_way, ..Shelves::default() }) }
    }

    /// A connection that was alive a moment ago and may be used for `reach`.
    pub(crate) async fn take(&self, way: Way, authority: &str, reach: Reach) -> Option<Connection> {
        loop {
            let mut connection = self.lock().take(way, authority, reach, self.oldest())?;
            if connection.is_ready().await {
                return Some(connection);
            }
            if connection.is_shared() {
                self.lock().forget_shared(way, authority);
            }
        }
    }

    /// Keeps a connection for its next use; the caller has seen that it is ready for one.
    pub(crate) fn put(&self, way: Way, connection: Connection) -> Sweeper {
        let mut shelves = self.lock();
        shelves.put(way, connection, &self.limits);
        let running = std::mem::replace(&mut shelves.swept, true);
        if running { Sweeper::Running } else { Sweeper::Needed }
    }

    /// Drops what has been idle too long; says whether anything is left to watch.
    pub(crate) fn sweep(&self) -> Sweeper {
        let oldest = self.oldest();
        let mut shelves = self.lock();
        shelves.expire(oldest);
        shelves.swept = shelves.idle > 0;
        if shelves.swept { Sweeper::Running } else { Sweeper::Needed }
    }

    pub(crate) fn clear(&self) {
        let mut shelves = self.lock();
        shelves.by_way.iter_mut().for_each(HashMap::clear);
        shelves.idle = 0;
    }

    pub(crate) fn idle_time(&self) -> Duration {
        Duration::from_millis(self.limits.idle_ms)
    }

    /// Connections idle since before this are no longer trusted.
    fn oldest(&self) -> Instant {
        let now = stopwatch::now();
        now.checked_sub(self.idle_time()).unwrap_or(now)
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        // A panic while the lock was held leaves at worst a miscounted shelf.
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelves {
    /// Invariant: `Pool::new` made a shelf for every way there is.
    fn shelf(&mut self, way: Way) -> &mut Shelf {
        &mut self.by_way[way.index()]
    }

    /// The connection used last is taken first: it is the least likely to be closed.
    fn take(&mut self, way: Way, authority: &str, reach: Reach, oldest: Instant) -> Option<Connection> {
        let waiting = self.shelf(way).get_mut(authority)?;
        let newest = waiting.back_mut()?;
        if newest.since < oldest {
            let expired = waiting.len();
            waiting.clear();
            self.idle -= expired;
            return None;
        }
        if reach == Reach::Named && !newest.connection.peer.in_named_net {
            return None;
        }
        if let Some(shared) = newest.connection.share() {
            newest.since = stopwatch::now();
            return Some(shared);
        }
        self.idle -= 1;
        self.shelf(way).get_mut(authority)?.pop_back().map(|idle| idle.connection)
    }

    fn put(&mut self, way: Way, connection: Connection, limits: &PoolLimits) {
        let Ok(authority) = connection.peer.authority.to_str().map(Box::<str>::from) else { return };
        if self.idle >= limits.idle_total_max {
            self.evict_oldest();
        }
        // Lent connections leave empty places behind; many more of them than connections are not worth keeping.
        let shelf = self.shelf(way);
        if shelf.len() >= limits.idle_total_max.saturating_mul(2) {
            shelf.retain(|_, waiting| !waiting.is_empty());
        }
        let waiting = shelf.entry(authority).or_default();
        let shared_already = connection.is_shared() && !waiting.is_empty();
        if shared_already || waiting.len() >= limits.idle_per_origin_max {
            return;
        }
        waiting.push_back(Idle { connection, since: stopwatch::now() });
        self.idle += 1;
    }

    fn evict_oldest(&mut self) {
        let shelves = self.by_way.iter_mut().flat_map(HashMap::values_mut);
        let oldest = shelves.filter(|waiting| !waiting.is_empty()).min_by_key(|waiting| waiting[0].since);
        if oldest.and_then(VecDeque::pop_front).is_some() {
            self.idle -= 1;
        }
    }

    fn forget_shared(&mut self, way: Way, authority: &str) {
        if let Some(waiting) = self.shelf(way).get_mut(authority) {
            let before = waiting.len();
            waiting.retain(|idle| !idle.connection.is_shared());
            let forgotten = before - waiting.len();
            self.idle -= forgotten;
        }
    }

    fn expire(&mut self, oldest: Instant) {
        let mut idle = 0;
        for shelf in &mut self.by_way {
            shelf.retain(|_, waiting| {
                waiting.retain(|idle| idle.since >= oldest);
                idle += waiting.len();
                !waiting.is_empty()
            });
        }
        self.idle = idle;
    }
}
