//! The accept loop: HTTP/1.1 and HTTP/2 over TCP, with bounds on connections, heads and idle time.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, rt::Executor, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

use crate::context::Peer;

/// Connections open at once; further ones wait in the listen queue.
const CONNECTIONS_MAX: usize = 8_192;
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;
/// For a whole head to arrive, and for an idle connection to speak again.
const HEAD_READ_MAX: Duration = Duration::from_secs(30);
/// From the connection to its first whole head: hyper's own bound begins only when it knows which HTTP is spoken.
const FIRST_HEAD_MAX: Duration = Duration::from_secs(30);
/// The same, once the server stops: half a head must not hold it up.
const LAST_HEAD_MAX: Duration = Duration::from_secs(1);
const STREAMS_MAX: u32 = 256;
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEP_ALIVE_ANSWER_MAX: Duration = Duration::from_secs(10);
/// After a failed accept (no file descriptors left): long enough for some to be freed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` until `stop` is cancelled, then lets open requests end. Every task is spawned on `tracker` (I13).
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, tracker: TaskTracker) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let builder = builder(&tracker);
    while let Some((stream, peer, place)) = stop.run_until_cancelled(accept(&listener, &places)).await {
        let connection = Connection { stream, peer, place, router: router.clone(), builder: builder.clone() };
        tracker.spawn(connection.run(stop.clone()));
    }
}

/// Spawns what HTTP/2 needs beside the connection on the tracker.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

fn builder(tracker: &TaskTracker) -> Builder<Tracked> {
    let mut builder = Builder::new(Tracked(tracker.clone()));
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_READ_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS_MAX)
        .keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_ANSWER_MAX);
    builder
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is always a place to wait for.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    /// Given back when the connection ends.
    place: Option<OwnedSemaphorePermit>,
    router: Router,
    builder: Builder<Tracked>,
}

impl Connection {
    async fn run(self, stop: CancellationToken) {
        let Self { stream, peer, place, router, builder } = self;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "failed to set TCP_NODELAY");
        }
        let has_asked = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&has_asked);
        let service = service_fn(move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(Peer(peer));
            router.clone().call(request)
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = silence(&has_asked, FIRST_HEAD_MAX) => Ok(()),
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection => ended,
                    () = silence(&has_asked, LAST_HEAD_MAX) => Ok(()),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, %peer, "a connection ended early");
        }
        drop(place);
    }
}

/// Ends after `patience` with a connection that has said nothing that is a request; never, once it has.
async fn silence(has_asked: &AtomicBool, patience: Duration) {
    tokio::time::sleep(patience).await;
    if has_asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_those_that_never_asked_are_cut_off() {
        let cut_off = async |has_asked| {
            let (has_asked, patience) = (AtomicBool::new(has_asked), FIRST_HEAD_MAX);
            tokio::time::timeout(patience * 2, silence(&has_asked, patience)).await.is_ok()
        };
        assert!(cut_off(false).await);
        assert!(!cut_off(true).await);
    }
}
