//! Answers no honest server gives. Each lasts until the peer gives up, unless its name says otherwise.

use std::time::Duration;

use bytes::Bytes;

use super::{Answer, Step, zero_bomb};

const HTML_HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n";
/// Block of an endless body.
const ENDLESS_BLOCK_BYTES: usize = 64 * 1024;
/// Length of one value among the huge headers.
const HEADER_VALUE_BYTES: usize = 4096;

fn begun(headers: &str) -> Step {
    Step::Send(format!("{HTML_HEAD}{headers}\r\n").into())
}

impl Answer {
    /// Accepts the request and never answers.
    pub fn hang() -> Self {
        Self::script(vec![Step::Hang])
    }

    /// Promises a body, sends its beginning and no more.
    pub fn hang_in_body() -> Self {
        Self::script(vec![begun("Content-Length: 1000\r\n"), Step::Send("begin".into()), Step::Hang])
    }

    /// Answers at once and then sends one byte of body per interval.
    pub fn drip(every: Duration) -> Self {
        Self::script(vec![begun("Connection: close\r\n"), Step::Drip { byte: b'.', every }])
    }

    /// Sends the response head itself one byte per interval.
    pub fn drip_head(every: Duration) -> Self {
        Self::script(vec![Step::Send("HTTP/1.1 200 OK\r\nX-Drip: ".into()), Step::Drip { byte: b'.', every }])
    }

    /// A body without length or end, as fast as it is read.
    pub fn endless_body() -> Self {
        let block = Bytes::from(vec![b'x'; ENDLESS_BLOCK_BYTES]);
        Self::script(vec![begun("Connection: close\r\n"), Step::Repeat(block)])
    }

    /// About `bytes` of header lines before an empty body; a finite answer.
    pub fn huge_headers(bytes: usize) -> Self {
        let value = "h".repeat(HEADER_VALUE_BYTES);
        let lines = bytes.div_ceil(HEADER_VALUE_BYTES);
        (0..lines).fold(Self::status(200), |answer, line| answer.header(&format!("X-Huge-{line}"), &value))
    }

    /// A small gzip stream that inflates without end, by a factor of about 158.
    pub fn gzip_bomb() -> Self {
        let head = begun("Content-Encoding: gzip\r\nConnection: close\r\n");
        Self::script(vec![head, Step::Send(zero_bomb::start()), Step::Repeat(zero_bomb::period())])
    }

    /// Resets the connection instead of answering; finite.
    pub fn reset() -> Self {
        Self::script(vec![Step::Reset])
    }

    /// Resets the connection in the middle of the body; finite.
    pub fn reset_in_body() -> Self {
        Self::script(vec![begun("Content-Length: 1000\r\n"), Step::Send("begin".into()), Step::Reset])
    }

    /// Closes the connection in the middle of the promised body; finite.
    pub fn close_in_body() -> Self {
        Self::script(vec![begun("Content-Length: 1000\r\n"), Step::Send("begin".into()), Step::Close])
    }

    /// Closes the connection instead of answering; finite.
    pub fn close() -> Self {
        Self::script(vec![Step::Close])
    }

    /// A chunk whose size is no number; finite.
    pub fn bad_chunk() -> Self {
        let chunk = Step::Send("zz\r\nno chunk\r\n".into());
        Self::script(vec![begun("Transfer-Encoding: chunked\r\n"), chunk, Step::Close])
    }

    /// Bytes that are no HTTP at all; finite.
    pub fn garbage() -> Self {
        Self::script(vec![Step::Send("\u{1}\u{2}not http\r\n\r\n".into()), Step::Close])
    }
}
