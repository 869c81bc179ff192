//! Keys by the hash of their secret, for a moment: most requests then ask nothing of the store.
//!
//! A change made through this server is seen at once, one made elsewhere after the time to live.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hopline_domain::{
    store::{AuthenticatedKey, Store, StoreError},
    time::Timestamp,
};

const KEY_CACHE_MAX: usize = 10_000;
const KEY_CACHE_TTL_MS: i64 = 2_000;

type Hash = [u8; 32];

#[derive(Debug, Default)]
pub(crate) struct KeyCache {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    by_hash: HashMap<Hash, (Timestamp, Arc<AuthenticatedKey>)>,
    /// Counts invalidations: what was read before one is not kept after it.
    generation: u64,
}

impl KeyCache {
    /// The key with that hash, whatever its state. Unknown keys are not remembered.
    pub(crate) async fn find(
        &self,
        store: &dyn Store,
        hash: Hash,
        now: Timestamp,
    ) -> Result<Option<Arc<AuthenticatedKey>>, StoreError> {
        let generation = {
            let entries = self.lock();
            if let Some(key) = entries.fresh(&hash, now) {
                return Ok(Some(key));
            }
            entries.generation
        };
        let found = store.key_authenticate(hash).await?.map(Arc::new);
        if let Some(key) = &found {
            self.lock().keep(generation, hash, now, key);
        }
        Ok(found)
    }

    /// Forgets everything: a key was changed.
    pub(crate) fn invalidate(&self) {
        let mut entries = self.lock();
        entries.by_hash.clear();
        entries.generation += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn fresh(&self, hash: &Hash, now: Timestamp) -> Option<Arc<AuthenticatedKey>> {
        let (read_at, key) = self.by_hash.get(hash)?;
        (0..KEY_CACHE_TTL_MS).contains(&now.since_ms(*read_at)).then(|| Arc::clone(key))
    }

    fn keep(&mut self, generation: u64, hash: Hash, now: Timestamp, key: &Arc<AuthenticatedKey>) {
        if generation != self.generation {
            return;
        }
        if self.by_hash.len() >= KEY_CACHE_MAX {
            self.by_hash.clear();
        }
        self.by_hash.insert(hash, (now, Arc::clone(key)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::rate_limits::tests::key;

    #[test]
    fn entries_age_and_are_forgotten() {
        let cache = KeyCache::default();
        let (hash, now) = ([1; 32], Timestamp(10_000));
        cache.lock().keep(0, hash, now, &Arc::new(key(None)));
        assert!(cache.lock().fresh(&hash, now.plus_ms(1_999)).is_some());
        assert!(cache.lock().fresh(&hash, now.plus_ms(2_000)).is_none());
        assert!(cache.lock().fresh(&hash, now.minus_ms(1)).is_none());
        cache.invalidate();
        assert!(cache.lock().fresh(&hash, now).is_none());
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = KeyCache::default();
        let generation = cache.lock().generation;
        cache.invalidate();
        cache.lock().keep(generation, [1; 32], Timestamp(0), &Arc::new(key(None)));
        assert!(cache.lock().by_hash.is_empty());
    }
}
