//! From a URL to a live connection: resolve once, judge every answer, connect to exactly those addresses (I4).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use hopline_domain::address::{AddressPolicy, Reach, judge_hop_text};
use hopline_domain::chain::{Timings, Tls};
use http::HeaderValue;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use url::{Host, Position, Url};

use crate::connection::{Connection, Peer, Starter};
use crate::error::{ExchangeError, Phase};
use crate::names::NameResolver;
use crate::pool::Scheme;
use crate::static_name::{self, StaticName};
use crate::stopwatch::Stopwatch;
use crate::stream::Stream;
use crate::tls;

/// RFC 8305 §5: the next address is tried when the one before has not answered by then.
const CONNECTION_ATTEMPT_DELAY_MS: u64 = 250;
/// Answers beyond this many are judged but not tried.
const ADDRESSES_TRIED_MAX: usize = 8;

/// Where a request goes: the parts of its URL a dial and the pool need, and how far it may reach.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host<&'a str>,
    pub(crate) port: u16,
    /// `host[:port]`, without the scheme's own port.
    pub(crate) authority: &'a str,
    pub(crate) reach: Reach,
}

impl<'a> Target<'a> {
    /// Judges the text of `url` and takes it apart.
    pub(crate) fn of(url: &'a Url, reach: Reach, policy: &AddressPolicy) -> Result<Self, ExchangeError> {
        judge_hop_text(url, policy).map_err(ExchangeError::Refused)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(ExchangeError::BadUrl { detail: "it has no host".to_owned() });
        };
        let scheme = if url.scheme() == "https" { Scheme::Https } else { Scheme::Http };
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        Ok(Self { scheme, host, port, authority, reach })
    }
}

/// What an exchange has shown so far; survives the deadline that cuts it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) phase: Phase,
    pub(crate) timings: Timings,
    pub(crate) remote_addr: Option<SocketAddr>,
}

/// Makes connections.
#[derive(Debug)]
pub(crate) struct Dialler {
    pub(crate) policy: AddressPolicy,
    pub(crate) static_names: Vec<StaticName>,
    pub(crate) names: Arc<dyn NameResolver>,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) starter: Starter,
}

impl Dialler {
    /// Dials within `connect_ms`, which covers name, connection and TLS.
    pub(crate) async fn dial(
        &self,
        target: &Target<'_>,
        connect_ms: u64,
        progress: &mut Progress,
    ) -> Result<Connection, ExchangeError> {
        let dialled =
            tokio::time::timeout(Duration::from_millis(connect_ms), self.open(target, progress)).await;
        dialled.unwrap_or_else(|_| Err(ExchangeError::Timeout { phase: progress.phase }))
    }

    async fn open(&self, target: &Target<'_>, progress: &mut Progress) -> Result<Connection, ExchangeError> {
        let mut stopwatch = Stopwatch::start();
        progress.phase = Phase::Dns;
        let addresses = self.judged_addresses(target).await?;
        progress.timings.dns = stopwatch.lap_ms();

        progress.phase = Phase::Connect;
        let socket = connect_first(&addresses, target.port).await.map_err(|error| of_connect(&error))?;
        let remote_addr = judged_peer(&socket, &addresses)?;
        progress.remote_addr = Some(remote_addr);
        progress.timings.connect = stopwatch.lap_ms();

        let authority = HeaderValue::from_str(target.authority);
        let authority = authority.map_err(|error| ExchangeError::BadUrl { detail: error.to_string() })?;
        let in_named_net = self.policy.all_in_allowed(&addresses);
        let peer = |tls: Option<Tls>| Peer { remote_addr, tls: tls.map(Arc::new), in_named_net, authority };
        if target.scheme == Scheme::Http {
            return self.starter.http1(Stream::Plain(socket), peer(None)).await;
        }

        progress.phase = Phase::Tls;
        let secured = tls::handshake(&self.tls, &target.host, socket).await?;
        progress.timings.tls = stopwatch.lap_ms();
        let session = secured.get_ref().1;
        let speaks_http2 = session.alpn_protocol() == Some(b"h2");
        let peer = peer(Some(tls::evidence(session)));
        let stream = Stream::Tls(Box::new(secured));
        if speaks_http2 {
            self.starter.http2(stream, peer).await
        } else {
            self.starter.http1(stream, peer).await
        }
    }

    /// Every address of the host, after all of them were judged.
    pub(crate) async fn judged_addresses(&self, target: &Target<'_>) -> Result<Vec<IpAddr>, ExchangeError> {
        let addresses = match target.host {
            Host::Ipv4(address) => vec![IpAddr::V4(address)],
            Host::Ipv6(address) => vec![IpAddr::V6(address)],
            Host::Domain(name) => match static_name::find(&self.static_names, name, target.port) {
                Some(addresses) => addresses.to_vec(),
                None => self.looked_up(name).await?,
            },
        };
        let judged = self.policy.judge_dial(target.reach, &addresses);
        judged.map_err(|refusal| ExchangeError::Forbidden { host: target.host.to_string(), refusal })?;
        Ok(addresses)
    }

    async fn looked_up(&self, name: &str) -> Result<Vec<IpAddr>, ExchangeError> {
        use crate::names::NameError::NoAddress;
        let failed = |source| ExchangeError::Dns { host: name.to_owned(), source };
        let addresses = self.names.lookup(name).await.map_err(failed)?;
        if addresses.is_empty() { Err(failed(NoAddress)) } else { Ok(addresses) }
    }
}

/// The first address that answers, tried in turn with a head start for each (RFC 8305, "happy eyeballs").
async fn connect_first(addresses: &[IpAddr], port: u16) -> io::Result<TcpStream> {
    let mut untried = interleaved(addresses).into_iter().take(ADDRESSES_TRIED_MAX);
    let mut attempts = FuturesUnordered::new();
    let mut last_error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        let more = untried.next();
        attempts.extend(more.map(|address| TcpStream::connect(SocketAddr::new(address, port))));
        let head_start =
            Duration::from_millis(if more.is_some() { CONNECTION_ATTEMPT_DELAY_MS } else { u64::MAX });
        match tokio::time::timeout(head_start, attempts.next()).await {
            Ok(Some(Ok(socket))) => {
                socket.set_nodelay(true)?;
                return Ok(socket);
            }
            Ok(Some(Err(error))) => last_error = error,
            Ok(None) => return Err(last_error),
            Err(_head_start_over) => {}
        }
    }
}

/// IPv6 first, then the families in turn, each in the order DNS gave (RFC 8305 §4).
fn interleaved(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let (mut v6, mut v4): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(IpAddr::is_ipv6);
    v6.reverse();
    v4.reverse();
    let mut order = Vec::with_capacity(addresses.len());
    while !(v6.is_empty() && v4.is_empty()) {
        order.extend(v6.pop());
        order.extend(v4.pop());
    }
    order
}

/// The peer of the socket, which must be one of the judged addresses.
fn judged_peer(socket: &TcpStream, addresses: &[IpAddr]) -> Result<SocketAddr, ExchangeError> {
    let peer = socket.peer_addr().map_err(|error| of_connect(&error))?;
    if addresses.iter().any(|address| address.to_canonical() == peer.ip().to_canonical()) {
        return Ok(peer);
    }
    Err(ExchangeError::Connect { detail: format!("{peer} answered, which is none of the host's addresses") })
}

fn of_connect(error: &io::Error) -> ExchangeError {
    ExchangeError::Connect { detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_ipv6_begins() {
        let addresses = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "2606::1"].map(|text| text.parse().unwrap());
        let order: Vec<String> = interleaved(&addresses).iter().map(ToString::to_string).collect();
        assert_eq!(order, ["2606::1", "1.1.1.1", "1.1.1.2", "1.1.1.3"]);
    }

    #[test]
    fn a_target_knows_its_authority() {
        let policy = AddressPolicy::default();
        let authority = |text: &str| {
            let url = Url::parse(text).unwrap();
            Target::of(&url, Reach::Public, &policy).unwrap().authority.to_owned()
        };
        assert_eq!(authority("https://user:pw@Example.com:443/a?b"), "example.com");
        assert_eq!(authority("http://example.com:8080"), "example.com:8080");
        assert_eq!(authority("http://[2606:4700:4700::1111]:81/"), "[2606:4700:4700::1111]:81");
    }
}
