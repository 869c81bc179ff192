//! One HTTP/1.1 request as it came over the wire: names, order and bytes untouched.

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest request head that is read; a longer one closes the connection.
const HEAD_BYTES_MAX: usize = 256 * 1024;
/// How a TLS client begins. One that finds no TLS here must not be left waiting.
const TLS_HANDSHAKE: u8 = 0x16;
/// Longest request body that is read; a longer one closes the connection.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceivedRequest {
    pub method: String,
    /// As on the request line: path and query.
    pub target: String,
    /// In the order and spelling they arrived in.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl ReceivedRequest {
    /// Of the target, in whichever form it came: a proxy is asked for whole URLs.
    pub fn path(&self) -> &str {
        let whole = self.target.strip_prefix("http://").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
        let target = whole.unwrap_or(&self.target);
        target.split_once('?').map_or(target, |(path, _)| path)
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The first value of a header, its name compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; fails the test when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the request's body is JSON")
    }

    pub(crate) fn asks_to_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Reads the next request of a kept-alive connection. `None` when the peer left, sent no HTTP/1.1, chunked its body or
    /// went over a bound: none of our clients does that, so the connection is simply closed.
    pub(crate) async fn read<R: AsyncRead + Unpin>(reader: &mut R, buffer: &mut BytesMut) -> Option<Self> {
        let head_length = loop {
            if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            fill(reader, buffer, HEAD_BYTES_MAX).await?;
            if buffer.first() == Some(&TLS_HANDSHAKE) {
                return None;
            }
        };
        let mut request = Self::parse_head(&buffer.split_to(head_length))?;
        let body_length = request.body_length()?;
        while buffer.len() < body_length {
            fill(reader, buffer, BODY_BYTES_MAX).await?;
        }
        request.body = buffer.split_to(body_length).freeze();
        Some(request)
    }

    fn parse_head(head: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split("\r\n");
        let mut request_line = lines.next()?.split(' ');
        let (method, target) = (request_line.next()?.to_owned(), request_line.next()?.to_owned());
        let pairs = lines.filter_map(|line| line.split_once(':'));
        let headers = pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        Some(Self { method, target, headers, body: Bytes::new() })
    }

    fn body_length(&self) -> Option<usize> {
        if self.header("transfer-encoding").is_some() {
            return None;
        }
        let length = self.header("content-length").map_or(Some(0), |value| value.parse().ok())?;
        (length <= BODY_BYTES_MAX).then_some(length)
    }
}

async fn fill<R: AsyncRead + Unpin>(reader: &mut R, buffer: &mut BytesMut, bytes_max: usize) -> Option<()> {
    let read = reader.read_buf(buffer).await.ok()?;
    (read > 0 && buffer.len() <= bytes_max + HEAD_BYTES_MAX).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(mut bytes: &[u8]) -> Vec<ReceivedRequest> {
        let (mut buffer, mut requests) = (BytesMut::new(), Vec::new());
        while let Some(request) = ReceivedRequest::read(&mut bytes, &mut buffer).await {
            requests.push(request);
        }
        requests
    }

    #[tokio::test]
    async fn pipelined_requests_keep_order_names_and_bytes() {
        let requests = read_all(
            b"POST /a?b=%20c HTTP/1.1\r\nX-One: 1\r\ncontent-LENGTH: 3\r\n\r\n{ }GET /d HTTP/1.1\r\n\r\n",
        )
        .await;
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0].headers[1].0, "content-LENGTH");
        assert_eq!(requests[0].body, "{ }");
        assert_eq!((requests[0].path(), requests[0].query("b").as_deref()), ("/a", Some(" c")));
        assert_eq!((requests[1].method.as_str(), requests[1].path()), ("GET", "/d"));
    }

    #[tokio::test]
    async fn what_is_no_request_ends_the_connection() {
        assert!(read_all(b"\r\n\r\n").await.is_empty());
        assert!(read_all(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").await.is_empty());
        assert!(read_all(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort").await.is_empty());
    }
}
