//! A page reaches for what no link may reach, in every way a page can. A tripwire on loopback counts what came through,
//! over TCP and UDP.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use hopline_browser::{Browser, BrowserConfig, VisitEnd};
use hopline_domain::address::AddressPolicy;
use hopline_domain::outcome::Reason;
use hopline_outbound::{NameError, NameResolver, OutboundConfig};
use hopline_testkit::{Answer, LinkFarm};

use super::{link, over, script, visit};

/// Addresses of this machine that no link may dial; the farm's 127.0.0.1 it may.
const FORBIDDEN: [&str; 2] = ["127.0.0.2", "::1"];

/// One port that nothing may reach, on every forbidden address. What came waits in the backlog.
struct Tripwire {
    port: u16,
    streams: Vec<TcpListener>,
    datagrams: Vec<UdpSocket>,
}

impl Tripwire {
    fn start() -> Self {
        let first = TcpListener::bind("127.0.0.2:0").expect("a loopback port is free");
        let port = first.local_addr().unwrap().port();
        let address = |host: &&str| SocketAddr::new(host.parse().unwrap(), port);
        let mut streams = vec![first];
        streams.extend(FORBIDDEN[1..].iter().filter_map(|host| TcpListener::bind(address(host)).ok()));
        let datagrams: Vec<_> =
            FORBIDDEN.iter().filter_map(|host| UdpSocket::bind(address(host)).ok()).collect();
        assert!(!datagrams.is_empty());
        for stream in &streams {
            stream.set_nonblocking(true).unwrap();
        }
        for datagram in &datagrams {
            datagram.set_nonblocking(true).unwrap();
        }
        Self { port, streams, datagrams }
    }

    fn touches(&self) -> Vec<String> {
        let streams =
            self.streams.iter().map(|stream| stream.accept().map(|(_, peer)| format!("TCP from {peer}")));
        let datagrams = self
            .datagrams
            .iter()
            .map(|datagram| datagram.recv_from(&mut [0; 64]).map(|(_, peer)| format!("UDP from {peer}")));
        let came = streams.chain(datagrams).filter_map(|touch| match touch {
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            touch => Some(format!("{touch:?}")),
        });
        came.collect()
    }
}

/// Every name but `rebind.test` is the farm's; that one changes its mind at every look.
#[derive(Debug, Default)]
struct Fickle(AtomicUsize);

#[async_trait]
impl NameResolver for Fickle {
    async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, NameError> {
        let answer = match host {
            "rebind.test" if self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => &["127.0.0.1"][..],
            "rebind.test" | "private.test" | "localhost" => &["127.0.0.2"],
            "both.test" => &["127.0.0.1", "127.0.0.2"],
            "sixth.test" => &["::1"],
            "cloud.test" => &["169.254.169.254"],
            _ => &["127.0.0.1"],
        };
        Ok(answer.iter().map(|address| address.parse().unwrap()).collect())
    }
}

fn guarded() -> Browser {
    let outbound = OutboundConfig {
        policy: AddressPolicy::new(vec!["127.0.0.1/32".parse().unwrap()]),
        names: Some(Arc::new(Fickle::default())),
        ..OutboundConfig::default()
    };
    over(BrowserConfig::default(), outbound)
}

const HOSTS: [&str; 10] = [
    "127.0.0.2",
    "0x7f.2",
    "[::1]",
    "[::ffff:127.0.0.2]",
    "localhost",
    "private.test",
    "both.test",
    "sixth.test",
    "cloud.test",
    "rebind.test",
];

/// Every way of a page to the network. It asks for `/reached` when all of them were tried.
const REACH: &str = r"
const tried = [];
const attempt = what => { try { const done = what(); if (done && done.catch) done.catch(() => 0) } catch {} };
const add = (tag, fields) => { const made = document.createElement(tag); Object.assign(made, fields); document.body.append(made); return made };
addEventListener('load', () => {
  for (const host of HOSTS) for (const scheme of ['http', 'https']) {
    const at = `${scheme}://${host}:PORT/`;
    attempt(() => fetch(at + 'fetch', {mode: 'no-cors'}));
    attempt(() => fetch(at + 'keep', {mode: 'no-cors', keepalive: true, method: 'POST', body: 'x'}));
    attempt(() => { const asked = new XMLHttpRequest(); asked.open('POST', at + 'xhr'); asked.send('x') });
    attempt(() => navigator.sendBeacon(at + 'beacon', 'x'));
    attempt(() => new WebSocket(at.replace('http', 'ws') + 'socket'));
    attempt(() => new EventSource(at + 'events'));
    attempt(() => new WebTransport(at + 'transport').ready);
    attempt(() => new Worker(URL.createObjectURL(new Blob([`importScripts('${at}worker'); fetch('${at}in-worker')`]))));
    attempt(() => import(at + 'module'));
    attempt(() => { new Image().src = at + 'image' });
    for (const [tag, field] of [['iframe', 'src'], ['script', 'src'], ['video', 'src'], ['embed', 'src'], ['object', 'data']])
      attempt(() => add(tag, {[field]: at + tag}));
    for (const rel of ['stylesheet', 'icon', 'preload', 'prefetch', 'preconnect', 'dns-prefetch', 'prerender', 'modulepreload', 'manifest'])
      attempt(() => add('link', {rel, href: at + rel, as: rel == 'preload' ? 'fetch' : ''}));
    attempt(() => { const name = 'f' + Math.random(); add('iframe', {name}); const form = add('form', {target: name, method: 'post', action: at + 'form'}); form.submit() });
    attempt(() => { const rules = add('script', {type: 'speculationrules'}); rules.textContent = JSON.stringify({prerender: [{source: 'list', urls: [at + 'rules']}]}) });
    attempt(() => open(at + 'window'));
    attempt(() => {
      const peer = new RTCPeerConnection({iceServers: [
        {urls: [`stun:${host}:PORT`]},
        {urls: [`turn:${host}:PORT?transport=udp`, `turn:${host}:PORT?transport=tcp`, `turns:${host}:PORT`], username: 'u', credential: 'p'},
      ]});
      peer.createDataChannel('x');
      return peer.createOffer().then(offer => peer.setLocalDescription(offer));
    });
  }
  attempt(() => {
    const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
    one.createDataChannel('x');
    return one.createOffer().then(offer => one.setLocalDescription(offer).then(() => other.setRemoteDescription(offer)))
      .then(() => other.createAnswer()).then(answer => one.setRemoteDescription(answer))
      .then(() => one.addIceCandidate({candidate: 'candidate:1 1 udp 2122260223 127.0.0.2 PORT typ host', sdpMid: '0'}));
  });
  fetch('/slow?ms=2500').finally(() => fetch('/reached'));
});
";

#[test]
fn a_tripwire_notices() {
    let wire = Tripwire::start();
    assert!(wire.touches().is_empty());
    drop(std::net::TcpStream::connect(("127.0.0.2", wire.port)).unwrap());
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"x", ("127.0.0.2", wire.port)).unwrap();
    assert_eq!(wire.touches().len(), 2);
}

#[tokio::test]
async fn no_page_reaches_a_forbidden_address() {
    let (farm, wire) = (LinkFarm::start().await, Tripwire::start());
    let hosts = format!("const HOSTS = {};", serde_json::to_string(&HOSTS).unwrap());
    let reach = format!("{hosts}{}", REACH.replace("PORT", &wire.port.to_string()));
    farm.serve(
        "/reach",
        Answer::html(&format!("<!doctype html><title>reach</title><body><script>{reach}</script>")),
    );
    let browser = guarded();
    // By address the page is a secure context, which some ways need.
    let report = visit(&browser, &farm.url("/reach")).await;
    assert!(matches!(report.end, VisitEnd::Page { .. }), "{:?}", report.end);
    assert_eq!(farm.hits("/reached"), 1, "every way was tried");
    assert_eq!(wire.touches(), Vec::<String>::new());
    browser.close().await;
    assert_eq!(wire.touches(), Vec::<String>::new());
}

const WAYS: [&str; 6] = ["/redirect", "/script", "/header", "/meta", "/later", "/form"];

#[tokio::test]
async fn no_link_is_led_to_a_forbidden_address() {
    let (farm, wire) = (LinkFarm::start().await, Tripwire::start());
    let browser = guarded();
    for host in HOSTS {
        let target = format!("http://{host}:{}/", wire.port);
        farm.serve("/redirect", Answer::redirect(302, &target));
        farm.serve("/header", Answer::page("h").header("Refresh", format!("0;url={target}")));
        farm.serve("/meta", Answer::html(&format!("<meta http-equiv=refresh content='0;url={target}'>")));
        farm.serve("/script", script(&format!("location = '{target}'")));
        farm.serve("/later", script(&format!("setTimeout(() => location.replace('{target}'), 900)")));
        farm.serve(
            "/form",
            Answer::html(&format!(
                "<form id=f method=post action='{target}'></form><script>f.submit()</script>"
            )),
        );
        // How a page leads there is the page's matter, where it leads the proxy's: each way once, each place twice.
        let ways = if host == HOSTS[0] { &WAYS[..] } else { &WAYS[..2] };
        for path in ways {
            let mut asked = link(&farm.url(path));
            asked.total_ms = 10_000;
            let report = browser.visit(&asked).await.unwrap();
            // A name that changes its mind was once allowed, and then nobody listened there.
            let expected: &[Reason] = if host == "rebind.test" {
                &[Reason::ForbiddenAddress, Reason::Connect]
            } else {
                &[Reason::ForbiddenAddress]
            };
            let VisitEnd::Failure(reason) = report.end else { panic!("{host} {path}: {:?}", report.end) };
            assert!(expected.contains(&reason), "{host} {path}: {reason:?}");
            assert_eq!(wire.touches(), Vec::<String>::new(), "{host} {path}");
        }
    }
    browser.close().await;
}
