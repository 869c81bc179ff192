//! Egresses against real proxies: they are told judged addresses and nothing else, and what they do wrong is said.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use hopline_domain::address::AddressPolicy;
use hopline_outbound::{
    BodyPlan, Exchange, ExchangeError, ExchangeLimits, ExchangeRequest, NameError, NameResolver, Outbound,
    OutboundConfig, Phase, Proxy, ProxyTrust, Purpose, TunnelRequest,
};
use hopline_testkit::{Answer, EgressProxy, LinkFarm, ProxyAsk, ProxyMood, WebhookSink};
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

/// Where the names of these tests are: addresses of the public internet that no packet ever goes to.
const NAMES: [(&str, &[&str]); 8] = [
    ("a.test", &["198.41.0.4"]),
    ("b.test", &["2606:4700:4700::1111", "198.41.0.4", "199.9.14.201"]),
    ("sixth.test", &["2606:4700:4700::1111"]),
    ("private.test", &["10.0.0.1"]),
    ("here.test", &["127.0.0.1"]),
    ("half.test", &["198.41.0.4", "127.0.0.1"]),
    ("cloud.test", &["169.254.169.254"]),
    ("mapped.test", &["::ffff:127.0.0.1"]),
];

/// Answers from `NAMES`; `turncoat.test` is public once and then is not.
#[derive(Debug, Default)]
struct Names(AtomicUsize);

#[async_trait::async_trait]
impl NameResolver for Names {
    async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, NameError> {
        let addresses = match host {
            "turncoat.test" if self.0.fetch_add(1, Ordering::SeqCst) == 0 => &["198.41.0.4"],
            "turncoat.test" => &["127.0.0.1"],
            _ => NAMES.iter().find(|(name, _)| *name == host).ok_or(NameError::NoSuchName)?.1,
        };
        Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Socks5,
    Http,
}

const KINDS: [Kind; 2] = [Kind::Socks5, Kind::Http];

impl Kind {
    async fn start(self, upstream: SocketAddr) -> EgressProxy {
        match self {
            Self::Socks5 => EgressProxy::socks5(upstream).await,
            Self::Http => EgressProxy::http(upstream).await,
        }
    }

    /// As an operator writes it, with `userinfo` (`user:password@`, or nothing) before the host.
    fn proxy(self, userinfo: &str, address: SocketAddr) -> Proxy {
        let (scheme, trust) = match self {
            Self::Socks5 => ("socks5", ProxyTrust::Untrusted),
            Self::Http => ("http", ProxyTrust::Trusted),
        };
        Proxy::parse(&format!("{scheme}://{userinfo}{address}"), trust).unwrap()
    }
}

/// A client that may reach only public addresses, through the egress `one`. The proxy's own address is on loopback: it is
/// the operator's word and not judged.
fn closed_client(proxy: Proxy) -> Outbound {
    client(proxy, OutboundConfig::default())
}

fn client(proxy: Proxy, config: OutboundConfig) -> Outbound {
    let egresses = [("one".parse().unwrap(), proxy)].into();
    Outbound::new(OutboundConfig { egresses, names: Some(Arc::new(Names::default())), ..config }).unwrap()
}

fn request(url: &str, egress: Option<&str>) -> ExchangeRequest {
    ExchangeRequest {
        method: Method::GET,
        url: Url::parse(url).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        purpose: Purpose::Link,
        egress: egress.map(Arc::from),
        limits: ExchangeLimits { connect_ms: 10_000, total_ms: 20_000, body_bytes_max: 64 * 1024 },
        body_plan: |_| BodyPlan::Read,
    }
}

async fn ask(client: &Outbound, url: &str) -> Result<Exchange, ExchangeError> {
    client.exchange(request(url, Some("one"))).await.map_err(|failure| failure.error)
}

fn targets(proxy: &EgressProxy) -> Vec<String> {
    proxy.asks().into_iter().map(|ask| ask.target).collect()
}

#[tokio::test]
async fn a_proxy_is_told_the_judged_address_and_never_the_name() {
    let farm = LinkFarm::start().await;
    farm.serve("/page", Answer::page("through"));
    for kind in KINDS {
        let proxy = kind.start(farm.address()).await;
        let client = closed_client(kind.proxy("", proxy.address()));
        for (url, target) in [
            ("http://a.test/page", "198.41.0.4:80"),
            ("http://sixth.test:8080/page", "[2606:4700:4700::1111]:8080"),
            ("http://198.41.0.4:81/page", "198.41.0.4:81"),
        ] {
            let exchange = ask(&client, url).await.unwrap();
            assert_eq!(exchange.remote_addr, target.parse().unwrap(), "{kind:?} {url}");
            assert!(String::from_utf8_lossy(&exchange.body).contains("through"));
            assert_eq!(targets(&proxy).last().unwrap(), target, "{kind:?}");
        }
        let host = farm.last_request("/page").unwrap();
        assert_eq!(host.header("host"), Some("198.41.0.4:81"), "the target gets the request, not the proxy");
        assert_eq!(host.header("proxy-authorization"), None);
    }
}

#[tokio::test]
async fn tls_is_agreed_with_the_target_itself() {
    let sink = WebhookSink::start_tls().await;
    let extra_roots = vec![sink.root_certificate_der().unwrap().to_vec().into()];
    for kind in KINDS {
        let proxy = kind.start(sink.address()).await;
        let roots = OutboundConfig { extra_roots: extra_roots.clone(), ..OutboundConfig::default() };
        let client = client(kind.proxy("", proxy.address()), roots);
        let exchange = ask(&client, "https://a.test/").await.unwrap();
        assert!(exchange.tls.is_some());
        let refused = ask(&client, "https://sixth.test/").await.unwrap_err();
        assert_eq!(refused.word(), "tls", "the certificate is for a.test: {refused}");
        assert_eq!(targets(&proxy), ["198.41.0.4:443", "[2606:4700:4700::1111]:443"]);
    }
}

#[tokio::test]
async fn a_forbidden_address_never_reaches_a_proxy() {
    let farm = LinkFarm::start().await;
    for kind in KINDS {
        let proxy = kind.start(farm.address()).await;
        let client = closed_client(kind.proxy("", proxy.address()));
        for host in [
            "private.test",
            "here.test",
            "half.test",
            "cloud.test",
            "mapped.test",
            "localhost",
            "vault.internal",
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "10.0.0.1",
            "169.254.169.254",
            "[fd00:ec2::254]",
        ] {
            for scheme in ["http", "https"] {
                let refused = ask(&client, &format!("{scheme}://{host}/")).await.unwrap_err();
                assert_eq!(refused.word(), "forbidden_address", "{kind:?} {host}: {refused}");
            }
            let tunnel = TunnelRequest { host, port: 443, connect_ms: 10_000, egress: Some("one") };
            let refused = client.tunnel(tunnel).await.unwrap_err();
            assert_eq!(refused.word(), "forbidden_address", "{kind:?} {host}: {refused}");
        }
        assert_eq!(
            ask(&client, "http://nowhere.test/").await.unwrap_err().word(),
            "dns",
            "asked here, not there"
        );
        assert_eq!(proxy.asks(), []);
        farm.serve("/once", Answer::page("once").header("Connection", "close"));
        assert!(ask(&client, "http://turncoat.test/once").await.is_ok());
        assert_eq!(ask(&client, "http://turncoat.test/once").await.unwrap_err().word(), "forbidden_address");
        assert_eq!(targets(&proxy), ["198.41.0.4:80"]);
    }
}

#[tokio::test]
async fn credentials_are_given_to_the_proxy_and_to_nobody_else() {
    let farm = LinkFarm::start().await;
    for kind in KINDS {
        let proxy = kind.start(farm.address()).await;
        proxy.set_mood(ProxyMood::ServeKnown("operator".to_owned(), "s3cret@x".to_owned()));
        let known = closed_client(kind.proxy("operator:s3cret%40x@", proxy.address()));
        ask(&known, "http://a.test/page").await.unwrap();
        let credentials = Some(("operator".to_owned(), "s3cret@x".to_owned()));
        assert_eq!(proxy.asks(), [ProxyAsk { target: "198.41.0.4:80".to_owned(), credentials }]);
        assert!(!format!("{:?}", farm.last_request("/page")).contains("s3cret"));

        for (userinfo, expected) in [("operator:wr0ng@", "refused the configured"), ("", "wants credentials")]
        {
            let stranger = closed_client(kind.proxy(userinfo, proxy.address()));
            let refused = ask(&stranger, "http://a.test/page").await.unwrap_err();
            let ExchangeError::Connect { detail } = &refused else { panic!("{kind:?} {refused:?}") };
            assert!(detail.starts_with("the proxy of egress one ") && detail.contains(expected), "{detail}");
            for printed in [format!("{refused:?}"), format!("{stranger:?}")] {
                assert!(!printed.contains("wr0ng"), "{printed}");
            }
        }
        assert_eq!(proxy.asks().len(), 1, "who is not known asks for nothing");
    }
}

#[tokio::test]
async fn what_a_proxy_does_wrong_is_said() {
    let farm = LinkFarm::start().await;
    for kind in KINDS {
        let proxy = kind.start(farm.address()).await;
        let client = closed_client(kind.proxy("", proxy.address()));
        let other_words = match kind {
            Kind::Socks5 => b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
            Kind::Http => b"\x05\xff\n\n".to_vec(),
        };
        for (mood, expected) in [
            (ProxyMood::Refuse, "did not connect"),
            (ProxyMood::Babble(Vec::new()), "broke off"),
            (ProxyMood::Babble(other_words), "does not speak its protocol"),
            (ProxyMood::Babble(b"\x05".to_vec()), "broke off"),
            (
                ProxyMood::Babble(b"HTTP/1.1 200 OK\r\nA: ".to_vec()),
                match kind {
                    Kind::Socks5 => "does not speak its protocol",
                    Kind::Http => "broke off",
                },
            ),
        ] {
            proxy.set_mood(mood.clone());
            let failed = ask(&client, "http://a.test/").await.unwrap_err();
            let ExchangeError::Connect { detail } = &failed else { panic!("{kind:?} {mood:?} {failed:?}") };
            assert!(detail.starts_with(&format!("the proxy of egress one {expected}")), "{mood:?} {detail}");
        }
        proxy.set_mood(ProxyMood::Hang);
        let mut hurried = request("http://a.test/", Some("one"));
        hurried.limits.connect_ms = 30;
        let failure = client.exchange(hurried).await.unwrap_err();
        assert_eq!(failure.error, ExchangeError::Timeout { phase: Phase::Connect }, "{kind:?}");
        assert_eq!(failure.remote_addr, None);
        proxy.stop().await;
        let gone = ask(&client, "http://a.test/").await.unwrap_err();
        assert!(gone.to_string().starts_with("connect: the proxy of egress one can't be reached"), "{gone}");
        assert_eq!(farm.hits("/"), 0);
    }
}

#[tokio::test]
async fn an_address_the_proxy_refuses_is_followed_by_the_next_ipv4_first() {
    let farm = LinkFarm::start().await;
    for kind in KINDS {
        let proxy = kind.start(farm.address()).await;
        proxy.set_mood(ProxyMood::RefuseAddress("198.41.0.4:".to_owned()));
        let client = closed_client(kind.proxy("", proxy.address()));
        let exchange = ask(&client, "http://b.test/page").await.unwrap();
        assert_eq!(exchange.remote_addr.to_string(), "199.9.14.201:80");
        assert_eq!(targets(&proxy), ["198.41.0.4:80", "199.9.14.201:80"], "{kind:?}");
    }
}

#[tokio::test]
async fn connections_are_used_again_within_an_egress_and_never_across() {
    let farm = LinkFarm::start().await;
    let [one, two] = [EgressProxy::socks5(farm.address()).await, EgressProxy::http(farm.address()).await];
    let egresses = [
        ("one".parse().unwrap(), Kind::Socks5.proxy("", one.address())),
        ("two".parse().unwrap(), Kind::Http.proxy("", two.address())),
    ];
    let client = Outbound::new(OutboundConfig {
        policy: AddressPolicy::new(vec!["127.0.0.1/32".parse().unwrap()]),
        egresses: egresses.into(),
        ..OutboundConfig::default()
    });
    let client = client.unwrap();
    let url = farm.url("/page");
    for _ in 0..3 {
        for egress in [None, Some("one"), Some("two")] {
            let exchange = client.exchange(request(&url, egress)).await.unwrap();
            assert_eq!(exchange.remote_addr, farm.address(), "{egress:?}");
        }
    }
    let target = [farm.address().to_string()];
    assert_eq!((targets(&one), targets(&two)), (target.to_vec(), target.to_vec()));
    assert_eq!(farm.hits("/page"), 9);
    let unknown = client.exchange(request(&url, Some("three"))).await.unwrap_err();
    assert_eq!(unknown.error, ExchangeError::UnknownEgress { name: "three".to_owned() });
    assert_eq!(farm.hits("/page"), 9);
}

#[tokio::test]
async fn a_tunnel_goes_through_an_egress_too() {
    let farm = LinkFarm::start().await;
    farm.serve_raw("/raw", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    for kind in KINDS {
        let proxy = kind.start(farm.address()).await;
        let client = closed_client(kind.proxy("", proxy.address()));
        let to = TunnelRequest { host: "a.test", port: 80, connect_ms: 10_000, egress: Some("one") };
        let mut tunnel = client.tunnel(to).await.unwrap();
        assert_eq!(tunnel.remote_addr().to_string(), "198.41.0.4:80");
        tunnel.write_all(b"GET /raw HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        tunnel.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
        assert_eq!(targets(&proxy), ["198.41.0.4:80"]);
    }
}
