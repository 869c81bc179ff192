//! The time of one chain. It stands still while a page waits for its place in the script engine: how busy this program is
//! says nothing of the link.

use std::{
    future::Future,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

/// All that one page may wait for its place.
const PLACE_WAIT_MS_MAX: u64 = 120_000;
/// How often a chain looks whether its time was moved.
const LOOK_MS: u64 = 500;

#[derive(Debug)]
pub(crate) struct Deadline(Mutex<State>);

#[derive(Debug, Clone, Copy)]
enum State {
    Running { until: Instant },
    Waiting { left: Duration, until: Instant },
}

impl Deadline {
    pub(crate) fn after(total: Duration) -> Self {
        Self(Mutex::new(State::Running { until: Instant::now() + total }))
    }

    /// A page waits for its place.
    pub(crate) fn stop(&self) {
        let left = self.left();
        let until = Instant::now() + Duration::from_millis(PLACE_WAIT_MS_MAX);
        *self.state() = State::Waiting { left, until };
    }

    /// It has its place, or needs none any more.
    pub(crate) fn go_on(&self) {
        let mut state = self.state();
        if let State::Waiting { left, .. } = *state {
            *state = State::Running { until: Instant::now() + left };
        }
    }

    /// What the chain may still take.
    pub(crate) fn left(&self) -> Duration {
        match *self.state() {
            State::Running { until } => until.saturating_duration_since(Instant::now()),
            State::Waiting { left, .. } => left,
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
        match *self.state() {
            State::Running { until } | State::Waiting { until, .. } => until,
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
}
