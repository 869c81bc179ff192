//! The line between the engine and a worker: JSON frames over the worker's standard input and output.
//!
//! What a worker writes is not trusted: every length and count is bounded before anything is kept.

mod frame;
mod message;

pub(crate) use frame::{FrameError, HEAD_BYTES, body_bytes, encode, read};
pub(crate) use message::{
    EXIT_LINE_BROKEN, EXIT_UNCONFINED, FROM_WORKER_BYTES_MAX, FromWorker, MESSAGES_BYTES_MAX, MESSAGES_MAX,
    PROTOCOL, TO_WORKER_BYTES_MAX, ToWorker,
};
