//! From a URL to a live connection: resolve once, judge every answer, connect to exactly those addresses (I04).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use hopline_domain::address::{AddressPolicy, Reach, judge_hop_text};
use hopline_domain::chain::Tls;
use http::HeaderValue;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Position, Url};

use crate::connection::{Connection, Peer, Starter};
use crate::egress::{Egress, Proxy, ProxyFault};
use crate::error::{ExchangeError, Phase};
use crate::names::NameResolver;
use crate::pool::{Scheme, Way};
use crate::progress::Progress;
use crate::static_name::{self, StaticName};
use crate::stream::Stream;
use crate::tls;
use crate::tunnel::Tunnel;

/// RFC 8305 §5: the next address is tried when the one before has not answered by then.
const CONNECTION_ATTEMPT_DELAY_MS: u64 = 250;
/// Answers beyond this many are judged but not tried.
const ADDRESSES_TRIED_MAX: usize = 8;
/// A proxy that refuses this many addresses of a host is not asked for more.
const PROXIED_ADDRESSES_TRIED_MAX: usize = 3;

/// Where a request goes: the parts of its URL a dial and the pool need, and how far it may reach.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host<&'a str>,
    pub(crate) port: u16,
    /// `host[:port]`, without the scheme's own port.
    pub(crate) authority: &'a str,
    pub(crate) reach: Reach,
    /// `None` dials directly.
    pub(crate) egress: Option<&'a Egress>,
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
        Ok(Self { scheme, host, port, authority, reach, egress: None })
    }

    pub(crate) fn through(self, egress: Option<&'a Egress>) -> Self {
        Self { egress, ..self }
    }

    /// What connections must have in common to be shared, besides the authority.
    pub(crate) fn way(&self) -> Way {
        Way { scheme: self.scheme, egress: self.egress.map(|egress| egress.position) }
    }
}

/// A socket, and what is known of where it leads.
#[derive(Debug)]
struct Reached {
    socket: TcpStream,
    remote_addr: SocketAddr,
    /// Whether every answer that led here lay in a named net.
    in_named_net: bool,
}

/// Makes connections.
#[derive(Debug)]
pub(crate) struct Dialler {
    pub(crate) policy: AddressPolicy,
    pub(crate) static_names: Vec<StaticName>,
    pub(crate) names: Arc<dyn NameResolver>,
    pub(crate) egresses: Vec<Egress>,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) starter: Starter,
}

impl Dialler {
    /// The egress a request asks for.
    pub(crate) fn egress(&self, name: Option<&str>) -> Result<Option<&Egress>, ExchangeError> {
        let Some(name) = name else { return Ok(None) };
        let known = self.egresses.iter().find(|egress| egress.name.as_str() == name);
        known.map(Some).ok_or_else(|| ExchangeError::UnknownEgress { name: name.to_owned() })
    }

    /// Dials within `connect_ms`, which covers name, connection and TLS.
    pub(crate) async fn dial(
        &self,
        target: &Target<'_>,
        connect_ms: u64,
        progress: &mut Progress,
    ) -> Result<Connection, ExchangeError> {
        let dialled = timeout(Duration::from_millis(connect_ms), self.open(target, progress)).await;
        dialled.unwrap_or_else(|_| Err(ExchangeError::Timeout { phase: progress.phase() }))
    }

    /// As `dial`, without a protocol on top.
    pub(crate) async fn tunnel(&self, target: &Target<'_>, connect_ms: u64) -> Result<Tunnel, ExchangeError> {
        let mut progress = Progress::start();
        let reached = timeout(Duration::from_millis(connect_ms), self.reach(target, &mut progress)).await;
        let reached = reached.unwrap_or_else(|_| Err(ExchangeError::Timeout { phase: progress.phase() }))?;
        Ok(Tunnel::new(reached.socket, reached.remote_addr))
    }

    async fn open(&self, target: &Target<'_>, progress: &mut Progress) -> Result<Connection, ExchangeError> {
        let Reached { socket, remote_addr, in_named_net } = self.reach(target, progress).await?;
        let authority = HeaderValue::from_str(target.authority);
        let authority = authority.map_err(|error| ExchangeError::BadUrl { detail: error.to_string() })?;
        let peer = |tls: Option<Tls>| Peer { remote_addr, tls: tls.map(Arc::new), in_named_net, authority };
        if target.scheme == Scheme::Http {
            return self.starter.http1(Stream::Plain(socket), peer(None)).await;
        }

        progress.enter(Phase::Tls);
        let secured = tls::handshake(&self.tls, &target.host, socket).await?;
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

    /// A socket to one of the host's judged addresses.
    async fn reach(&self, target: &Target<'_>, progress: &mut Progress) -> Result<Reached, ExchangeError> {
        progress.enter(Phase::Dns);
        let addresses = self.judged_addresses(target).await?;
        let in_named_net = self.policy.all_in_allowed(&addresses);

        progress.enter(Phase::Connect);
        let (socket, remote_addr) = match target.egress {
            None => connect_directly(&addresses, target.port).await?,
            Some(egress) => {
                let through = self.connect_through(&egress.proxy, &addresses, target.port).await;
                through.map_err(|fault| fault.of(&egress.name))?
            }
        };
        progress.remote_addr = Some(remote_addr);
        Ok(Reached { socket, remote_addr, in_named_net })
    }

    /// Has a proxy connect to the judged addresses, one after the other: two at once would be two connections of its own.
    async fn connect_through(
        &self,
        proxy: &Proxy,
        addresses: &[IpAddr],
        port: u16,
    ) -> Result<(TcpStream, SocketAddr), ProxyFault> {
        let proxy_addresses = self.proxy_addresses(proxy).await?;
        let mut last_fault = ProxyFault::Refused { detail: "there is no address to try".to_owned() };
        for address in v4_first(addresses).take(PROXIED_ADDRESSES_TRIED_MAX) {
            let target = SocketAddr::new(address, port);
            let connected = connect_first(&proxy_addresses, proxy.port).await;
            let mut socket =
                connected.map_err(|error| ProxyFault::Unreachable { detail: error.to_string() })?;
            match proxy.connect(&mut socket, target).await {
                Ok(()) => return Ok((socket, target)),
                Err(fault @ ProxyFault::Refused { .. }) => last_fault = fault,
                Err(fault) => return Err(fault),
            }
        }
        Err(last_fault)
    }

    /// Where a proxy is: the operator's own choice, so the link policy has no say.
    async fn proxy_addresses(&self, proxy: &Proxy) -> Result<Vec<IpAddr>, ProxyFault> {
        let name = match &proxy.host {
            Host::Ipv4(address) => return Ok(vec![IpAddr::V4(*address)]),
            Host::Ipv6(address) => return Ok(vec![IpAddr::V6(*address)]),
            Host::Domain(name) => name,
        };
        if let Some(addresses) = static_name::find(&self.static_names, name, proxy.port) {
            return Ok(addresses.to_vec());
        }
        let looked_up = self.names.lookup(name).await;
        looked_up.map_err(|error| ProxyFault::Unreachable { detail: error.to_string() })
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

async fn connect_directly(addresses: &[IpAddr], port: u16) -> Result<(TcpStream, SocketAddr), ExchangeError> {
    let socket = connect_first(addresses, port).await.map_err(|error| of_connect(&error))?;
    let remote_addr = judged_peer(&socket, addresses)?;
    Ok((socket, remote_addr))
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
        match timeout(head_start, attempts.next()).await {
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

/// For a proxy: what it can reach is unknown, and most reach IPv4. A mapped address is the IPv4 address it maps.
fn v4_first(addresses: &[IpAddr]) -> impl Iterator<Item = IpAddr> {
    let canonical: Vec<IpAddr> = addresses.iter().map(IpAddr::to_canonical).collect();
    let (v4, v6): (Vec<_>, Vec<_>) = canonical.into_iter().partition(IpAddr::is_ipv4);
    v4.into_iter().chain(v6)
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::receiver::{FixedNames, Receiver, get};
    use crate::{ExchangeRequest, NameError, Outbound, OutboundConfig, Purpose};

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

    const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    fn named(name: &'static str, addresses: &[&str], allowed: &[&str]) -> Outbound {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let names: Arc<dyn NameResolver> = Arc::new(FixedNames([(name, addresses)].into()));
        let policy = AddressPolicy::new(allowed.iter().map(|text| text.parse().unwrap()).collect());
        Outbound::new(OutboundConfig { policy, names: Some(names), ..OutboundConfig::default() }).unwrap()
    }

    async fn word_of(client: &Outbound, url: &str, purpose: Purpose) -> Option<&'static str> {
        let request = ExchangeRequest { purpose, ..get(Url::parse(url).unwrap()) };
        client.exchange(request).await.err().map(|failure| failure.error.word())
    }

    #[tokio::test]
    async fn one_forbidden_answer_refuses_the_name_before_any_packet() {
        let receiver = Receiver::answering(OK);
        let url = format!("http://mixed.test:{}/", receiver.addr.port());
        for addresses in
            [&["127.0.0.1"][..], &["1.1.1.1", "127.0.0.1"], &["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"]]
        {
            let client = named("mixed.test", addresses, &[]);
            assert_eq!(
                word_of(&client, &url, Purpose::Link).await,
                Some("forbidden_address"),
                "{addresses:?}"
            );
        }
        assert_eq!(receiver.connections(), 0);
    }

    #[tokio::test]
    async fn literals_and_special_names_are_refused_without_a_lookup() {
        let client = named("unused.test", &[], &[]);
        for url in ["http://127.0.0.1:9000/", "http://[::1]/", "http://2130706433/", "http://localhost/"] {
            assert_eq!(word_of(&client, url, Purpose::Link).await, Some("forbidden_address"), "{url}");
        }
        assert_eq!(word_of(&client, "http://example.com:25/", Purpose::Link).await, Some("bad_port"));
        assert_eq!(word_of(&client, "ftp://example.com/", Purpose::Link).await, Some("unsupported_scheme"));
        assert_eq!(word_of(&client, "http://nowhere.test/", Purpose::Link).await, Some("dns"));
        assert_eq!(word_of(&client, "http://unused.test/", Purpose::Link).await, Some("dns"));
    }

    #[tokio::test]
    async fn a_named_net_is_reached_by_name_literal_and_mapped_form() {
        let receiver = Receiver::answering(OK);
        let port = receiver.addr.port();
        let client = named("inside.test", &["127.0.0.1"], &["127.0.0.0/8"]);
        for host in ["inside.test", "127.0.0.1", "[::ffff:127.0.0.1]"] {
            assert_eq!(
                word_of(&client, &format!("http://{host}:{port}/"), Purpose::Link).await,
                None,
                "{host}"
            );
            assert_eq!(
                word_of(&client, &format!("http://{host}:{port}/"), Purpose::Webhook).await,
                None,
                "{host}"
            );
        }
    }

    #[tokio::test]
    async fn plain_http_receivers_and_special_names_need_a_named_net() {
        let client = named("printer.local", &["1.1.1.1"], &["127.0.0.0/8"]);
        assert_eq!(word_of(&client, "http://printer.local/", Purpose::Link).await, Some("forbidden_address"));
        assert_eq!(
            word_of(&client, "http://printer.local/", Purpose::Webhook).await,
            Some("forbidden_address")
        );
        let client = named("public.test", &["1.1.1.1"], &["127.0.0.0/8"]);
        assert_eq!(
            word_of(&client, "http://public.test/", Purpose::Webhook).await,
            Some("forbidden_address")
        );
        let checked = |url: &'static str, purpose| {
            let client = client.clone();
            async move { client.check_target(&Url::parse(url).unwrap(), purpose, 1_000).await.is_ok() }
        };
        assert!(checked("http://public.test/", Purpose::Link).await);
        assert!(checked("https://public.test/", Purpose::Webhook).await);
        assert!(!checked("http://public.test/", Purpose::Webhook).await);
    }

    #[tokio::test]
    async fn static_names_are_judged_too() {
        let static_names = vec!["pinned.test:80:127.0.0.1".parse().unwrap()];
        let client = Outbound::new(OutboundConfig { static_names, ..OutboundConfig::default() }).unwrap();
        assert_eq!(word_of(&client, "http://pinned.test/", Purpose::Link).await, Some("forbidden_address"));
    }

    #[derive(Debug, Default)]
    struct Rebinding(AtomicUsize);

    #[async_trait::async_trait]
    impl NameResolver for Rebinding {
        async fn lookup(&self, _host: &str) -> Result<Vec<IpAddr>, NameError> {
            let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
            Ok(vec![if first { "127.0.0.1" } else { "127.0.0.2" }.parse().unwrap()])
        }
    }

    #[tokio::test]
    async fn every_dial_judges_anew() {
        let receiver =
            Receiver::answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        let policy = AddressPolicy::new(vec!["127.0.0.1/32".parse().unwrap()]);
        let names: Option<Arc<dyn NameResolver>> = Some(Arc::new(Rebinding::default()));
        let client = Outbound::new(OutboundConfig { policy, names, ..OutboundConfig::default() }).unwrap();
        let url = format!("http://rebinding.test:{}/", receiver.addr.port());
        assert_eq!(word_of(&client, &url, Purpose::Link).await, None);
        assert_eq!(word_of(&client, &url, Purpose::Link).await, Some("forbidden_address"));
        assert_eq!(receiver.connections(), 1);
    }

    #[tokio::test]
    async fn a_closed_port_is_a_connect_error() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let client = named("unused.test", &[], &["127.0.0.0/8"]);
        assert_eq!(word_of(&client, &url, Purpose::Link).await, Some("connect"));
    }
}
