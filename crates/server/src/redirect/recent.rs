//! What was read of the store a moment ago: bounded, one read at a time for one key, and still there when the store is not.

use std::{fmt, hash::Hash, time::Duration};

use hopline_domain::{store::StoreError, time::Timestamp};
use quick_cache::{Weighter, sync::Cache};
use tokio::sync::Mutex;

/// Changes made on other nodes are seen after this time at the latest.
const AGE_MAX_MS: i64 = 30_000;
/// While the store is down, what is known is served for so long before the store is asked again.
const OUTAGE_PAUSE_MS: i64 = 2_000;
/// How long a visitor waits for a link nobody has asked for yet.
const READ_MAX: Duration = Duration::from_secs(2);
/// How long a visitor waits for news of a link that is known.
const REFRESH_MAX: Duration = Duration::from_millis(250);
/// Keys that share a turn wait for each other's reads.
const TURNS: usize = 256;

/// The store can't be asked, and nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outage;

/// When something is asked for, and the generation its answer must be of: what was read before a change is not served after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    pub(super) generation: u64,
}

/// A value and about how many bytes it takes.
#[derive(Clone, Debug)]
pub(super) struct Weighed<V> {
    pub(super) value: V,
    pub(super) bytes: u32,
}

pub(super) struct Recent<K, V> {
    entries: Cache<K, Kept<V>, ByBytes>,
    turns: Box<[Mutex<()>]>,
}

#[derive(Clone)]
struct Kept<V> {
    weighed: Weighed<V>,
    checked_at: Timestamp,
    generation: u64,
}

#[derive(Clone, Copy)]
struct ByBytes;

impl<K, V> Weighter<K, Kept<V>> for ByBytes {
    fn weight(&self, _: &K, kept: &Kept<V>) -> u64 {
        kept.weighed.bytes.into()
    }
}

impl<V> Kept<V> {
    fn is_fresh(&self, moment: Moment) -> bool {
        let age_ms = moment.now.since_ms(self.checked_at);
        self.generation == moment.generation && (0..AGE_MAX_MS).contains(&age_ms)
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Recent<K, V> {
    /// Holds about so many bytes; `entries` is a guess of how many values that is.
    pub(super) fn new(entries: usize, bytes_max: u64) -> Self {
        let turns = (0..TURNS).map(|_| Mutex::default()).collect();
        Self { entries: Cache::with_weighter(entries, bytes_max, ByBytes), turns }
    }

    /// What is known, or else what `read` tells; `Outage` only when neither tells anything.
    pub(super) async fn find(
        &self,
        key: &K,
        moment: Moment,
        read: impl Future<Output = Result<Weighed<V>, StoreError>>,
    ) -> Result<V, Outage> {
        let kept = self.entries.get(key);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_fresh(moment)) {
            return Ok(kept.weighed.value.clone());
        }
        let stale = kept.filter(|kept| kept.generation == moment.generation);
        let patience = if stale.is_some() { REFRESH_MAX } else { READ_MAX };
        match tokio::time::timeout(patience, self.read_in_turn(key, moment, read)).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => tracing::warn!(%error, "a short link can't be read"),
            Err(_) => tracing::warn!("a short link can't be read in time"),
        }
        let weighed = stale.ok_or(Outage)?.weighed;
        let value = weighed.value.clone();
        self.keep(key, weighed, Moment { now: moment.now.minus_ms(AGE_MAX_MS - OUTAGE_PAUSE_MS), ..moment });
        Ok(value)
    }

    async fn read_in_turn(
        &self,
        key: &K,
        moment: Moment,
        read: impl Future<Output = Result<Weighed<V>, StoreError>>,
    ) -> Result<V, StoreError> {
        let turn = self.entries.shard_index(key) % self.turns.len();
        let _turn = self.turns[turn].lock().await;
        // Who waited finds what the one before read.
        if let Some(kept) = self.entries.get(key).filter(|kept| kept.is_fresh(moment)) {
            return Ok(kept.weighed.value);
        }
        let weighed = read.await?;
        let value = weighed.value.clone();
        self.keep(key, weighed, moment);
        Ok(value)
    }

    fn keep(&self, key: &K, weighed: Weighed<V>, moment: Moment) {
        let Moment { now: checked_at, generation } = moment;
        self.entries.insert(key.clone(), Kept { weighed, checked_at, generation });
    }
}

impl<K, V> fmt::Debug for Recent<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const fn at(ms: i64, generation: u64) -> Moment {
        Moment { now: Timestamp(1_000_000 + ms), generation }
    }

    fn recent() -> Recent<u32, u32> {
        Recent::new(100, 10_000)
    }

    fn read(value: u32) -> Ready<Result<Weighed<u32>, StoreError>> {
        ready(Ok(Weighed { value, bytes: 1 }))
    }

    fn down() -> Ready<Result<Weighed<u32>, StoreError>> {
        ready(Err(StoreError::Unavailable { detail: "down".to_owned() }))
    }

    #[tokio::test]
    async fn what_is_known_is_not_asked_again_until_it_ages() {
        let recent = recent();
        assert_eq!(recent.find(&1, at(0, 0), read(5)).await, Ok(5));
        assert_eq!(recent.find(&1, at(AGE_MAX_MS - 1, 0), read(6)).await, Ok(5));
        assert_eq!(recent.find(&1, at(AGE_MAX_MS, 0), read(7)).await, Ok(7));
    }

    #[tokio::test]
    async fn a_change_is_seen_at_once() {
        let recent = recent();
        assert_eq!(recent.find(&1, at(0, 0), read(5)).await, Ok(5));
        assert_eq!(recent.find(&1, at(1, 1), read(6)).await, Ok(6));
        // What was read before a change must not be served after it, not even in an outage.
        assert_eq!(recent.find(&1, at(2, 2), down()).await, Err(Outage));
    }

    #[tokio::test]
    async fn an_outage_leaves_what_is_known() {
        let recent = recent();
        assert_eq!(recent.find(&1, at(0, 0), read(5)).await, Ok(5));
        assert_eq!(recent.find(&1, at(AGE_MAX_MS, 0), down()).await, Ok(5));
        // For a while the store is left alone; then it is asked again.
        assert_eq!(recent.find(&1, at(AGE_MAX_MS + OUTAGE_PAUSE_MS - 1, 0), read(6)).await, Ok(5));
        assert_eq!(recent.find(&1, at(AGE_MAX_MS + OUTAGE_PAUSE_MS, 0), read(7)).await, Ok(7));
        assert_eq!(recent.find(&2, at(0, 0), down()).await, Err(Outage));
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_hangs_is_an_outage() {
        let recent = recent();
        assert_eq!(recent.find(&1, at(0, 0), std::future::pending()).await, Err(Outage));
        assert_eq!(recent.find(&1, at(0, 0), read(5)).await, Ok(5));
        assert_eq!(recent.find(&1, at(AGE_MAX_MS, 0), std::future::pending()).await, Ok(5));
    }

    #[tokio::test]
    async fn many_who_ask_at_once_cost_one_read() {
        let (recent, reads) = (recent(), AtomicU32::new(0));
        let slow = || async {
            reads.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            read(5).await
        };
        let all = futures_util::future::join_all((0..50).map(|_| recent.find(&1, at(0, 0), slow()))).await;
        assert!(all.iter().all(|found| *found == Ok(5)));
        assert_eq!(reads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn memory_is_bounded() {
        let recent = Recent::<u32, u32>::new(100, 1_000);
        for key in 0..1_000 {
            let read = async { Ok(Weighed { value: key, bytes: 100 }) };
            assert_eq!(recent.find(&key, at(0, 0), read).await, Ok(key));
        }
        assert!(recent.entries.weight() <= 1_000, "{}", recent.entries.weight());
    }
}
