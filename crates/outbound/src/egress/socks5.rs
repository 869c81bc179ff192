//! A client of SOCKS5 (RFC 1928, RFC 1929). It only ever says addresses; the protocol's names are not used.

use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Credentials, ProxyFault};

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xff;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;
const SUCCEEDED: u8 = 0;

/// Has the proxy at the other end of `stream` connect to `target`; afterwards the stream is the target's. Reads not one
/// byte more than the proxy's replies.
pub(crate) async fn connect<S>(
    stream: &mut S,
    credentials: Option<&Credentials>,
    target: SocketAddr,
) -> Result<(), ProxyFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    agree_on_method(stream, credentials).await?;
    stream.write_all(&connect_request(target)).await?;
    let [version, reply, _reserved] = read(stream).await?;
    if version != VERSION {
        return Err(ProxyFault::Protocol { detail: "its reply is of another version" });
    }
    if reply != SUCCEEDED {
        return Err(ProxyFault::Refused { detail: meaning_of(reply) });
    }
    skip_bound_address(stream).await
}

async fn agree_on_method<S>(stream: &mut S, credentials: Option<&Credentials>) -> Result<(), ProxyFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let greeting: &[u8] = match credentials {
        None => &[VERSION, 1, NO_AUTHENTICATION],
        Some(_) => &[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD],
    };
    stream.write_all(greeting).await?;
    let [version, method] = read(stream).await?;
    match (version, method, credentials) {
        (VERSION, NO_AUTHENTICATION, _) => Ok(()),
        (VERSION, USER_AND_PASSWORD, Some(credentials)) => authenticate(stream, credentials).await,
        (VERSION, NO_METHOD, None) => Err(ProxyFault::CredentialsWanted),
        (VERSION, NO_METHOD, Some(_)) => Err(ProxyFault::CredentialsRefused),
        (VERSION, ..) => Err(ProxyFault::Protocol { detail: "it chose a method that was not offered" }),
        _ => Err(ProxyFault::Protocol { detail: "its greeting is of another version" }),
    }
}

async fn authenticate<S>(stream: &mut S, credentials: &Credentials) -> Result<(), ProxyFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(&credentials.socks5_request()).await?;
    // Servers disagree about the version of this reply; the status is what counts.
    let [_version, status] = read(stream).await?;
    if status == SUCCEEDED { Ok(()) } else { Err(ProxyFault::CredentialsRefused) }
}

fn connect_request(target: SocketAddr) -> Vec<u8> {
    let mut request = vec![VERSION, CONNECT, 0];
    match target.ip() {
        IpAddr::V4(address) => {
            request.push(IPV4);
            request.extend_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            request.push(IPV6);
            request.extend_from_slice(&address.octets());
        }
    }
    request.extend_from_slice(&target.port().to_be_bytes());
    request
}

/// RFC 1928 §6.
fn meaning_of(reply: u8) -> String {
    let meaning = match reply {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "address type not supported",
        other => return format!("reply {other}"),
    };
    meaning.to_owned()
}

/// Where the proxy connects from is nobody's business here, but its bytes stand before the target's.
async fn skip_bound_address<S: AsyncRead + Unpin>(stream: &mut S) -> Result<(), ProxyFault> {
    let [kind] = read(stream).await?;
    let address_bytes = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => u16::from(read::<_, 1>(stream).await?[0]),
        _ => return Err(ProxyFault::Protocol { detail: "its reply names an unknown kind of address" }),
    };
    for _ in 0..address_bytes + 2 {
        read::<_, 1>(stream).await?;
    }
    Ok(())
}

async fn read<S: AsyncRead + Unpin, const BYTES: usize>(stream: &mut S) -> Result<[u8; BYTES], ProxyFault> {
    let mut bytes = [0; BYTES];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    const V4: &str = "203.0.113.7:443";

    /// What comes of a proxy that says `replies`, what it was told, and what is left of its words.
    fn told(
        replies: &[u8],
        credentials: Option<&Credentials>,
        target: &str,
    ) -> (Result<(), ProxyFault>, Vec<u8>, usize) {
        let (mut said, mut heard) = (Cursor::new(replies), Vec::new());
        let mut stream = tokio::io::join(&mut said, &mut heard);
        let connected = connect(&mut stream, credentials, target.parse().unwrap());
        let ended = connected.now_or_never().expect("nothing to wait for");
        let left = replies.len() - usize::try_from(said.position()).unwrap();
        (ended, heard, left)
    }

    fn credentials() -> Credentials {
        Credentials::new("user".to_owned(), "secret".to_owned()).unwrap()
    }

    #[test]
    fn an_address_is_said_and_only_the_replies_are_read() {
        let granted = b"\x05\x00\x05\x00\x00\x01\x0a\x00\x00\x01\x1f\x90";
        let mut replies = granted.to_vec();
        replies.extend_from_slice(b"HTTP/1.1");
        let (ended, heard, left) = told(&replies, None, V4);
        assert_eq!((ended, left), (Ok(()), 8));
        assert_eq!(heard, b"\x05\x01\x00\x05\x01\x00\x01\xcb\x00\x71\x07\x01\xbb");

        let (ended, heard, _) = told(granted, None, "[2001:db8::1]:80");
        assert_eq!(ended, Ok(()));
        assert_eq!(heard[3..], *b"\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50");
    }

    #[test]
    fn a_bound_address_of_any_kind_is_passed_over() {
        for bound in
            [&b"\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0"[..], b"\x03\x05proxy\0\0", b"\x03\x00\0\0"]
        {
            let replies = [b"\x05\x00\x05\x00\x00", bound].concat();
            assert_eq!(told(&replies, None, V4).0, Ok(()), "{bound:?}");
        }
    }

    #[test]
    fn credentials_are_given_where_they_are_asked_for() {
        let replies = b"\x05\x02\x01\x00\x05\x00\x00\x01\0\0\0\0\0\0";
        let (ended, heard, _) = told(replies, Some(&credentials()), V4);
        assert_eq!(ended, Ok(()));
        assert!(heard.starts_with(b"\x05\x02\x00\x02\x01\x04user\x06secret\x05\x01"), "{heard:?}");

        let (ended, heard, _) = told(b"\x05\x00\x05\x00\x00\x01\0\0\0\0\0\0", Some(&credentials()), V4);
        assert_eq!(ended, Ok(()));
        assert!(!heard.windows(6).any(|window| window == b"secret"), "not asked for, not said");
    }

    #[test]
    fn refusals_say_why() {
        let refused = |detail: &str| ProxyFault::Refused { detail: detail.to_owned() };
        for (replies, with, expected) in [
            (&b"\x05\xff"[..], None, ProxyFault::CredentialsWanted),
            (b"\x05\xff", Some(credentials()), ProxyFault::CredentialsRefused),
            (b"\x05\x02\x01\x01", Some(credentials()), ProxyFault::CredentialsRefused),
            (b"\x05\x00\x05\x02\x00", None, refused("not allowed by its rules")),
            (b"\x05\x00\x05\x08\x00", None, refused("address type not supported")),
            (b"\x05\x00\x05\x63\x00", None, refused("reply 99")),
        ] {
            assert_eq!(told(replies, with.as_ref(), V4).0, Err(expected), "{replies:?}");
        }
        for replies in [
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            b"\x05\x02",
            b"\x05\x01",
            b"\x05\x00\x04\x00\x00",
            b"\x05\x00\x05\x00\x00\x02",
        ] {
            let (ended, ..) = told(replies, None, V4);
            assert!(matches!(ended, Err(ProxyFault::Protocol { .. })), "{replies:?} {ended:?}");
        }
        for cut in 0..12 {
            let granted = b"\x05\x00\x05\x00\x00\x01\x0a\x00\x00\x01\x1f\x90";
            let (ended, ..) = told(&granted[..cut], None, V4);
            assert!(matches!(ended, Err(ProxyFault::Broken { .. })), "{cut} {ended:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Whatever a proxy says ends, connects only after the words that grant it, and is never told more than it may know.
        #[test]
        fn no_reply_confuses_the_client(replies in prop::collection::vec(any::<u8>(), 0..600)) {
            let (ended, heard, left) = told(&replies, None, V4);
            if ended.is_ok() {
                prop_assert_eq!((&replies[..2], &replies[2..4]), (&[5, 0][..], &[5, 0][..]));
                prop_assert!(replies.len() - left >= 9);
            }
            prop_assert!(heard.len() <= 13);
        }
    }
}
