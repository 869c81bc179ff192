//! When and from where keys were last used, kept in memory and written now and then.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hopline_domain::{
    id::KeyId,
    store::{KeyUse, Store},
};

/// How often uses are written.
pub(crate) const KEY_USES_FLUSH: Duration = Duration::from_secs(10);
/// Keys whose use is remembered between two writes; the uses of further ones are not told.
const KEY_USES_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct KeyUses(Mutex<HashMap<KeyId, KeyUse>>);

impl KeyUses {
    pub(crate) fn note(&self, key_use: KeyUse) {
        let mut uses = self.lock();
        if uses.len() < KEY_USES_MAX || uses.contains_key(&key_use.key_id) {
            uses.insert(key_use.key_id, key_use);
        }
    }

    /// Writes what was noted. What can't be written is dropped: the next use tells it again.
    pub(crate) async fn flush(&self, store: &dyn Store) {
        let uses: Vec<KeyUse> = self.lock().drain().map(|(_, key_use)| key_use).collect();
        if uses.is_empty() {
            return;
        }
        if let Err(error) = store.key_touch(uses).await {
            tracing::warn!(%error, "failed to write when keys were used");
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyId, KeyUse>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
