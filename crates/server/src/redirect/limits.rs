//! `max_clicks`, exact: people's clicks of limited links are counted here before they are answered.
//!
//! A link's counter begins with what is stored once every click journalled before is folded; then it is never evicted.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hopline_domain::{click::JournalOffset, id::LinkId, short_link::Allowance, store::StoreError};
use tokio::sync::OnceCell;

use super::recent::Outage;
use crate::app::App;

/// How long the first visit to a limited link waits until its clicks are counted.
const COUNT_MAX: Duration = Duration::from_secs(2);
const FOLD_POLL: Duration = Duration::from_millis(10);
/// Bits that remember which links without a limit were clicked since the process began.
const CLICKED_WORDS: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Limits {
    counters: Mutex<HashMap<LinkId, Arc<OnceCell<AtomicU64>>>>,
    clicked: Box<[AtomicU64]>,
    /// Where the journal ended before this process answered anything.
    begun_at: JournalOffset,
}

impl Limits {
    pub(super) fn new(begun_at: JournalOffset) -> Self {
        let clicked = (0..CLICKED_WORDS).map(|_| AtomicU64::new(0)).collect();
        Self { counters: Mutex::default(), clicked, begun_at }
    }

    /// Must be told of every click of a person on a link without a limit, before it is journalled: one may be set later.
    pub(super) fn note_unlimited(&self, link_id: LinkId) {
        let (word, bit) = self.bit(link_id);
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::AcqRel);
        }
    }

    /// Whether one more click would find room.
    pub(super) async fn allowance(&self, app: &App, link_id: LinkId, max: u64) -> Result<Allowance, Outage> {
        let counter = self.counter(app, link_id).await?;
        let count = counter.get().map_or(u64::MAX, |count| count.load(Ordering::Acquire));
        Ok(if count < max { Allowance::Left } else { Allowance::Spent })
    }

    /// Takes room for one click, if there is any left.
    pub(super) async fn take(&self, app: &App, link_id: LinkId, max: u64) -> Result<Allowance, Outage> {
        let counter = self.counter(app, link_id).await?;
        let more = |count: u64| (count < max).then_some(count + 1);
        let taken = counter.get().map(|count| count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more));
        Ok(if matches!(taken, Some(Ok(_))) { Allowance::Left } else { Allowance::Spent })
    }

    /// Gives room back that no click took.
    pub(super) fn give_back(&self, link_id: LinkId) {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counters.get(&link_id).and_then(|counter| counter.get()) {
            count.fetch_sub(1, Ordering::AcqRel);
        }
    }

    async fn counter(&self, app: &App, link_id: LinkId) -> Result<Arc<OnceCell<AtomicU64>>, Outage> {
        let cell = {
            let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(counters.entry(link_id).or_default())
        };
        if !cell.initialized() {
            // Whoever waits for another's count waits no longer than for its own.
            let counted = cell.get_or_try_init(|| self.count(app, link_id));
            match tokio::time::timeout(COUNT_MAX, counted).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, %link_id, "the clicks of a limited link can't be counted");
                    return Err(Outage);
                }
                Err(_) => {
                    tracing::warn!(%link_id, "the clicks of a limited link are not folded in time");
                    return Err(Outage);
                }
            }
        }
        Ok(cell)
    }

    /// People's clicks as stored, once all that may be this link's are.
    async fn count(&self, app: &App, link_id: LinkId) -> Result<AtomicU64, StoreError> {
        let (word, bit) = self.bit(link_id);
        let was_clicked = word.load(Ordering::Acquire) & bit != 0;
        let needed = if was_clicked { app.parts.click_feed.end() } else { self.begun_at };
        while !is_folded(app, needed).await? {
            tokio::time::sleep(FOLD_POLL).await;
        }
        let counts = app.parts.store.link_counts(vec![link_id]).await?;
        Ok(AtomicU64::new(counts.first().map_or(0, |count| count.humans)))
    }

    fn bit(&self, link_id: LinkId) -> (&AtomicU64, u64) {
        // The end of an id is random.
        let [.., a, b, c, d] = *link_id.0.as_bytes();
        let hash = u32::from_be_bytes([a, b, c, d]);
        let place = usize::try_from(hash >> 6).unwrap_or_default() % CLICKED_WORDS;
        (&self.clicked[place], 1 << (hash & 63))
    }
}

/// Whether every click before a place of the journal is folded. Not every place holds a click.
async fn is_folded(app: &App, needed: JournalOffset) -> Result<bool, StoreError> {
    let folded = app.parts.store.click_folded_until().await?;
    if folded >= needed {
        return Ok(true);
    }
    let unfolded = app.parts.click_feed.read(folded, 1).await;
    let unfolded = unfolded.map_err(|error| StoreError::Unavailable { detail: error.detail })?;
    Ok(unfolded.clicks.is_empty() && (unfolded.next >= needed || unfolded.next <= folded))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn links_clicked_without_a_limit_are_remembered() {
        let limits = Limits::new(JournalOffset(0));
        let (one, other) = (LinkId(Uuid::from_u128(77)), LinkId(Uuid::from_u128(78)));
        limits.note_unlimited(one);
        let is_marked = |id| {
            let (word, bit) = limits.bit(id);
            word.load(Ordering::Acquire) & bit != 0
        };
        assert!(is_marked(one) && !is_marked(other));
    }
}
