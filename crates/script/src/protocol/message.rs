//! What is said on the line, and how much of it at most.

use serde::{Deserialize, Serialize};

use crate::task::{FetchAnswer, FetchFailure, FetchRequest, PageReport, PageTask};

/// Raised when a message changes its meaning; both sides are the same program, so any difference is an error.
pub(crate) const PROTOCOL: u32 = 2;
/// One frame to a worker: a document or a subresource of a few MiB, escaped as JSON.
pub(crate) const TO_WORKER_BYTES_MAX: usize = 24 * 1024 * 1024;
/// One frame from a worker: a report with a form's body is the longest.
pub(crate) const FROM_WORKER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Messages of one page to the engine, the reading of cookies included. A worker stops its page there; an engine ends a worker.
pub(crate) const MESSAGES_MAX: u32 = 10_000;
/// All of them together.
pub(crate) const MESSAGES_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Exit code of a worker that the system did not let confine itself.
pub(crate) const EXIT_UNCONFINED: u8 = 3;
/// Exit code of a worker whose line broke: the other side ended within a frame, or did not speak the protocol.
pub(crate) const EXIT_LINE_BROKEN: u8 = 4;

/// From the engine. A worker is sent one page in its life, and one answer to each of its questions.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    Page(PageTask),
    Fetched(Result<FetchAnswer, FetchFailure>),
    Cookies(String),
}

/// From a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// The first frame: the worker is confined and waits for its page.
    Ready { protocol: u32 },
    /// Answered by [`ToWorker::Fetched`].
    Fetch(FetchRequest),
    /// What `document.cookie` reads; answered by [`ToWorker::Cookies`].
    Cookies,
    /// `document.cookie = …`; has no answer.
    SetCookie(String),
    /// The last frame.
    Done(PageReport),
}
