//! Reading a response body: as much as the plan wants, never more than the limit, whatever the sender does.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::{Instant, timeout_at};

use crate::coding;
use crate::connection::DrivenBody;
use crate::error::{ExchangeError, Phase, of_hyper};
use crate::exchange::BodyEnd;
use crate::request::BodyPlan;
use crate::stopwatch;

/// A rest this small is read to save the connection; a larger one costs more than a new connection.
const DRAINED_BYTES_MAX: u64 = 16 * 1024;
/// Nobody waits longer than this for bytes nobody wants.
const DRAIN_MS: u64 = 50;

/// What was read, and where reading ended.
#[derive(Debug)]
pub(crate) struct ReadBody {
    pub(crate) bytes: Bytes,
    pub(crate) end: BodyEnd,
    pub(crate) rest: Rest,
}

/// Whether unread bytes stand between the connection and its next use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    None,
    Unread,
}

/// Reads `body` by `plan` until `deadline`; `bytes_max` bounds it before and after decoding. What was read by then is kept.
pub(crate) async fn read(
    body: DrivenBody<'_>,
    headers: &HeaderMap,
    plan: BodyPlan,
    bytes_max: usize,
    deadline: Instant,
) -> ReadBody {
    let bytes_max = match plan {
        BodyPlan::Discard => return discard(body, deadline).await,
        BodyPlan::Prefix { bytes_max: prefix } => prefix.min(bytes_max),
        BodyPlan::Read => bytes_max,
    };
    match coding::of(headers) {
        Ok(codings) if codings.is_empty() || body.is_end_stream() => {
            read_plain(body, bytes_max, deadline).await
        }
        Ok(codings) => coding::read(body, &codings, bytes_max, deadline).await,
        Err(error) => ReadBody { bytes: Bytes::new(), end: BodyEnd::Failed(error), rest: Rest::Unread },
    }
}

async fn read_plain(body: DrivenBody<'_>, bytes_max: usize, deadline: Instant) -> ReadBody {
    let mut read = Collected::default();
    let filled = timeout_at(deadline, fill(body, bytes_max, &mut read)).await;
    let (end, rest) = filled.unwrap_or_else(|_| (out_of_time(), Rest::Unread));
    ReadBody { bytes: read.into_bytes(), end, rest }
}

/// How a body ends that the deadline cut.
pub(crate) fn out_of_time() -> BodyEnd {
    BodyEnd::Failed(ExchangeError::Timeout { phase: Phase::Receive })
}

async fn fill(mut body: DrivenBody<'_>, bytes_max: usize, read: &mut Collected) -> (BodyEnd, Rest) {
    while let Some(frame) = body.frame().await {
        let chunk = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(error) => return (BodyEnd::Failed(of_hyper(&error)), Rest::Unread),
        };
        let room = bytes_max - read.len();
        if chunk.len() > room {
            read.push(chunk.slice(..room));
            return (BodyEnd::Limit, Rest::Unread);
        }
        read.push(chunk);
    }
    (BodyEnd::Complete, Rest::None)
}

/// Chunks joined; a body of one chunk, as most are, is not copied.
#[derive(Debug, Default)]
struct Collected {
    first: Bytes,
    all: BytesMut,
}

impl Collected {
    fn len(&self) -> usize {
        self.first.len().max(self.all.len())
    }

    fn push(&mut self, chunk: Bytes) {
        if self.len() == 0 {
            self.first = chunk;
            return;
        }
        if self.all.is_empty() {
            self.all.extend_from_slice(&self.first);
        }
        self.all.extend_from_slice(&chunk);
    }

    fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}

async fn discard(mut body: DrivenBody<'_>, deadline: Instant) -> ReadBody {
    let rest = if body.is_end_stream() {
        Rest::None
    } else if body.size_hint().upper().is_some_and(|bytes| bytes > DRAINED_BYTES_MAX) {
        Rest::Unread
    } else {
        let patience = stopwatch::after_ms(DRAIN_MS).min(deadline);
        timeout_at(patience, drain(&mut body)).await.unwrap_or(Rest::Unread)
    };
    ReadBody { bytes: Bytes::new(), end: BodyEnd::Discarded, rest }
}

async fn drain(body: &mut DrivenBody<'_>) -> Rest {
    let mut left = DRAINED_BYTES_MAX;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Rest::Unread };
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        let Some(rest) = left.checked_sub(bytes) else { return Rest::Unread };
        left = rest;
    }
    Rest::None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_chunk_is_kept_as_it_is_and_more_are_joined() {
        let chunk = Bytes::from_static(b"one");
        let mut one = Collected::default();
        one.push(chunk.clone());
        assert_eq!(one.into_bytes().as_ptr(), chunk.as_ptr());

        let mut three = Collected::default();
        for chunk in [&b"one"[..], b"", b"two", b"three"] {
            three.push(Bytes::from_static(chunk));
        }
        assert_eq!(three.into_bytes(), "onetwothree");
    }
}
