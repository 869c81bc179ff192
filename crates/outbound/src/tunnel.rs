//! A judged TCP connection for a browser's guarded proxy: the bytes are the browser's, where they go is ours (I04).
//!
//! The text and the addresses are judged exactly as a link's. There is no TLS of ours, no pool, and no politeness: a page
//! opens many connections at once and holds them, so a place per host would make it wait for itself.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use url::{Host, Url};

use crate::error::ExchangeError;

/// Where a browser wants to go: the host and port of a `CONNECT`, or of an absolute URL.
#[derive(Clone, Copy, Debug)]
pub struct TunnelRequest<'a> {
    /// As it stands in a URL: IPv6 addresses in brackets.
    pub host: &'a str,
    pub port: u16,
    /// Name, proxy of the egress and connection together.
    pub connect_ms: u64,
    /// An egress of the configuration; `None` dials directly.
    pub egress: Option<&'a str>,
}

impl TunnelRequest<'_> {
    /// The URL whose text is judged. The scheme decides nothing about a link's reach.
    pub(crate) fn url(&self) -> Result<Url, ExchangeError> {
        let bad = |error: url::ParseError| ExchangeError::BadUrl { detail: error.to_string() };
        let host = Host::parse(self.host).map_err(bad)?;
        Url::parse(&format!("https://{host}:{}/", self.port)).map_err(bad)
    }
}

/// An open connection to a judged address. Closing it is dropping it.
#[derive(Debug)]
pub struct Tunnel {
    socket: TcpStream,
    remote_addr: SocketAddr,
}

impl Tunnel {
    pub(crate) fn new(socket: TcpStream, remote_addr: SocketAddr) -> Self {
        Self { socket, remote_addr }
    }

    /// The address that was judged and connected to; through an egress, the one its proxy was told to connect to.
    pub fn remote_addr(&self) -> SocketAddr {
        self.remote_addr
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hopline_domain::address::AddressPolicy;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::receiver::{FixedNames, Receiver};
    use crate::{NameResolver, Outbound, OutboundConfig};

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    fn client(allowed: &[&str]) -> Outbound {
        let loopback: Vec<std::net::IpAddr> = vec!["127.0.0.1".parse().unwrap()];
        let mixed = ["1.1.1.1", "127.0.0.1"].map(|text| text.parse().unwrap()).to_vec();
        let names: Arc<dyn NameResolver> = Arc::new(FixedNames(
            [("inside.test", loopback.clone()), ("mixed.test", mixed), ("localhost", loopback)].into(),
        ));
        let policy = AddressPolicy::new(allowed.iter().map(|net| net.parse().unwrap()).collect());
        Outbound::new(OutboundConfig { policy, names: Some(names), ..OutboundConfig::default() }).unwrap()
    }

    fn to(host: &str, port: u16) -> TunnelRequest<'_> {
        TunnelRequest { host, port, connect_ms: 5_000, egress: None }
    }

    #[tokio::test]
    async fn bytes_pass_unchanged_to_the_judged_address() {
        let receiver = Receiver::answering(ANSWER);
        let client = client(&["127.0.0.1/32"]);
        for host in ["inside.test", "INSIDE.test", "127.0.0.1", "127.1", "[::ffff:127.0.0.1]"] {
            let mut tunnel = client.tunnel(to(host, receiver.addr.port())).await.unwrap();
            assert_eq!(tunnel.remote_addr().port(), receiver.addr.port(), "{host}");
            assert_eq!(tunnel.remote_addr().ip().to_canonical(), receiver.addr.ip(), "{host}");
            tunnel.write_all(b"GET /as-it-is HTTP/1.1\r\n\r\n").await.unwrap();
            let mut answer = vec![0; ANSWER.len()];
            tunnel.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, ANSWER);
        }
        assert!(receiver.requests().iter().all(|request| request == "GET /as-it-is HTTP/1.1\r\n\r\n"));
        assert_eq!(receiver.connections(), 5, "no tunnel is kept");
    }

    #[tokio::test]
    async fn a_tunnel_goes_nowhere_a_link_may_not() {
        let receiver = Receiver::answering(ANSWER);
        let port = receiver.addr.port();
        let closed = client(&[]);
        for (host, word) in [
            ("inside.test", "forbidden_address"),
            ("mixed.test", "forbidden_address"),
            ("localhost", "forbidden_address"),
            ("127.0.0.1", "forbidden_address"),
            ("0x7f.1", "forbidden_address"),
            ("[::1]", "forbidden_address"),
            ("nowhere.test", "dns"),
            ("", "bad_url"),
            ("user@127.0.0.1", "bad_url"),
            ("inside.test/..", "bad_url"),
            ("::1", "bad_url"),
        ] {
            let refused = closed.tunnel(to(host, port)).await.unwrap_err();
            assert_eq!(refused.word(), word, "{host}: {refused}");
        }
        let elsewhere = client(&["10.0.0.0/8"]);
        assert_eq!(elsewhere.tunnel(to("localhost", port)).await.unwrap_err().word(), "forbidden_address");
        assert_eq!(closed.tunnel(to("public.test", 25)).await.unwrap_err().word(), "bad_port");
        let unknown = TunnelRequest { egress: Some("nowhere"), ..to("127.0.0.1", port) };
        let refused = client(&["127.0.0.1/32"]).tunnel(unknown).await.unwrap_err();
        assert_eq!(refused, ExchangeError::UnknownEgress { name: "nowhere".to_owned() });
        assert_eq!(receiver.connections(), 0);
    }
}
