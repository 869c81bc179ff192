//! A local web that redirects in every way there is, byte for byte where bytes matter, and counts its visitors.

mod oracle;
mod zoo;

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::answer::Answer;
use crate::listening::Listening;
use crate::received_request::ReceivedRequest;
use crate::wire::{self, Responder};

/// Paths whose visits are counted; visits to further ones are served and not counted.
const COUNTED_PATHS_MAX: usize = 100_000;

/// Serves, in this order: what a test put there, the recorded cases under `/c/`, the zoo (see its module), the page FINAL.
#[derive(Debug)]
pub struct LinkFarm {
    listening: Listening,
    fields: Arc<Fields>,
}

impl LinkFarm {
    pub async fn start() -> Self {
        let fields = Arc::new(Fields { cases: oracle::cases(), ..Fields::default() });
        let serving = Arc::clone(&fields);
        let listening = Listening::start(move |stream| {
            let fields = Arc::clone(&serving);
            async move { wire::serve_connection(stream, None, &*fields).await }
        });
        Self { listening: listening.await, fields }
    }

    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// The URL of a path on this farm, by address.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Answers `path` with these bytes from now on.
    pub fn serve_raw(&self, path: &str, bytes: impl Into<Bytes>) {
        self.serve(path, Answer::raw(bytes));
    }

    /// Answers `path` this way from now on.
    pub fn serve(&self, path: &str, answer: Answer) {
        self.serve_with(path, move |_| answer.clone());
    }

    /// Answers `path` by what is asked from now on.
    pub fn serve_with(
        &self,
        path: &str,
        answer: impl Fn(&ReceivedRequest) -> Answer + Send + Sync + 'static,
    ) {
        locked(&self.fields.planted).insert(path.to_owned(), Arc::new(answer));
    }

    /// The most requests that were waiting for their answer at one time.
    pub fn most_at_once(&self) -> usize {
        locked(&self.fields.waiting).most
    }

    /// Visits to `path`, whatever their query.
    pub fn hits(&self, path: &str) -> usize {
        locked(&self.fields.visits).get(path).map_or(0, |visits| visits.count)
    }

    /// The newest request to `path`.
    pub fn last_request(&self, path: &str) -> Option<ReceivedRequest> {
        locked(&self.fields.visits).get(path).map(|visits| visits.last.clone())
    }

    /// Closes the port and every connection.
    pub async fn stop(&self) {
        self.listening.stop().await;
    }
}

type Planted = Arc<dyn Fn(&ReceivedRequest) -> Answer + Send + Sync>;

#[derive(Default)]
struct Fields {
    planted: Mutex<HashMap<String, Planted>>,
    cases: HashMap<String, Bytes>,
    visits: Mutex<HashMap<String, Visits>>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    now: usize,
    most: usize,
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fields").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Visits {
    count: usize,
    last: ReceivedRequest,
}

impl Fields {
    fn pick(&self, request: &ReceivedRequest) -> Answer {
        let path = request.path();
        let planted = locked(&self.planted).get(path).cloned();
        planted
            .map(|answer| answer(request))
            .or_else(|| self.cases.get(path).cloned().map(Answer::raw))
            .or_else(|| oracle::fixed(path))
            .or_else(|| zoo::answer(request))
            .unwrap_or_else(|| oracle::final_page(&request.method))
    }

    fn count(&self, request: ReceivedRequest) {
        let mut visits = locked(&self.visits);
        if let Some(known) = visits.get_mut(request.path()) {
            known.count += 1;
            known.last = request;
        } else if visits.len() < COUNTED_PATHS_MAX {
            visits.insert(request.path().to_owned(), Visits { count: 1, last: request });
        }
    }
}

impl Responder for Fields {
    fn answer(&self, request: ReceivedRequest) -> Answer {
        let answer = self.pick(&request);
        self.count(request);
        let mut waiting = locked(&self.waiting);
        waiting.now += 1;
        waiting.most = waiting.most.max(waiting.now);
        answer
    }

    fn answering(&self) {
        locked(&self.waiting).now -= 1;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
