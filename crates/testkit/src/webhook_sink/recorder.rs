//! What a receiver got, in order, in a bounded store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::received_request::ReceivedRequest;

/// Requests kept; further ones are only counted, and asking for the requests then fails the test.
const REQUESTS_MAX: usize = 100_000;
/// Paths counted by name; a test that needs more fails.
const PATHS_MAX: usize = 20_000;
/// Far beyond what any delivery takes, so that only a lost one runs into it.
const WAIT_DEADLINE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Recorder {
    kept: Mutex<Kept>,
    total: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: Vec<Arc<ReceivedRequest>>,
    by_path: HashMap<String, usize>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self { kept: Mutex::default(), total: watch::Sender::new(0) }
    }
}

impl Recorder {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn record(&self, request: ReceivedRequest) {
        let mut kept = self.kept();
        match kept.by_path.get_mut(request.path()) {
            Some(count) => *count += 1,
            None => {
                kept.by_path.insert(request.path().to_owned(), 1);
            }
        }
        assert!(kept.by_path.len() <= PATHS_MAX, "a sink counts at most {PATHS_MAX} paths");
        if kept.requests.len() < REQUESTS_MAX {
            kept.requests.push(Arc::new(request));
        }
        drop(kept);
        self.total.send_modify(|total| *total += 1);
    }

    pub(super) fn received(&self) -> Vec<Arc<ReceivedRequest>> {
        let total = *self.total.borrow();
        assert!(total <= REQUESTS_MAX, "a sink keeps at most {REQUESTS_MAX} requests and got {total}");
        self.kept().requests.clone()
    }

    pub(super) fn count(&self, path: &str) -> usize {
        self.kept().by_path.get(path).copied().unwrap_or_default()
    }

    pub(super) async fn wait_for(&self, count: usize) {
        let mut total = self.total.subscribe();
        let arrived = tokio::time::timeout(WAIT_DEADLINE, total.wait_for(|total| *total >= count)).await;
        assert!(arrived.is_ok(), "waited for {count} requests and got {}", *self.total.borrow());
    }
}
