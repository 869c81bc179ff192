//! The few bytes of SOCKS5 (RFC 1928) a browser speaks: no authentication, `CONNECT` only. UDP is refused.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::Host;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const NO_ACCEPTABLE_METHOD: u8 = 0xff;
const CONNECT: u8 = 1;

/// Where the browser wants to go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Destination {
    /// As it stands in a URL: IPv6 addresses in brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

/// What the browser is told (RFC 1928 §6).
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Reply {
    Succeeded = 0,
    GeneralFailure = 1,
    NotAllowed = 2,
    HostUnreachable = 4,
    ConnectionRefused = 5,
    CommandNotSupported = 7,
    AddressTypeNotSupported = 8,
}

/// Greets and reads one request. What is not understood is answered as the standard says, and then an error.
pub(super) async fn read_request<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
) -> io::Result<Destination> {
    greet(stream).await?;
    let [version, command, _, address_type] = read_bytes(stream).await?;
    let host = match address_type {
        1 => Ipv4Addr::from(read_bytes::<_, 4>(stream).await?).to_string(),
        3 => read_name(stream).await?,
        4 => in_url(Ipv6Addr::from(read_bytes::<_, 16>(stream).await?)),
        _ => return refuse(stream, Reply::AddressTypeNotSupported).await,
    };
    let port = u16::from_be_bytes(read_bytes(stream).await?);
    if version != VERSION || command != CONNECT {
        return refuse(stream, Reply::CommandNotSupported).await;
    }
    Ok(Destination { host, port })
}

pub(super) async fn reply<S: AsyncWrite + Unpin>(stream: &mut S, reply: Reply) -> io::Result<()> {
    // The bound address is of no use to the browser and none of its business.
    stream.write_all(&[VERSION, reply as u8, 0, 1, 0, 0, 0, 0, 0, 0]).await
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    let [version, method_count] = read_bytes(stream).await?;
    let mut methods = vec![0; usize::from(method_count)];
    stream.read_exact(&mut methods).await?;
    if version == VERSION && methods.contains(&NO_AUTHENTICATION) {
        return stream.write_all(&[VERSION, NO_AUTHENTICATION]).await;
    }
    stream.write_all(&[VERSION, NO_ACCEPTABLE_METHOD]).await?;
    Err(io::Error::new(io::ErrorKind::InvalidData, "no SOCKS5 without authentication"))
}

async fn read_name<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let [length] = read_bytes(stream).await?;
    let mut name = vec![0; usize::from(length)];
    stream.read_exact(&mut name).await?;
    let name = String::from_utf8(name);
    let name = name.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the host is no text"))?;
    // Chromium sends every host as a name, IPv6 addresses too.
    Ok(name.parse::<Ipv6Addr>().map_or(name, in_url))
}

fn in_url(address: Ipv6Addr) -> String {
    Host::<&str>::Ipv6(address).to_string()
}

async fn read_bytes<S: AsyncRead + Unpin, const N: usize>(stream: &mut S) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn refuse<S: AsyncWrite + Unpin>(stream: &mut S, why: Reply) -> io::Result<Destination> {
    reply(stream, why).await?;
    Err(io::Error::new(io::ErrorKind::Unsupported, "a SOCKS5 request we do not serve"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from these bytes, and what is answered before the request itself is.
    async fn asked(bytes: &[u8]) -> (io::Result<Destination>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(1_024);
        theirs.write_all(bytes).await.unwrap();
        theirs.shutdown().await.unwrap();
        let read = read_request(&mut ours).await;
        drop(ours);
        let mut answered = Vec::new();
        theirs.read_to_end(&mut answered).await.unwrap();
        (read, answered)
    }

    #[tokio::test]
    async fn every_kind_of_address_is_read() {
        for (address, host) in [
            (&[1, 192, 0, 2, 1][..], "192.0.2.1"),
            (&[3, 6, b'a', b'.', b't', b'e', b's', b't'], "a.test"),
            (&[3, 3, b':', b':', b'1'], "[::1]"),
            (&[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "[::1]"),
            (&[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1], "[::ffff:7f00:1]"),
        ] {
            let bytes = [&[5, 1, 0, 5, 1, 0][..], address, &[0x1f, 0x90]].concat();
            let (read, answered) = asked(&bytes).await;
            assert_eq!(read.unwrap(), Destination { host: host.to_owned(), port: 8_080 });
            assert_eq!(answered, [5, 0]);
        }
    }

    #[tokio::test]
    async fn udp_listening_and_strange_requests_are_refused() {
        let request = |command: u8, kind: u8| [5, 1, 0, 5, command, 0, kind, 127, 0, 0, 1, 0, 53];
        for (bytes, answer) in [
            (request(3, 1), 7), // UDP ASSOCIATE
            (request(2, 1), 7), // BIND
            (request(1, 9), 8),
        ] {
            let (read, answered) = asked(&bytes).await;
            assert!(read.is_err());
            assert_eq!(answered[2..4], [5, answer]);
        }
        for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[4, 1, 0, 80], &[5, 1, 2], &[5], &[]] {
            assert!(asked(bytes).await.0.is_err(), "{bytes:?}");
        }
    }
}
