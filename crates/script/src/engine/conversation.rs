//! The talk with one worker about its one page: questions answered by the host, within bounds, until the report.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, timeout};

use super::{host::PageHost, pipe::Heard, process::WorkerProcess};
use crate::{
    protocol::{
        FrameError, FromWorker, MESSAGES_BYTES_MAX, MESSAGES_MAX, TO_WORKER_BYTES_MAX, ToWorker, encode,
    },
    task::{FetchAnswer, FetchFailure, FetchRequest, PageReport},
};

/// What a page may still take.
pub(super) struct Allowance {
    time: Duration,
    messages: u32,
    bytes: usize,
    fetches: u32,
}

impl Allowance {
    pub(super) fn new(time: Duration, fetches: u32) -> Self {
        Self { time, messages: MESSAGES_MAX, bytes: MESSAGES_BYTES_MAX, fetches }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Breach> {
        self.messages = self.messages.checked_sub(1).ok_or(Breach::TooMuch)?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Breach::TooMuch)?;
        Ok(())
    }

    /// Waits for the worker on the page's time.
    pub(super) async fn wait<T>(&mut self, worker: impl Future<Output = T>) -> Result<T, Breach> {
        let start = Instant::now();
        let outcome = timeout(self.time, worker).await.map_err(|_| Breach::OutOfTime);
        self.time = self.time.saturating_sub(start.elapsed());
        outcome
    }
}

/// Why the talk ended without a report.
#[derive(Debug)]
pub(super) enum Breach {
    OutOfTime,
    /// The process ended, or closed its side.
    Ended,
    /// More messages, or larger ones, than any page needs.
    TooMuch,
    OutOfTurn,
    Frame(FrameError),
}

/// Sends the page and answers until its report arrives.
pub(super) async fn converse(
    worker: &mut WorkerProcess,
    host: &mut dyn PageHost,
    mut left: Allowance,
) -> Result<PageReport, Breach> {
    loop {
        let heard = left.wait(worker.hear()).await?.map_err(Breach::Frame)?;
        let Heard { message, bytes } = heard.ok_or(Breach::Ended)?;
        left.count(bytes)?;
        let answer = match message {
            FromWorker::Done(report) => return Ok(report),
            FromWorker::Ready { .. } => return Err(Breach::OutOfTurn),
            FromWorker::SetCookie(cookie) => {
                host.set_cookie(&cookie).await;
                continue;
            }
            FromWorker::Cookies => ToWorker::Cookies(host.cookies().await),
            FromWorker::Fetch(request) => ToWorker::Fetched(fetch(host, request, &mut left.fetches).await),
        };
        let frame = frame(&answer).map_err(Breach::Frame)?;
        left.wait(worker.say(&frame)).await?.map_err(|_| Breach::Ended)?;
    }
}

async fn fetch(
    host: &mut dyn PageHost,
    request: FetchRequest,
    fetches_left: &mut u32,
) -> Result<FetchAnswer, FetchFailure> {
    *fetches_left = fetches_left.checked_sub(1).ok_or(FetchFailure::Budget)?;
    host.fetch(request).await
}

/// An answer beyond what a worker can be sent is one the page does not get.
fn frame(answer: &ToWorker) -> Result<Vec<u8>, FrameError> {
    match encode(answer, TO_WORKER_BYTES_MAX) {
        Err(FrameError::TooLong { .. }) => encode(&refusal(answer), TO_WORKER_BYTES_MAX),
        encoded => encoded,
    }
}

fn refusal(answer: &ToWorker) -> ToWorker {
    match answer {
        ToWorker::Cookies(_) => ToWorker::Cookies(String::new()),
        ToWorker::Page(_) | ToWorker::Fetched(_) => ToWorker::Fetched(Err(FetchFailure::Budget)),
    }
}
