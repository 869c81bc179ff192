//! The time of one chain. It stands still while a page waits for its place in the script engine, and while a host's polite
//! turn is waited for: how busy this program is says nothing of the link.

use std::{
    future::Future,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

/// All that one page may wait for its place.
const PLACE_WAIT_MS_MAX: u64 = 120_000;
/// All that one chain may wait for polite turns; beyond it, waiting is its own time.
pub(crate) const TURN_WAIT_MS_MAX: u64 = 120_000;
/// How often a chain looks whether its time was moved.
const LOOK_MS: u64 = 500;

#[derive(Debug)]
pub(crate) struct Deadline(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    clock: Clock,
    /// What may still be waited for turns.
    turns_left: Duration,
}

#[derive(Debug, Clone, Copy)]
enum Clock {
    Running { until: Instant },
    AwaitsPlace { left: Duration, until: Instant },
    AwaitsTurn { since: Instant, until: Instant },
}

/// A wait for a turn; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct TurnWait<'a>(&'a Deadline);

impl Drop for TurnWait<'_> {
    fn drop(&mut self) {
        self.0.end_turn_wait();
    }
}

impl Deadline {
    pub(crate) fn after(total: Duration) -> Self {
        let clock = Clock::Running { until: Instant::now() + total };
        Self(Mutex::new(State { clock, turns_left: Duration::from_millis(TURN_WAIT_MS_MAX) }))
    }

    /// A page waits for its place.
    pub(crate) fn stop(&self) {
        let left = self.left();
        let until = Instant::now() + Duration::from_millis(PLACE_WAIT_MS_MAX);
        self.state().clock = Clock::AwaitsPlace { left, until };
    }

    /// It has its place, or needs none any more.
    pub(crate) fn go_on(&self) {
        let mut state = self.state();
        if let Clock::AwaitsPlace { left, .. } = state.clock {
            state.clock = Clock::Running { until: Instant::now() + left };
        }
    }

    /// A host's polite turn is waited for.
    pub(crate) fn await_turn(&self) -> TurnWait<'_> {
        let mut state = self.state();
        if let Clock::Running { until } = state.clock {
            state.clock = Clock::AwaitsTurn { since: Instant::now(), until };
        }
        TurnWait(self)
    }

    fn end_turn_wait(&self) {
        let mut state = self.state();
        if let Clock::AwaitsTurn { since, until } = state.clock {
            let spared = since.elapsed().min(state.turns_left);
            state.turns_left -= spared;
            state.clock = Clock::Running { until: until + spared };
        }
    }

    /// What the chain may still take.
    pub(crate) fn left(&self) -> Duration {
        match self.state().clock {
            Clock::Running { until } => until.saturating_duration_since(Instant::now()),
            Clock::AwaitsPlace { left, .. } => left,
            Clock::AwaitsTurn { since, until } => until.saturating_duration_since(since),
        }
    }

    /// What `work` gives, unless the time is up before.
    pub(crate) async fn bound<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            let look = Instant::now() + Duration::from_millis(LOOK_MS);
            if let Ok(done) = timeout_at(look.min(self.until()), &mut work).await {
                return Some(done);
            }
            if self.until() <= Instant::now() {
                return None;
            }
        }
    }

    fn until(&self) -> Instant {
        let state = *self.state();
        match state.clock {
            Clock::Running { until } | Clock::AwaitsPlace { until, .. } => until,
            Clock::AwaitsTurn { until, .. } => until + state.turns_left,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    const TOTAL: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn the_time_of_a_chain_is_up_once() {
        let deadline = Deadline::after(TOTAL);
        assert_eq!(deadline.bound(async { 1 }).await, Some(1));
        assert_eq!(deadline.bound(pending::<()>()).await, None);
        assert_eq!(deadline.left(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_place_is_not_the_chains_time_but_has_an_end() {
        let deadline = Deadline::after(TOTAL);
        let work = async {
            sleep(Duration::from_secs(10)).await;
            deadline.stop();
            sleep(Duration::from_secs(100)).await;
            deadline.go_on();
            deadline.left()
        };
        assert_eq!(deadline.bound(work).await, Some(Duration::from_secs(20)));
        deadline.stop();
        let begun = Instant::now();
        assert_eq!(deadline.bound(pending::<()>()).await, None);
        assert_eq!(begun.elapsed(), Duration::from_millis(PLACE_WAIT_MS_MAX));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_turns_is_not_the_chains_time_up_to_a_bound() {
        let deadline = Deadline::after(TOTAL);
        let wait = async |seconds| {
            let waiting = deadline.await_turn();
            sleep(Duration::from_secs(seconds)).await;
            drop(waiting);
            deadline.left()
        };
        assert_eq!(deadline.bound(wait(100)).await, Some(TOTAL));
        assert_eq!(deadline.bound(wait(30)).await, Some(Duration::from_secs(20)), "20 s of these were left");
        let begun = Instant::now();
        let _waiting = deadline.await_turn();
        assert_eq!(deadline.bound(pending::<()>()).await, None);
        assert_eq!(begun.elapsed(), Duration::from_secs(20));
    }
}
