//! One live connection to one origin.
//!
//! An HTTP/1 connection has no task of its own: whoever uses it drives it, which saves two wake-ups an exchange. An
//! HTTP/2 connection is shared, so its driver runs on the room's tracker.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hopline_domain::chain::Tls;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio_util::task::TaskTracker;

use crate::error::{ExchangeError, of_hyper};
use crate::stream::Stream;

/// What HTTP/2 may hold for us before we read it.
const H2_STREAM_WINDOW_BYTES: u32 = 256 * 1024;
const H2_CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// The least hyper accepts as the bound of an HTTP/1 buffer.
const BUFFER_BYTES_MIN: usize = 8 * 1024;
/// The count matters only for memory; the size limit of the head is what stops a flood.
const HEADERS_MAX: usize = 256;

pub(crate) type Sent = Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>>;

/// Who is at the other end.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) remote_addr: SocketAddr,
    pub(crate) tls: Option<Arc<Tls>>,
    /// Whether every answer that led here lay in a named net.
    pub(crate) in_named_net: bool,
    /// `host[:port]`, as the `Host` header and the pool know it.
    pub(crate) authority: HeaderValue,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) peer: Arc<Peer>,
    protocol: Protocol,
}

#[derive(Debug)]
enum Protocol {
    Http1 { sender: http1::SendRequest<Full<Bytes>>, driver: Driver },
    Http2 { sender: http2::SendRequest<Full<Bytes>> },
}

/// The HTTP/1 state machine; empty once the connection is over.
#[derive(Debug)]
struct Driver(Option<Box<http1::Connection<TokioIo<Stream>, Full<Bytes>>>>);

impl Driver {
    fn poll(&mut self, cx: &mut Context<'_>) {
        // What went wrong reaches the waiting request or body; the driver's own result adds nothing.
        let over = self.0.as_mut().is_some_and(|connection| Pin::new(connection).poll(cx).is_ready());
        if over {
            self.0 = None;
        }
    }
}

/// Starts HTTP on a fresh stream.
#[derive(Debug)]
pub(crate) struct Starter {
    http1: http1::Builder,
    http2: http2::Builder<OnTracker>,
    tracker: TaskTracker,
}

impl Starter {
    pub(crate) fn new(header_bytes_max: usize, tracker: TaskTracker) -> Self {
        let mut http1 = http1::Builder::new();
        // What browsers forgive in a response head.
        http1
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .title_case_headers(true)
            .max_header_size(header_bytes_max)
            .max_buf_size(header_bytes_max.max(BUFFER_BYTES_MIN))
            .max_headers(HEADERS_MAX);
        let mut http2 = http2::Builder::new(OnTracker(tracker.clone()));
        http2
            .timer(TokioTimer::new())
            .initial_stream_window_size(H2_STREAM_WINDOW_BYTES)
            .initial_connection_window_size(H2_CONNECTION_WINDOW_BYTES)
            .max_header_list_size(u32::try_from(header_bytes_max).unwrap_or(u32::MAX));
        Self { http1, http2, tracker }
    }

    pub(crate) async fn http1(&self, stream: Stream, peer: Peer) -> Result<Connection, ExchangeError> {
        let started = self.http1.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = started.map_err(|error| of_hyper(&error))?;
        let driver = Driver(Some(Box::new(connection)));
        Ok(Connection { peer: Arc::new(peer), protocol: Protocol::Http1 { sender, driver } })
    }

    pub(crate) async fn http2(&self, stream: Stream, peer: Peer) -> Result<Connection, ExchangeError> {
        let started = self.http2.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = started.map_err(|error| of_hyper(&error))?;
        self.tracker.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "an HTTP/2 connection ended");
            }
        });
        Ok(Connection { peer: Arc::new(peer), protocol: Protocol::Http2 { sender } })
    }
}

/// Lets hyper start its HTTP/2 tasks where shutdown can wait for them (I13).
#[derive(Clone, Debug)]
struct OnTracker(TaskTracker);

impl<F> hyper::rt::Executor<F> for OnTracker
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

impl Connection {
    /// A second handle to a shared connection; `None` for HTTP/1, where one exchange owns it.
    pub(crate) fn share(&self) -> Option<Self> {
        match &self.protocol {
            Protocol::Http1 { .. } => None,
            Protocol::Http2 { sender } => {
                Some(Self { peer: self.peer.clone(), protocol: Protocol::Http2 { sender: sender.clone() } })
            }
        }
    }

    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.protocol, Protocol::Http2 { .. })
    }

    /// Makes the request target of this protocol: HTTP/1 sends the path, HTTP/2 the whole URL.
    pub(crate) fn target(&self, url: &url::Url) -> Result<Uri, ExchangeError> {
        use url::Position::{AfterQuery, BeforePath};
        let path = &url[BeforePath..AfterQuery];
        let parsed = match &self.protocol {
            Protocol::Http1 { .. } => {
                path.parse::<http::uri::PathAndQuery>().map(Uri::from).map_err(http::Error::from)
            }
            Protocol::Http2 { .. } => Uri::builder()
                .scheme(url.scheme())
                .authority(self.peer.authority.as_bytes())
                .path_and_query(path)
                .build(),
        };
        parsed.map_err(|error| ExchangeError::BadUrl { detail: error.to_string() })
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Sent {
        match &mut self.protocol {
            Protocol::Http1 { sender, driver } => {
                let mut answer = pin!(sender.try_send_request(request));
                poll_fn(|cx| driven(driver, cx, |cx| answer.as_mut().poll(cx))).await
            }
            Protocol::Http2 { sender } => sender.try_send_request(request).await,
        }
    }

    /// The body of the answer just received; reading it drives the connection.
    pub(crate) fn body(&mut self, incoming: Incoming) -> DrivenBody<'_> {
        let driver = match &mut self.protocol {
            Protocol::Http1 { driver, .. } => Some(driver),
            Protocol::Http2 { .. } => None,
        };
        DrivenBody { incoming, driver }
    }

    /// Whether another request can be sent now, after looking whether the other side hung up meanwhile.
    pub(crate) async fn is_ready(&mut self) -> bool {
        match &mut self.protocol {
            Protocol::Http1 { sender, driver } => {
                poll_fn(|cx| {
                    driver.poll(cx);
                    Poll::Ready(driver.0.is_some() && sender.is_ready())
                })
                .await
            }
            Protocol::Http2 { sender } => sender.is_ready() && !sender.is_closed(),
        }
    }
}

/// Polls `wanted`, drives the connection, and polls again: what the driver just read is seen without another wake-up.
fn driven<T>(
    driver: &mut Driver,
    cx: &mut Context<'_>,
    mut wanted: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    if let Poll::Ready(done) = wanted(cx) {
        return Poll::Ready(done);
    }
    driver.poll(cx);
    wanted(cx)
}

/// A response body that keeps its connection running while it is read.
#[derive(Debug)]
pub(crate) struct DrivenBody<'a> {
    incoming: Incoming,
    driver: Option<&'a mut Driver>,
}

impl Body for DrivenBody<'_> {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Self { incoming, driver } = self.get_mut();
        let next = |cx: &mut Context<'_>| Pin::new(&mut *incoming).poll_frame(cx);
        match driver {
            Some(driver) => driven(driver, cx, next),
            None => Pin::new(incoming).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use crate::receiver::{After, Receiver, get, loopback_client, loopback_config};
    use crate::{BodyEnd, ExchangeError, Outbound, OutboundConfig};

    async fn headers_of(head: &[u8]) -> HeaderMap {
        let receiver =
            Receiver::answering([b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n", head, b"\r\n"].concat());
        loopback_client().exchange(get(receiver.url("/"))).await.unwrap().headers
    }

    #[tokio::test]
    async fn header_bytes_arrive_as_they_were_sent() {
        let headers = headers_of(b"Location: /caf\xe9\xff\r\nX-Empty:\r\n").await;
        assert_eq!(headers["location"].as_bytes(), b"/caf\xe9\xff");
        assert_eq!(headers["x-empty"].as_bytes(), b"");
    }

    #[tokio::test]
    async fn values_of_one_name_keep_their_order() {
        let headers =
            headers_of(b"Set-Cookie: b=1\r\nLocation: /1\r\nset-cookie: a=2\r\nLocation: /2\r\n").await;
        let all = |name: &str| {
            headers.get_all(name).iter().map(|v| v.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(all("set-cookie"), ["b=1", "a=2"]);
        assert_eq!(all("location"), ["/1", "/2"]);
    }

    #[tokio::test]
    async fn heads_browsers_forgive_are_read() {
        let headers =
            headers_of(b"X-Folded: one\r\n two\r\nSpaced : yes\r\nno colon here\r\nLast: 1\r\n").await;
        let folded = headers["x-folded"].to_str().unwrap();
        assert_eq!(folded.split_whitespace().collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(headers["spaced"], "yes");
        assert_eq!(headers["last"], "1");
    }

    #[tokio::test]
    async fn a_head_beyond_the_limit_is_refused() {
        let receiver = Receiver::answering(format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(20_000)));
        let config = OutboundConfig { header_bytes_max: 16_384, ..loopback_config() };
        let failure = Outbound::new(config).unwrap().exchange(get(receiver.url("/"))).await.unwrap_err();
        assert_eq!(failure.error, ExchangeError::HeadersTooLarge);
    }

    #[tokio::test]
    async fn what_is_no_http_is_a_protocol_error() {
        let receiver = Receiver::answering("SSH-2.0-OpenSSH_9.9\r\n\r\n");
        let failure = loopback_client().exchange(get(receiver.url("/"))).await.unwrap_err();
        assert_eq!(failure.error.word(), "protocol");
    }

    async fn body_of(answer: &'static [u8]) -> (Vec<u8>, BodyEnd) {
        let receiver = Receiver::scripted(move |_, socket| socket.write_all(answer).map(|()| After::Close));
        let exchange = loopback_client().exchange(get(receiver.url("/"))).await.unwrap();
        assert_eq!(exchange.status, StatusCode::OK);
        (exchange.body.to_vec(), exchange.body_end)
    }

    #[tokio::test]
    async fn a_body_may_end_with_its_connection() {
        let (body, end) = body_of(b"HTTP/1.0 200 OK\r\n\r\nall of it").await;
        assert_eq!(body, b"all of it");
        assert!(matches!(end, BodyEnd::Complete));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_keeps_what_came() {
        let (body, end) = body_of(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun").await;
        assert_eq!(body, b"begun");
        assert!(matches!(end, BodyEnd::Failed(ExchangeError::ConnectionClosed)), "{end:?}");
    }

    #[tokio::test]
    async fn bad_chunks_are_a_protocol_error() {
        let (body, end) =
            body_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\nbad").await;
        assert_eq!(body, b"ok");
        assert!(matches!(end, BodyEnd::Failed(ExchangeError::Protocol { .. })), "{end:?}");
    }
}
