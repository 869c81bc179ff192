//! `GET /v1/events/stream`: new events as Server-Sent Events (HTML Standard §9.2), from where the reader left off.
//!
//! A stream reads the store only as fast as its reader takes what it got; who takes nothing for too long is let go.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::stream;
use hopline_domain::{
    event::EventType,
    id::WorkspaceId,
    problem::ProblemCode,
    store::{LoggedEvent, StoreError},
};
use http::{HeaderMap, HeaderValue, header};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::{Instant, timeout, timeout_at},
};

use crate::{
    app::{App, AppState},
    auth::{Authorized, WebhooksRead},
    extract::{FromQuery, ListQuery, QueryReader},
    problem::Problem,
};

/// Events one look at the store brings.
const BATCH_EVENTS: u32 = 100;
/// Pieces made and not yet taken by the connection: at most so many events of 64 KiB.
const PIECES_MAX: usize = 16;
/// Something is sent at least this often, so that proxies and readers know the stream lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A reader that takes nothing for so long is let go.
const SLOW_READER: Duration = Duration::from_secs(30);
/// A stream ends after this and is opened again by its reader: keys may have been revoked meanwhile.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// The store says when there is more; this is for what it could not say.
const POLL: Duration = Duration::from_secs(5);
const LAST_EVENT_ID: &str = "last-event-id";

/// Which events, and after which.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamQuery {
    event_type: Option<EventType>,
    after: Option<i64>,
}

impl FromQuery for StreamQuery {
    fn read(query: &mut QueryReader) -> Self {
        let event_type = query.parsed("type", "give the name of an event, as link.created");
        let after = query.parameter("after", "give the `seq` of an event", parse_seq);
        Self { event_type, after }
    }
}

fn parse_seq(text: &str) -> Option<i64> {
    text.parse().ok().filter(|seq| *seq >= 0)
}

/// Stream events
///
/// Server-Sent Events: `id` is the event's `seq`, `event` its name, `data` its body as endpoints get it. `Last-Event-ID`, or `?after=`, goes on
/// after that event; without it only new events are sent. A comment every 15 s keeps the line alive.
#[utoipa::path(
    get, path = "/v1/events/stream", tag = "webhooks", security(("bearer" = ["webhooks:read"])),
    params(
        ("type" = Option<String>, Query, description = "Only events of one name."),
        ("after" = Option<i64>, Query, description = "The `seq` after which to begin, if there is no `Last-Event-ID`."),
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event you got."),
    ),
    responses((status = 200, description = "The stream.", content_type = "text/event-stream", body = String)),
    extensions(("x-problems" = json!(["invalid_request", "overloaded"]))),
)]
pub(crate) async fn stream_events(
    State(app): State<AppState>,
    auth: Authorized<WebhooksRead>,
    ListQuery(query): ListQuery<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = match headers.get(LAST_EVENT_ID) {
        None => query.after,
        Some(value) => Some(value.to_str().ok().and_then(parse_seq).ok_or_else(|| {
            Problem::of_fault("Last-Event-ID", "malformed", "give the id of an event of this stream")
        })?),
    };
    let place = Arc::clone(&app.stream_places)
        .try_acquire_owned()
        .map_err(|_| Problem::new(ProblemCode::Overloaded, "too many streams are open").retry_after(10))?;
    let after = match last {
        Some(seq) => seq,
        None => app.parts.store.event_last_seq().await?,
    };
    let (pieces, taken) = mpsc::channel(PIECES_MAX);
    let scope = (auth.caller().workspace_id, query.event_type);
    app.streams.spawn(Pump { app: Arc::clone(&app), scope, after, pieces, _place: place }.run());
    Ok(answer(taken))
}

fn answer(taken: mpsc::Receiver<Bytes>) -> Response {
    let body = stream::unfold(taken, async |mut taken| {
        taken.recv().await.map(|piece| (Ok::<_, std::convert::Infallible>(piece), taken))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// Fills one stream.
struct Pump {
    app: Arc<App>,
    scope: (WorkspaceId, Option<EventType>),
    /// The last event that was sent.
    after: i64,
    pieces: mpsc::Sender<Bytes>,
    _place: OwnedSemaphorePermit,
}

/// The reader is gone, too slow, or the server stops.
struct Over;

impl Pump {
    async fn run(mut self) {
        let closing = self.app.closing.clone();
        let pumped = timeout(LIFETIME, self.pump());
        let _over = closing.run_until_cancelled(pumped).await;
    }

    async fn pump(&mut self) -> Result<(), Over> {
        self.send(Bytes::from_static(b": hello\n\n")).await?;
        let mut quiet_until = Instant::now() + HEARTBEAT;
        loop {
            // Listening begins before looking: what comes in between is not missed.
            let mut raised = pin!(Arc::clone(&self.app.parts.wake).listen_events());
            match self.read().await {
                Ok(events) if !events.is_empty() => {
                    for event in events {
                        self.send(piece_of(&event)).await?;
                        self.after = event.seq;
                    }
                    quiet_until = Instant::now() + HEARTBEAT;
                    continue;
                }
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "a stream could not read the events and tries again"),
            }
            let look_again = quiet_until.min(Instant::now() + POLL);
            tokio::select! {
                _ = timeout_at(look_again, raised.as_mut()) => {}
                () = self.pieces.closed() => return Err(Over),
            }
            if Instant::now() >= quiet_until {
                self.send(Bytes::from_static(b":\n\n")).await?;
                quiet_until = Instant::now() + HEARTBEAT;
            }
        }
    }

    async fn read(&self) -> Result<Vec<LoggedEvent>, StoreError> {
        let (workspace_id, event_type) = self.scope;
        self.app.parts.store.event_after(workspace_id, event_type, self.after, BATCH_EVENTS).await
    }

    async fn send(&self, piece: Bytes) -> Result<(), Over> {
        match timeout(SLOW_READER, self.pieces.send(piece)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over),
        }
    }
}

/// Bodies are JSON on one line, as everything the server writes.
fn piece_of(event: &LoggedEvent) -> Bytes {
    let mut piece = BytesMut::with_capacity(event.body.len() + 64);
    piece.put(format!("id: {}\nevent: {}\ndata: ", event.seq, event.event_type.as_str()).as_bytes());
    piece.put(event.body.as_slice());
    piece.put(&b"\n\n"[..]);
    piece.freeze()
}
