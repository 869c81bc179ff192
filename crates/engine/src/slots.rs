//! A bounded number of places for work under way. A slot is held by whoever works and comes back when it is dropped.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long a worker without room waits for more of it once there is some: claiming one by one costs a transaction each.
const ROOM_LINGER_MS: u64 = 2;

#[derive(Debug)]
pub(crate) struct Slots {
    semaphore: Arc<Semaphore>,
    total: u32,
}

/// Free slots, taken together before it is known how many are needed.
#[derive(Debug)]
pub(crate) struct TakenSlots(OwnedSemaphorePermit);

/// One place.
#[derive(Debug)]
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    pub(crate) fn new(total: u32) -> Self {
        let total = total.max(1);
        Self {
            semaphore: Arc::new(Semaphore::new(usize::try_from(total).unwrap_or(Semaphore::MAX_PERMITS))),
            total,
        }
    }

    /// Takes what is free, at most `most`; `None` when nothing is.
    pub(crate) fn take(&self, most: u32) -> Option<TakenSlots> {
        let free = u32::try_from(self.semaphore.available_permits()).unwrap_or(u32::MAX).min(most);
        if free == 0 {
            return None;
        }
        Arc::clone(&self.semaphore).try_acquire_many_owned(free).ok().map(TakenSlots)
    }

    /// Completes when there is room: a quarter of all slots, or less after a short wait for more.
    pub(crate) async fn room(&self) {
        drop(self.semaphore.acquire().await);
        let quarter = (self.total / 4).max(1);
        let linger = Duration::from_millis(ROOM_LINGER_MS);
        drop(timeout(linger, self.semaphore.acquire_many(quarter)).await);
    }

    /// Completes when no slot is held.
    pub(crate) async fn all_free(&self) {
        drop(self.semaphore.acquire_many(self.total).await);
    }
}

impl TakenSlots {
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.0.num_permits()).unwrap_or(u32::MAX)
    }

    /// One of them; `None` when all are given out. What is left comes back when this is dropped.
    pub(crate) fn give(&mut self) -> Option<Slot> {
        self.0.split(1).map(|permit| Slot { _permit: permit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slots_come_back_when_dropped() {
        let slots = Slots::new(4);
        let mut taken = slots.take(3).unwrap();
        assert_eq!(taken.count(), 3);
        let one = taken.give().unwrap();
        drop(taken);
        assert_eq!(slots.take(10).unwrap().count(), 3);
        let rest = slots.take(10).unwrap();
        assert!(slots.take(1).is_none());
        drop((one, rest));
        slots.all_free().await;
        slots.room().await;
    }
}
