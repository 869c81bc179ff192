//! What a neighbour answers: a plain response, or a script of steps that breaks the rules on purpose.

mod hostile;
mod zero_bomb;

use std::time::Duration;

use bytes::Bytes;

/// Statuses that have no body and no `Content-Length` (RFC 9110 §6.4.1).
const BODILESS: [u16; 2] = [204, 304];

/// One action on the connection.
#[derive(Clone, Debug)]
pub enum Step {
    Send(Bytes),
    /// Sends the bytes again and again until the peer leaves.
    Repeat(Bytes),
    /// Sends one byte per interval until the peer leaves.
    Drip {
        byte: u8,
        every: Duration,
    },
    Pause(Duration),
    /// Sends nothing more and holds the connection until the peer leaves.
    Hang,
    /// Ends the connection with a TCP reset.
    Reset,
    Close,
}

#[derive(Clone, Debug)]
pub struct Answer {
    delay: Option<Duration>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Framed { status: u16, headers: Vec<(String, Vec<u8>)>, body: Bytes },
    Scripted(Vec<Step>),
}

impl Answer {
    /// A response with this status and an empty body, framed by `Content-Length`.
    pub fn status(status: u16) -> Self {
        Self { delay: None, content: Content::Framed { status, headers: Vec::new(), body: Bytes::new() } }
    }

    /// A 200 HTML page with this title.
    pub fn page(title: &str) -> Self {
        Self::html(&format!("<!doctype html><title>{title}</title>"))
    }

    /// A 200 HTML document.
    pub fn html(document: &str) -> Self {
        Self::status(200).header("Content-Type", "text/html; charset=utf-8").body(document.to_owned())
    }

    /// A redirect whose `Location` is sent byte for byte.
    pub fn redirect(status: u16, location: impl AsRef<[u8]>) -> Self {
        Self::status(status).header("Location", location)
    }

    /// A refusal with `Retry-After` as given, sense or nonsense.
    pub fn retry_after(status: u16, text: &str) -> Self {
        Self::status(status).header("Retry-After", text)
    }

    /// These bytes and nothing else. The connection is closed after them when their head says so.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let mut steps = vec![Step::Send(bytes.clone())];
        if head_of(&bytes).to_ascii_lowercase().windows(17).any(|window| window == b"connection: close") {
            steps.push(Step::Close);
        }
        Self::script(steps)
    }

    pub fn script(steps: Vec<Step>) -> Self {
        Self { delay: None, content: Content::Scripted(steps) }
    }

    /// Adds a header to a framed answer; a scripted one is already written out.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        if let Content::Framed { headers, .. } = &mut self.content {
            headers.push((name.to_owned(), value.as_ref().to_vec()));
        }
        self
    }

    /// Sets the body of a framed answer; a scripted one is already written out.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        if let Content::Framed { body, .. } = &mut self.content {
            *body = bytes.into();
        }
        self
    }

    /// Waits this long before the first byte.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// The steps that answer a request of this method; HEAD gets the head alone.
    pub(crate) fn into_steps(self, method: &str) -> Vec<Step> {
        let steps = match self.content {
            Content::Scripted(steps) => steps,
            Content::Framed { status, headers, body } => vec![Step::Send(framed(status, &headers, &body))],
        };
        let steps = if method == "HEAD" { head_only(steps) } else { steps };
        self.delay.map(Step::Pause).into_iter().chain(steps).collect()
    }
}

fn framed(status: u16, headers: &[(String, Vec<u8>)], body: &[u8]) -> Bytes {
    let mut out = format!("HTTP/1.1 {status} Status\r\n").into_bytes();
    for (name, value) in headers {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    if BODILESS.contains(&status) {
        out.extend_from_slice(b"\r\n");
    } else {
        out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        out.extend_from_slice(body);
    }
    out.into()
}

fn head_of(bytes: &Bytes) -> Bytes {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    bytes.slice(..end)
}

/// Cuts the first bytes sent behind their head and keeps what ends the connection.
fn head_only(steps: Vec<Step>) -> Vec<Step> {
    let closes = steps.iter().any(|step| matches!(step, Step::Close));
    let mut head: Vec<Step> = Vec::new();
    for step in steps {
        match step {
            Step::Send(bytes) => {
                head.push(Step::Send(head_of(&bytes)));
                break;
            }
            other => head.push(other),
        }
    }
    head.extend(closes.then_some(Step::Close));
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(steps: &[Step]) -> String {
        let parts = steps.iter().filter_map(|step| match step {
            Step::Send(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        });
        parts.collect()
    }

    #[test]
    fn frames_bodies_and_leaves_bodiless_statuses_bare() {
        let page = Answer::status(200).header("X-A", "1").body("hello");
        assert_eq!(
            sent(&page.into_steps("GET")),
            "HTTP/1.1 200 Status\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello"
        );
        assert_eq!(sent(&Answer::status(304).into_steps("GET")), "HTTP/1.1 304 Status\r\n\r\n");
    }

    #[test]
    fn head_requests_get_no_body_and_still_close() {
        let steps = Answer::raw("HTTP/1.1 200 X\r\nConnection: close\r\n\r\nbody").into_steps("HEAD");
        assert_eq!(sent(&steps), "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n");
        assert!(matches!(steps[..], [Step::Send(_), Step::Close]));
    }
}
