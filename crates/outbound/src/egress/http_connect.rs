//! A client of an HTTP proxy: `CONNECT` to an address for https and plain http alike (RFC 9110 §9.3.6), so that the proxy
//! never learns a name from us and never chooses among addresses.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Credentials, ProxyFault};

const HEAD_BYTES_MAX: usize = 8 * 1024;
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// Has the proxy at the other end of `stream` connect to `target`; afterwards the stream is the target's. Reads not one
/// byte more than the answer's head: a successful answer has no body.
pub(crate) async fn connect<S>(
    stream: &mut S,
    credentials: Option<&Credentials>,
    target: SocketAddr,
) -> Result<(), ProxyFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(request(credentials, target).as_bytes()).await?;
    let head = read_head(stream).await?;
    let status = status_of(&head).ok_or(ProxyFault::Protocol { detail: "its answer has no HTTP status" })?;
    match (status, credentials) {
        (200..300, _) => Ok(()),
        (PROXY_AUTHENTICATION_REQUIRED, None) => Err(ProxyFault::CredentialsWanted),
        (PROXY_AUTHENTICATION_REQUIRED, Some(_)) => Err(ProxyFault::CredentialsRefused),
        (status, _) => Err(ProxyFault::Refused { detail: format!("it answered {status}") }),
    }
}

fn request(credentials: Option<&Credentials>, target: SocketAddr) -> String {
    let authorization =
        credentials.map(|credentials| format!("Proxy-Authorization: {}\r\n", credentials.basic()));
    let authorization = authorization.unwrap_or_default();
    format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n")
}

/// Byte by byte: what follows the head belongs to the target.
async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Vec<u8>, ProxyFault> {
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES_MAX {
        head.push(stream.read_u8().await?);
        if head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n") {
            return Ok(head);
        }
    }
    Err(ProxyFault::Protocol { detail: "the head of its answer has no end" })
}

/// The status of `HTTP/1.x NNN …`.
fn status_of(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.0 ").or_else(|| head.strip_prefix(b"HTTP/1.1 "))?;
    let (digits, after) = rest.split_at_checked(3)?;
    let ended = after.first().is_some_and(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
    let digits =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|_| ended)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    fn told(answer: &[u8], credentials: Option<&Credentials>) -> (Result<(), ProxyFault>, String, usize) {
        let (mut said, mut heard) = (Cursor::new(answer), Vec::new());
        let mut stream = tokio::io::join(&mut said, &mut heard);
        let connected = connect(&mut stream, credentials, "203.0.113.7:443".parse().unwrap());
        let ended = connected.now_or_never().expect("nothing to wait for");
        let left = answer.len() - usize::try_from(said.position()).unwrap();
        (ended, String::from_utf8(heard).unwrap(), left)
    }

    #[test]
    fn an_address_is_asked_for_and_only_the_head_is_read() {
        let (ended, heard, left) = told(b"HTTP/1.1 200 Connection established\r\nA: b\r\n\r\n\x16\x03", None);
        assert_eq!((ended, left), (Ok(()), 2));
        assert_eq!(heard, "CONNECT 203.0.113.7:443 HTTP/1.1\r\nHost: 203.0.113.7:443\r\n\r\n");
        let credentials = Credentials::new("u".to_owned(), "p".to_owned()).unwrap();
        let (_, heard, _) = told(b"HTTP/1.0 200\r\n\r\n", Some(&credentials));
        assert!(heard.ends_with("\r\nProxy-Authorization: Basic dTpw\r\n\r\n"), "{heard}");
    }

    #[test]
    fn refusals_say_why() {
        let credentials = Credentials::new("u".to_owned(), "p".to_owned()).unwrap();
        let refused = ProxyFault::Refused { detail: "it answered 403".to_owned() };
        for (answer, with, expected) in [
            ("HTTP/1.1 403 Forbidden\r\n\r\n", None, refused),
            ("HTTP/1.1 407 \r\n\r\n", None, ProxyFault::CredentialsWanted),
            ("HTTP/1.1 407 \r\n\r\n", Some(&credentials), ProxyFault::CredentialsRefused),
        ] {
            assert_eq!(told(answer.as_bytes(), with).0, Err(expected), "{answer}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\n{}", "A: b\r\n".repeat(2_000));
        for answer in
            ["HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "\x05\x00\n\n", "HTTP/1.1 +20 \n\n", &endless]
        {
            let (ended, ..) = told(answer.as_bytes(), None);
            assert!(matches!(ended, Err(ProxyFault::Protocol { .. })), "{ended:?}");
        }
        assert!(matches!(told(b"HTTP/1.1 200 OK\r\n", None).0, Err(ProxyFault::Broken { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn only_a_success_connects(answer in "(HTTP/1\\.[01] )?[0-9]{0,4}[ -~\r\n]{0,40}(\r\n\r\n)?") {
            let (ended, ..) = told(answer.as_bytes(), None);
            if ended.is_ok() {
                prop_assert!(answer.starts_with("HTTP/1.0 2") || answer.starts_with("HTTP/1.1 2"));
            }
        }
    }
}
