//! One link's proxy: its listener, its connections, its end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hopline_domain::outcome::Reason;
use hopline_outbound::{ExchangeError, Outbound, Tunnel, TunnelRequest};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::ledger::{Dialled, Ledger};
use super::pump::pump;
use super::socks5::{self, Destination, Reply};
use crate::process::NOWHERE;

/// Connections of one link at a time; a browser opens at most six a host.
const CONNECTIONS_MAX: usize = 96;
/// Connections of one link in all: a page that opens more scans something.
const CONNECTIONS_IN_ALL_MAX: usize = 1_000;
/// The browser says at once where it wants to go.
const HANDSHAKE_MS_MAX: u64 = 5_000;
/// Name, proxy of the egress and connection.
const CONNECT_MS_MAX: u64 = 5_000;

/// How this link leaves.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) outbound: Outbound,
    /// A named proxy of the operator's; `None` goes out directly.
    pub(crate) egress: Option<String>,
    pub(crate) bytes_max: u64,
}

/// Listens until it is dropped; its connections end with it.
#[derive(Debug)]
pub(crate) struct LinkProxy {
    pub(crate) address: SocketAddr,
    pub(crate) ledger: Arc<Ledger>,
    _ending: DropGuard,
}

impl LinkProxy {
    pub(crate) async fn start(way: Way, tasks: &TaskTracker) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (ledger, ending) = (Arc::new(Ledger::new(way.bytes_max)), CancellationToken::new());
        let server = Server { way: Arc::new(way), ledger: Arc::clone(&ledger), tasks: tasks.clone() };
        tasks.spawn(ending.clone().run_until_cancelled_owned(server.accept(listener, ending.clone())));
        Ok(Self { address, ledger, _ending: ending.drop_guard() })
    }
}

#[derive(Clone)]
struct Server {
    way: Arc<Way>,
    ledger: Arc<Ledger>,
    tasks: TaskTracker,
}

impl Server {
    async fn accept(self, listener: TcpListener, ending: CancellationToken) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        for _ in 0..CONNECTIONS_IN_ALL_MAX {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else { continue };
            let server = self.clone();
            self.tasks.spawn(ending.clone().run_until_cancelled_owned(async move {
                server.serve(stream).await.ok();
                drop(place);
            }));
        }
    }

    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let handshake = socks5::read_request(&mut stream);
        let destination = timeout(Duration::from_millis(HANDSHAKE_MS_MAX), handshake).await??;
        if destination.host == NOWHERE || self.ledger.is_spent() {
            return socks5::reply(&mut stream, Reply::NotAllowed).await;
        }
        match self.dial(&destination).await {
            Ok(tunnel) => {
                socks5::reply(&mut stream, Reply::Succeeded).await?;
                pump(stream, tunnel, &self.ledger).await
            }
            Err(reason) => socks5::reply(&mut stream, reply_of(reason)).await,
        }
    }

    /// Judged on the text and on every resolved address, at each dial anew (I04).
    async fn dial(&self, Destination { host, port }: &Destination) -> Result<Tunnel, Reason> {
        let egress = self.way.egress.as_deref();
        let request = TunnelRequest { host, port: *port, connect_ms: CONNECT_MS_MAX, egress };
        let dialled = self.way.outbound.tunnel(request).await.map_err(|error| reason_of(&error));
        let entry = dialled.as_ref().map_or_else(
            |reason| Dialled::Refused(*reason),
            |tunnel| Dialled::Connected(tunnel.remote_addr()),
        );
        self.ledger.record(host, *port, entry);
        dialled
    }
}

/// A tunnel has neither TLS nor HTTP of its own: what goes wrong there is the egress's.
const fn reason_of(error: &ExchangeError) -> Reason {
    match error.reason() {
        Reason::Tls | Reason::Protocol => Reason::Connect,
        reason => reason,
    }
}

fn reply_of(reason: Reason) -> Reply {
    match reason {
        Reason::ForbiddenAddress | Reason::BadLocation | Reason::UnsupportedScheme => Reply::NotAllowed,
        Reason::Dns | Reason::Timeout => Reply::HostUnreachable,
        Reason::Connect => Reply::ConnectionRefused,
        _ => Reply::GeneralFailure,
    }
}

#[cfg(test)]
mod tests {
    use hopline_domain::address::AddressPolicy;
    use hopline_outbound::OutboundConfig;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use url::Url;

    use super::*;

    async fn proxy(allowed: &[&str], bytes_max: u64) -> LinkProxy {
        let policy = AddressPolicy::new(allowed.iter().map(|net| net.parse().unwrap()).collect());
        let static_names =
            vec!["in.test:80:127.0.0.1".parse().unwrap(), "*:81:169.254.169.254,1.1.1.1".parse().unwrap()];
        let config = OutboundConfig { policy, static_names, ..OutboundConfig::default() };
        let way = Way { outbound: Outbound::new(config).unwrap(), egress: None, bytes_max };
        LinkProxy::start(way, &TaskTracker::new()).await.unwrap()
    }

    /// Asks for `host:port`; the code of the answer and the connection.
    async fn connect(proxy: &LinkProxy, host: &str, port: u16) -> (u8, TcpStream) {
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        let name = [&[u8::try_from(host.len()).unwrap()], host.as_bytes()].concat();
        let request = [&[5, 1, 0, 5, 1, 0, 3][..], &name, &port.to_be_bytes()].concat();
        stream.write_all(&request).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        (answer[3], stream)
    }

    fn found(proxy: &LinkProxy, url: &str) -> Option<Dialled> {
        proxy.ledger.find(&Url::parse(url).unwrap())
    }

    #[tokio::test]
    async fn judged_connections_are_spliced_and_recorded() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let remote = listener.local_addr().unwrap();
        let proxy = proxy(&["127.0.0.1/32"], 1_000).await;
        let (code, mut stream) = connect(&proxy, "127.0.0.1", remote.port()).await;
        assert_eq!(code, Reply::Succeeded as u8);
        let (mut accepted, _) = listener.accept().await.unwrap();
        stream.write_all(b"ping").await.unwrap();
        let mut bytes = [0; 4];
        accepted.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"ping");
        assert_eq!(found(&proxy, &format!("http://{remote}/")), Some(Dialled::Connected(remote)));
        drop(proxy);
        assert_eq!(accepted.read(&mut bytes).await.unwrap_or_default(), 0, "connections end with the proxy");
    }

    #[tokio::test]
    async fn what_a_link_may_not_reach_is_refused_with_its_reason() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = proxy(&[], 1_000).await;
        for (host, port, reason) in [
            ("127.0.0.1", port, Reason::ForbiddenAddress),
            ("localhost", port, Reason::ForbiddenAddress),
            ("in.test", 80, Reason::ForbiddenAddress),
            ("mixed.test", 81, Reason::ForbiddenAddress),
            ("1.1.1.1", 25, Reason::BadLocation),
        ] {
            let (code, _) = connect(&proxy, host, port).await;
            assert_eq!(code, reply_of(reason) as u8, "{host}");
            assert_eq!(found(&proxy, &format!("http://{host}:{port}/")), Some(Dialled::Refused(reason)));
        }
        let (code, _) = connect(&proxy, NOWHERE, 443).await;
        assert_eq!((code, found(&proxy, "https://browser.invalid/")), (Reply::NotAllowed as u8, None));
        let nobody = timeout(Duration::ZERO, listener.accept()).await;
        assert!(nobody.is_err(), "nothing was dialled");
    }
}
