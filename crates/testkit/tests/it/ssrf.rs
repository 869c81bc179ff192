//! No way leads to an address that is not public: not by literal in any spelling, not by name, not by a redirect, not by
//! a name that changes its mind, not by the operator's own `--resolve`, not through an egress. A tripwire on loopback counts
//! what came through, by TCP and by UDP.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, UdpSocket};

use hopline_domain::address::AddressPolicy;
use hopline_outbound::{Proxy, ProxyTrust};
use hopline_testkit::{Answer, EgressProxy, LinkFarm, TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

use crate::stage::Stage;

/// An address of this machine that no test's server may dial; 127.0.0.1 is named and may.
const FORBIDDEN: [u8; 4] = [127, 0, 0, 2];

/// A port on loopback that nothing may ever reach. Connections it was not asked about wait in its backlog, packets in its
/// buffer.
struct Tripwire {
    listeners: Vec<TcpListener>,
    sockets: Vec<UdpSocket>,
}

impl Tripwire {
    /// On 127.0.0.1 and, where there is one, on the same port of `::1`.
    fn start() -> Self {
        let v4 = listen("127.0.0.1:0".parse().unwrap()).expect("a loopback port is free");
        let v6 = listen(format!("[::1]:{}", v4.local_addr().unwrap().port()).parse().unwrap());
        Self::at([Some(v4), v6].into_iter().flatten().collect())
    }

    /// On another address of loopback and a port somebody else has on 127.0.0.1.
    fn beside(port: u16) -> Self {
        Self::at(vec![listen(SocketAddr::from((FORBIDDEN, port))).expect("the port is free")])
    }

    /// UDP ports of these numbers may be somebody else's; those that are free are watched too.
    fn at(listeners: Vec<TcpListener>) -> Self {
        let sockets =
            listeners.iter().filter_map(|listener| UdpSocket::bind(listener.local_addr().unwrap()).ok());
        let sockets: Vec<UdpSocket> = sockets.collect();
        for socket in &sockets {
            socket.set_nonblocking(true).unwrap();
        }
        Self { listeners, sockets }
    }

    fn port(&self) -> u16 {
        self.listeners[0].local_addr().unwrap().port()
    }

    fn expect_untouched(&self) {
        for listener in &self.listeners {
            match listener.accept() {
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                Ok((_, peer)) => panic!("{peer} came through to {listener:?}"),
            }
        }
        for socket in &self.sockets {
            match socket.recv_from(&mut [0; 2048]) {
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                Ok((bytes, peer)) => panic!("{bytes} bytes from {peer} came through to {socket:?}"),
            }
        }
    }
}

fn listen(address: SocketAddr) -> Option<TcpListener> {
    let listener = TcpListener::bind(address).ok()?;
    listener.set_nonblocking(true).unwrap();
    Some(listener)
}

#[test]
fn a_tripwire_notices() {
    let wire = Tripwire::start();
    wire.expect_untouched();
    drop(std::net::TcpStream::connect(wire.listeners[0].local_addr().unwrap()).unwrap());
    assert!(wire.listeners[0].accept().is_ok(), "even a connection that is gone again");
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    if let Some(socket) = wire.sockets.first() {
        stranger.send_to(b"?", socket.local_addr().unwrap()).unwrap();
        assert!(socket.recv_from(&mut [0; 16]).is_ok());
    }
}

/// Hosts that are, or carry, an address nobody may dial; as `resolve.md` and the WHATWG URL parser have them.
#[rustfmt::skip]
const FORBIDDEN_HOSTS: &[&str] = &[
    // One address, many spellings.
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0x7F.0X0.0.1",
    "017700000001", "0177.0.0.1", "0177.0.0.01", "127.0x0.0.1", "127.255.255.254", "%31%32%37.0.0.1", "127%2e0%2e0%2e1",
    "\u{ff11}\u{ff12}\u{ff17}.0.0.1", "127\u{3002}0\u{3002}0\u{3002}1", "127\u{ff0e}0\u{ff0e}0\u{ff0e}1",
    "\u{2460}\u{2461}\u{2466}.0.0.1",
    // Every block that is not the public internet.
    "0.0.0.0", "0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "012.0.0.1", "100.64.0.1", "100.127.255.255", "169.254.0.1",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1",
    "192.168.0.1", "192.168.255.255", "0xc0a80001", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "4294967295",
    // Where clouds keep their secrets.
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.170.2", "169.254.170.23",
    "168.63.129.16", "100.100.100.200", "[fd00:ec2::254]", "[fd20:ce::254]", "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    // IPv6, and IPv4 inside it.
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]",
    "[::a00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]", "[100::1]", "[100:0:0:1::1]", "[2001::1]", "[2001:0:7f00:1::]", "[2001:10::1]", "[2001:20::1]",
    "[2001:db8::1]", "[2002:7f00:1::]", "[2002:a00:1::1]", "[2620:4f:8000::1]", "[3fff::1]", "[3fff:fff::1]", "[5f00::1]",
    "[fc00::1]", "[fdff::1]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[feff::1]", "[ff02::1]", "[ff0e::1]",
    "[2606:4700::5efe:127.0.0.1]", "[2606:4700::200:5efe:10.0.0.1]", "[4000::1]", "[8000::1]",
    // Names that never mean a public host.
    "localhost", "LOCALHOST", "localhost.", "foo.localhost", "printer.local", "vault.internal",
    "metadata.google.internal", "metadata.goog", "l\u{24de}calhost",
];

/// What is no URL at all, whatever it would mean to somebody more lenient.
const NO_URLS: &[&str] =
    &["[fe80::1%25eth0]", "[::1", "127.0.0.1.5", "256.256.256.256", "0x100000000", "[::127.0.0.1.1]"];

fn closed() -> TestAppBuilder {
    TestApp::builder().without_allowed_nets()
}

/// Lets 127.0.0.1 be dialled and no other private address.
fn ajar() -> TestAppBuilder {
    TestApp::builder()
        .settings(|settings| {
            settings.network.policy = AddressPolicy::new(vec!["127.0.0.1/32".parse().unwrap()]);
        })
        .name("private.test", &["127.0.0.2"])
        .name("mapped.test", &["::ffff:127.0.0.2"])
        .name("sixth.test", &["::1"])
        .name("cloud.test", &["169.254.169.254"])
        .name("halfway.test", &["127.0.0.1", "127.0.0.2"])
        .name("halfway6.test", &["127.0.0.1", "::1"])
        .name("localhost", &["127.0.0.2"])
        .name("public.test", &["198.41.0.4"])
}

const FORBIDDEN_NAMES: [&str; 7] =
    ["private.test", "mapped.test", "sixth.test", "cloud.test", "halfway.test", "halfway6.test", "localhost"];

async fn refusal(client: &TestClient, body: &Value, status: u16) -> Value {
    client.post_json("/v1/resolve", body).await.expect_status(status).json()
}

#[tokio::test]
async fn no_spelling_of_a_forbidden_address_is_accepted_as_a_link() {
    let (app, wire) = (closed().start().await, Tripwire::start());
    let (client, books) = (app.client(), app.books());
    for host in FORBIDDEN_HOSTS.iter().chain(NO_URLS) {
        for scheme in ["http", "https"] {
            let link = format!("{scheme}://{host}:{}/x", wire.port());
            let refused = refusal(&client, &json!({"url": link}), 422).await;
            assert_eq!(refused["code"], "unsupported_link", "{link}");
            let reason = refused["reason"].as_str().unwrap();
            assert!(["literal_address", "special_name", "not_a_url"].contains(&reason), "{link}: {reason}");
        }
    }
    app.run_until_idle().await;
    assert_eq!(app.books(), books, "nothing is stored, nothing is charged");
    wire.expect_untouched();
    app.finish().await;
}

#[tokio::test]
async fn no_spelling_of_a_forbidden_address_is_accepted_as_a_receiver() {
    let (app, wire) = (closed().start().await, Tripwire::start());
    let (client, books) = (app.client(), app.books());
    for host in FORBIDDEN_HOSTS.iter().chain(NO_URLS) {
        let hook = format!("https://{host}:{}/x", wire.port());
        let refused = refusal(&client, &json!({"url": "https://a.example/", "webhook_url": hook}), 400).await;
        let fault = &refused["errors"][0];
        assert_eq!(
            (&refused["code"], &fault["pointer"]),
            (&json!("invalid_request"), &json!("/webhook_url")),
            "{hook}"
        );
        let word = fault["code"].as_str().unwrap();
        assert!(["literal_address", "special_name", "malformed"].contains(&word), "{hook}: {word}");
    }
    app.run_until_idle().await;
    assert_eq!(app.books(), books);
    wire.expect_untouched();
    app.finish().await;
}

#[tokio::test]
async fn what_else_the_text_of_a_url_says_is_judged_at_accept() {
    let app = closed().start().await;
    let (client, books) = (app.client(), app.books());
    let long = format!("https://a.example/{}", "x".repeat(2048));
    let links = [
        ("http:\\\\127.0.0.1\\x", 422),
        ("http:127.0.0.1", 422),
        (" http://127.0.0.1/", 422),
        ("http://127.0.0\t.1/", 422),
        ("http://127.0.0.1\\@a.example/", 422),
        ("http://127.0.0.1#@a.example/", 422),
        ("ftp://a.example/", 422),
        ("file:///etc/passwd", 422),
        ("gopher://a.example:70/", 422),
        ("data:text/html,x", 422),
        ("javascript:alert(1)", 422),
        ("//a.example/", 422),
        ("http://a.example@127.0.0.1/", 400),
        ("http://user:secret@a.example/", 400),
        ("", 400),
        (&long, 400),
    ];
    for (link, status) in links {
        let refused = refusal(&client, &json!({"url": link}), status).await;
        let code = if status == 400 { "invalid_request" } else { "unsupported_link" };
        assert_eq!(refused["code"], code, "{link}");
    }
    let hooks = [
        ("http://a.example/", "https_required"),
        ("https://user@a.example/", "userinfo"),
        ("https://a.example:25/", "bad_port"),
        ("ftp://a.example/", "scheme"),
        ("a.example/hook", "malformed"),
    ];
    for (hook, word) in hooks {
        let refused = refusal(&client, &json!({"url": "https://a.example/", "webhook_url": hook}), 400).await;
        assert_eq!(refused["errors"][0]["code"], word, "{hook}");
    }
    assert_eq!(app.books(), books);
    app.finish().await;
}

/// Has a link resolved that nobody may follow to its end, and answers how it ended.
async fn expect_invalid(stage: &Stage, link: &str) -> Value {
    let balance = stage.app.balance().await;
    let delivery = stage.deliver_link(link, &stage.sink.url("/told")).await;
    let job = stage.api().get(&format!("/v1/jobs/{}", delivery["job_id"].as_str().unwrap())).await;
    let job = job.expect_status(200).json();
    assert_eq!(
        (&job["status"], &job["error"]),
        (&json!("invalid"), &json!("unsupported_link")),
        "{link}: {job}"
    );
    assert_eq!((&job["reason"], &job["credits_charged"]), (&json!("forbidden_address"), &json!(0)), "{link}");
    assert_eq!(stage.app.balance().await, balance, "{link}");
    job
}

#[tokio::test]
async fn a_name_with_any_forbidden_answer_ends_the_job() {
    let stage = Stage::with(ajar()).await;
    let port = stage.app.farm.address().port();
    let (wire, v6) = (Tripwire::beside(port), Tripwire::start());
    for name in FORBIDDEN_NAMES {
        expect_invalid(&stage, &format!("http://{name}:{port}/by-name")).await;
        expect_invalid(&stage, &format!("http://{name}:{}/by-name", v6.port())).await;
    }
    assert_eq!(stage.app.farm.hits("/by-name"), 0, "not even the allowed half is asked");
    wire.expect_untouched();
    v6.expect_untouched();
    stage.app.finish().await;
}

/// Where redirects of these tests lead: every kind of way to a forbidden place.
fn forbidden_targets(port: u16, v6_port: u16) -> Vec<String> {
    let hosts = ["127.0.0.2", "127.2", "2130706434", "0x7f.2", "[::ffff:127.0.0.2]", "user:secret@127.0.0.2"];
    let on_port = hosts.iter().chain(&FORBIDDEN_NAMES).map(|host| format!("http://{host}:{port}/hop"));
    let others = [
        format!("//127.0.0.2:{port}/hop"),
        format!("https://127.0.0.2:{port}/hop"),
        format!("http://[::1]:{v6_port}/hop"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fd00:ec2::254]/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ];
    on_port.chain(others).collect()
}

/// Every way a page leads on by itself, with a name for the reader. A new mechanism is a new row.
const WAYS: [(&str, Lead); 14] = [
    ("301", |target| Answer::redirect(301, target)),
    ("302", |target| Answer::redirect(302, target)),
    ("303", |target| Answer::redirect(303, target)),
    ("307", |target| Answer::redirect(307, target)),
    ("308", |target| Answer::redirect(308, target)),
    ("refresh header", |target| Answer::page("r").header("Refresh", format!("0; url={target}"))),
    ("meta refresh", |target| Answer::html(&format!("<meta http-equiv=refresh content='0; url={target}'>"))),
    ("meta refresh after a while", |target| {
        Answer::html(&format!("<p>soon</p><meta http-equiv=refresh content='3; url={target}'>"))
    }),
    ("script", |target| script(&format!("location.href = '{target}'"))),
    ("script that replaces", |target| script(&format!("location.replace('{target}')"))),
    ("script with a timer", |target| script(&format!("setTimeout(() => location.assign('{target}'), 50)"))),
    ("script that writes a refresh", |target| {
        script(&format!("document.write('<meta http-equiv=refresh content=\"0; url={target}\">')"))
    }),
    ("form that gets", |target| form("get", target)),
    ("form that posts", |target| form("post", target)),
];

fn script(code: &str) -> Answer {
    Answer::html(&format!("<title>s</title><script>{code}</script>"))
}

fn form(method: &str, target: &str) -> Answer {
    Answer::html(&format!(
        "<form method={method} action='{target}'><input name=a value=1></form><script>document.forms[0].submit()</script>"
    ))
}

/// An answer that leads to a target.
type Lead = fn(&str) -> Answer;

#[tokio::test]
async fn no_redirect_leads_to_a_forbidden_address() {
    let stage = Stage::with(ajar()).await;
    let port = stage.app.farm.address().port();
    let (wire, v6) = (Tripwire::beside(port), Tripwire::start());
    for (row, target) in forbidden_targets(port, v6.port()).into_iter().enumerate() {
        for (column, (way, lead)) in WAYS.into_iter().enumerate() {
            let path = format!("/{row}/{column}");
            stage.app.farm.serve(&path, lead(&target));
            let job = expect_invalid(&stage, &stage.app.farm.url(&path)).await;
            assert_eq!(stage.app.farm.hits(&path), 1, "{way} {target}");
            let evidence = format!("/v1/jobs/{}/evidence", job["job_id"].as_str().unwrap());
            let chain = stage.api().get(&evidence).await.expect_status(200).json();
            assert_eq!(chain["final_url"], Value::Null, "{way} {target}");
            let dialled =
                chain["hops"].as_array().unwrap().iter().filter(|hop| !hop["remote_addr"].is_null());
            assert_eq!(dialled.count(), 1, "only the first hop was dialled: {way} {chain}");
        }
    }
    assert_eq!(stage.app.farm.hits("/hop"), 0);
    wire.expect_untouched();
    v6.expect_untouched();
    stage.app.finish().await;
}

#[tokio::test]
async fn nothing_a_page_loads_comes_from_a_forbidden_address() {
    let stage = Stage::with(ajar()).await;
    let port = stage.app.farm.address().port();
    let (wire, v6) = (Tripwire::beside(port), Tripwire::start());
    for (row, target) in forbidden_targets(port, v6.port()).into_iter().enumerate() {
        let path = format!("/page/{row}");
        stage.app.farm.serve(&path, Answer::html(&format!(
            "<title>p</title><link rel=stylesheet href='{target}'><script src='{target}'></script><img src='{target}'>\
             <iframe src='{target}'></iframe><script>fetch('{target}').catch(() => 0);\
             const ask = new XMLHttpRequest(); ask.open('GET', '{target}', false); try {{ ask.send() }} catch (e) {{}}\
             navigator.sendBeacon('{target}', 'b'); const image = new Image(); image.onerror = () => 0;\
             image.src = '{target}'; const more = document.createElement('script'); more.src = '{target}';\
             document.head.append(more)</script>"
        )));
        let body = json!({"url": stage.app.farm.url(&path), "browser": "never", "max_age_s": 0});
        let accepted = stage.api().post_json("/v1/resolve", &body).await.expect_status(202).json();
        stage.idle().await;
        let job = stage.api().get(&format!("/v1/jobs/{}", accepted["job_id"].as_str().unwrap())).await.json();
        assert_eq!((&job["status"], &job["target_url"]), (&json!("done"), &body["url"]), "{target}: {job}");
    }
    assert_eq!(stage.app.farm.hits("/hop"), 0);
    wire.expect_untouched();
    v6.expect_untouched();
    stage.app.finish().await;
}

#[tokio::test]
async fn no_way_leads_to_a_name_that_has_changed_its_mind() {
    let answers: &[&[&str]] = &[&["127.0.0.1"], &["127.0.0.2"]];
    let names: Vec<String> = (0..WAYS.len()).map(|column| format!("turncoat{column}.test")).collect();
    let builder = names.iter().fold(ajar(), |builder, name| builder.name_in_turn(name, answers));
    let stage = Stage::with(builder).await;
    let port = stage.app.farm.address().port();
    let wire = Tripwire::beside(port);
    for ((way, lead), name) in WAYS.into_iter().zip(&names) {
        let path = format!("/{name}");
        stage.app.farm.serve(&path, lead("/onwards").header("Connection", "close"));
        expect_invalid(&stage, &format!("http://{name}:{port}{path}")).await;
        assert_eq!(stage.app.farm.hits(&path), 1, "{way}");
    }
    assert_eq!(stage.app.farm.hits("/onwards"), 0);
    wire.expect_untouched();
    stage.app.finish().await;
}

#[tokio::test]
async fn a_name_is_judged_again_at_every_dial_and_dialled_as_judged() {
    let answers: &[&[&str]] = &[&["127.0.0.1"], &["127.0.0.2"]];
    let stage = Stage::with(ajar().name_in_turn("turncoat.test", answers)).await;
    let port = stage.app.farm.address().port();
    let wire = Tripwire::beside(port);
    stage.app.farm.serve("/seen", Answer::page("seen").header("Connection", "close"));
    let link = format!("http://turncoat.test:{port}/seen");
    let delivery = stage.deliver_link(&link, &stage.sink.url("/told")).await;
    let job = stage.api().get(&format!("/v1/jobs/{}", delivery["job_id"].as_str().unwrap())).await.json();
    assert_eq!(job["status"], "done", "one lookup, one dial: {job}");
    expect_invalid(&stage, &format!("{link}?again")).await;
    assert_eq!(stage.app.farm.hits("/seen"), 1);
    wire.expect_untouched();
    stage.app.finish().await;
}

/// Has a link resolved through the egress `office`; answers its job.
async fn resolved_through_office(stage: &Stage, link: &str) -> Value {
    let body = json!({"url": link, "browser": "never", "max_age_s": 0, "profile": {"egress": "office"}});
    let accepted = stage.api().post_json("/v1/resolve", &body).await.expect_status(202).json();
    stage.idle().await;
    let path = format!("/v1/jobs/{}", accepted["job_id"].as_str().unwrap());
    stage.api().get(&path).await.expect_status(200).json()
}

#[tokio::test]
async fn no_egress_leads_to_a_forbidden_address() {
    let outside = LinkFarm::start().await;
    let proxy = EgressProxy::socks5(outside.address()).await;
    let office = Proxy::parse(&format!("socks5://{}", proxy.address()), ProxyTrust::Untrusted).unwrap();
    let builder = ajar().name_in_turn("turncoat.test", &[&["198.41.0.4"], &["127.0.0.2"]]);
    let stage = Stage::with(builder.settings(|settings| {
        settings.egress.proxies.insert("office".parse().unwrap(), office);
    }))
    .await;
    for name in FORBIDDEN_NAMES {
        let job = resolved_through_office(&stage, &format!("http://{name}/by-name")).await;
        assert_eq!(
            (&job["status"], &job["reason"]),
            (&json!("invalid"), &json!("forbidden_address")),
            "{name}"
        );
    }
    assert_eq!(proxy.asks(), []);

    outside.serve("/turn", Answer::redirect(302, "/onwards").header("Connection", "close"));
    let turned = resolved_through_office(&stage, "http://turncoat.test/turn").await;
    assert_eq!(turned["reason"], "forbidden_address");
    for (row, target) in forbidden_targets(80, 80).into_iter().enumerate() {
        let path = format!("/lead/{row}");
        outside.serve(&path, Answer::redirect(302, &target));
        let job = resolved_through_office(&stage, &format!("http://public.test{path}")).await;
        assert_eq!(
            (&job["status"], &job["reason"]),
            (&json!("invalid"), &json!("forbidden_address")),
            "{target}"
        );
    }
    let job = resolved_through_office(&stage, "http://public.test/page").await;
    assert_eq!((&job["status"], &job["target_url"]), (&json!("done"), &json!("http://public.test/page")));
    assert!(proxy.asks().iter().all(|ask| ask.target == "198.41.0.4:80"), "{:?}", proxy.asks());
    assert_eq!((outside.hits("/page"), outside.hits("/onwards"), outside.hits("/hop")), (1, 0, 0));
    stage.app.finish().await;
}

fn expect_refused_dial(delivery: &Value) {
    let attempt = &delivery["attempts"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&delivery["state"], &delivery["last_error"]),
        (&json!("pending"), &json!("forbidden_address"))
    );
    assert_eq!(attempt["error"], "forbidden_address", "{attempt}");
    assert!(attempt["error_detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{attempt}");
    assert_eq!((&attempt["remote_addr"], &attempt["response_status"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn no_delivery_dials_a_forbidden_address() {
    let stage = Stage::with(ajar()).await;
    let (wire, v6) = (Tripwire::beside(stage.app.farm.address().port()), Tripwire::start());
    for name in FORBIDDEN_NAMES {
        for scheme in ["http", "https"] {
            for port in [wire.port(), v6.port()] {
                expect_refused_dial(&stage.deliver(&format!("{scheme}://{name}:{port}/hook")).await);
            }
        }
    }
    assert_eq!(stage.app.farm.hits("/hook"), 0, "not even the allowed half is asked");
    wire.expect_untouched();
    v6.expect_untouched();
    stage.app.finish().await;
}

#[tokio::test]
async fn plain_http_to_a_public_receiver_is_not_dialled() {
    let stage = Stage::with(ajar()).await;
    expect_refused_dial(&stage.deliver("http://public.test/hook").await);
    stage.app.finish().await;
}

#[tokio::test]
async fn a_receiver_whose_name_turns_private_is_refused_at_its_next_attempt() {
    let stage = Stage::with(ajar().name_in_turn("turncoat.test", &[&["127.0.0.1"], &["127.0.0.2"]])).await;
    let port = stage.app.farm.address().port();
    let wire = Tripwire::beside(port);
    stage.app.farm.serve("/hook", Answer::status(500).header("Connection", "close"));
    let first = stage.deliver(&format!("http://turncoat.test:{port}/hook")).await;
    assert_eq!(first["last_error"], "http_status");
    expect_refused_dial(&stage.next_attempt(&first).await);
    assert_eq!(stage.app.farm.hits("/hook"), 1);
    wire.expect_untouched();
    stage.app.finish().await;
}

#[tokio::test]
async fn without_named_nets_a_delivery_to_a_private_name_is_not_dialled() {
    let stage = Stage::with(closed().name("inside.example", &["127.0.0.1"])).await;
    let wire = Tripwire::start();
    let hook = format!("https://inside.example:{}/hook", wire.port());
    let delivery = stage.deliver_link(&format!("http://inside.example:{}/", wire.port()), &hook).await;
    assert_eq!(delivery["event_type"], "resolve.failed");
    expect_refused_dial(&delivery);
    wire.expect_untouched();
    stage.app.finish().await;
}

#[tokio::test]
async fn the_operators_own_resolve_entries_are_judged_too() {
    let wire = Tripwire::beside(0);
    let entries = [
        format!("pinned.test:{}:127.0.0.2", wire.port()),
        format!("half.test:{}:127.0.0.1,127.0.0.2", wire.port()),
    ];
    let builder = ajar().settings(|settings| {
        settings.network.static_names.extend(entries.iter().map(|entry| entry.parse().unwrap()));
    });
    let stage = Stage::with(builder).await;
    for name in ["pinned.test", "half.test"] {
        expect_invalid(&stage, &format!("http://{name}:{}/", wire.port())).await;
        expect_refused_dial(&stage.deliver(&format!("http://{name}:{}/hook", wire.port())).await);
    }
    wire.expect_untouched();
    stage.app.finish().await;
}
