//! The client against servers of its own on loopback, and against hosts that do not answer.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Method, StatusCode};

use super::*;
use crate::receiver::{After, Receiver, Socket, get, loopback_client, loopback_config, until_hang_up};
use crate::{BodyEnd, BodyPlan, ExchangeLimits, NameError, NameResolver, PoolLimits};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn a_connection_read_to_its_end_is_used_again() {
    let receiver = Receiver::answering(OK);
    let client = loopback_client();
    for _ in 0..3 {
        let exchange = client.exchange(get(receiver.url("/a?b#c"))).await.unwrap();
        assert_eq!(exchange.status, StatusCode::OK);
        assert_eq!(exchange.body, "ok");
        assert!(matches!(exchange.body_end, BodyEnd::Complete));
        assert_eq!(exchange.remote_addr, receiver.addr);
    }
    assert_eq!(receiver.connections(), 1);
    let request = &receiver.requests()[0];
    assert!(request.starts_with(&format!("GET /a?b HTTP/1.1\r\nHost: {}\r\n", receiver.addr)), "{request}");
    assert!(request.contains("Accept-Encoding: gzip, deflate, br, zstd\r\n"), "{request}");
}

#[tokio::test]
async fn a_small_unwanted_body_is_drained_and_a_large_one_costs_the_connection() {
    let large =
        [b"HTTP/1.1 302 Found\r\nContent-Length: 20000\r\n\r\n".as_slice(), &vec![b'x'; 20_000]].concat();
    for (answer, connections) in [(OK.to_vec(), 1), (large, 2)] {
        let receiver = Receiver::answering(answer);
        let client = loopback_client();
        for _ in 0..2 {
            let request = ExchangeRequest { body_plan: |_| BodyPlan::Discard, ..get(receiver.url("/")) };
            let exchange = client.exchange(request).await.unwrap();
            assert!(exchange.body.is_empty() && matches!(exchange.body_end, BodyEnd::Discarded));
        }
        assert_eq!(receiver.connections(), connections);
    }
}

#[tokio::test]
async fn connections_beyond_the_limits_are_not_kept() {
    for pool in [
        PoolLimits { idle_per_origin_max: 0, ..PoolLimits::default() },
        PoolLimits { idle_ms: 0, ..PoolLimits::default() },
    ] {
        let receiver = Receiver::answering(OK);
        let client = Outbound::new(OutboundConfig { pool, ..loopback_config() }).unwrap();
        for _ in 0..2 {
            client.exchange(get(receiver.url("/"))).await.unwrap();
        }
        assert_eq!(receiver.connections(), 2, "{pool:?}");
    }
}

#[tokio::test]
async fn a_full_pool_makes_room_for_the_newest() {
    let [first, second] = [Receiver::answering(OK), Receiver::answering(OK)];
    let pool = PoolLimits { idle_total_max: 1, ..PoolLimits::default() };
    let client = Outbound::new(OutboundConfig { pool, ..loopback_config() }).unwrap();
    for receiver in [&first, &second, &second, &first] {
        client.exchange(get(receiver.url("/"))).await.unwrap();
    }
    assert_eq!((first.connections(), second.connections()), (2, 1));
}

#[tokio::test]
async fn many_at_once_share_few_connections() {
    let receiver = Receiver::answering(OK);
    let client = loopback_client();
    for _ in 0..4 {
        let all = (0..16).map(|_| client.exchange(get(receiver.url("/"))));
        for exchange in futures_util::future::join_all(all).await {
            assert_eq!(exchange.unwrap().body, "ok");
        }
    }
    assert_eq!(receiver.connections(), 16);
}

#[tokio::test]
async fn a_receiver_gets_exactly_what_the_caller_gave() {
    let receiver = Receiver::answering(OK);
    let mut headers = http::HeaderMap::new();
    for (name, value) in
        [("host", "evil.test"), ("content-length", "99"), ("te", "x"), ("x-a", "1"), ("x-a", "2")]
    {
        headers.append(name, http::HeaderValue::from_static(value));
    }
    let request = ExchangeRequest {
        method: Method::POST,
        headers,
        body: "body".into(),
        purpose: Purpose::Webhook,
        ..get(receiver.url("/hook"))
    };
    loopback_client().exchange(request).await.unwrap();
    let host = receiver.addr;
    let sent =
        format!("POST /hook HTTP/1.1\r\nHost: {host}\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 4\r\n\r\nbody");
    assert_eq!(receiver.requests(), [sent]);
}

#[tokio::test]
async fn a_form_is_posted_with_its_type_and_length_even_when_empty() {
    let receiver = Receiver::answering(OK);
    let client = loopback_client();
    let form = http::HeaderValue::from_static("application/x-www-form-urlencoded");
    for body in ["a=1&b=2", ""] {
        let headers = [(http::header::CONTENT_TYPE, form.clone())].into_iter().collect();
        let get = get(receiver.url("/form"));
        let request = ExchangeRequest { method: Method::POST, headers, body: body.into(), ..get };
        client.exchange(request).await.unwrap();
        let sent = receiver.requests().pop().unwrap();
        assert!(
            sent.starts_with("POST /form HTTP/1.1\r\n") && sent.ends_with(&format!("\r\n\r\n{body}")),
            "{sent}"
        );
        assert!(sent.contains("Content-Type: application/x-www-form-urlencoded\r\n"), "{sent}");
        assert!(sent.contains(&format!("Content-Length: {}\r\n", body.len())), "{sent}");
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_host_that_asks_for_it_is_left_alone_by_links_but_not_by_hooks() {
    let busy = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n";
    let receiver = Receiver::answering(busy);
    let politeness = crate::PolitenessLimits { pause_ms_max: 600_000, ..Default::default() };
    let config = OutboundConfig { politeness: Some(politeness), ..loopback_config() };
    let client = Outbound::new(config).unwrap();
    let link = || client.exchange(get(receiver.url("/link")));
    let hooks = async || {
        for _ in 0..5 {
            let hook = ExchangeRequest { purpose: Purpose::Webhook, ..get(receiver.url("/hook")) };
            client.exchange(hook).await.unwrap();
        }
    };
    hooks().await;
    link().await.unwrap();
    tokio::select! {
        _ = link() => panic!("the host wanted to be left alone"),
        () = hooks() => {}
    }
    let asked = |path: &str| receiver.requests().iter().filter(|request| request.contains(path)).count();
    assert_eq!((asked("/link"), asked("/hook")), (1, 10));
}

/// Answers the first request of each connection and hangs up on the second.
fn forgetful() -> Receiver {
    let answered = AtomicUsize::new(0);
    Receiver::scripted(move |_, socket| {
        if answered.fetch_add(1, Ordering::SeqCst) == 1 {
            return Ok(After::Close);
        }
        socket.write_all(OK).map(|()| After::NextRequest)
    })
}

#[tokio::test]
async fn a_hang_up_on_a_reused_connection_is_retried_once_for_safe_methods_only() {
    let receiver = forgetful();
    let client = loopback_client();
    for _ in 0..2 {
        assert_eq!(client.exchange(get(receiver.url("/"))).await.unwrap().body, "ok");
    }
    assert_eq!(receiver.connections(), 2);

    let receiver = forgetful();
    let post = || ExchangeRequest { method: Method::POST, body: "x".into(), ..get(receiver.url("/")) };
    client.exchange(post()).await.unwrap();
    let failure = client.exchange(post()).await.unwrap_err();
    assert_eq!(failure.error, ExchangeError::ConnectionClosed);
    assert_eq!(failure.remote_addr, Some(receiver.addr));
    assert_eq!(receiver.requests().len(), 2);
}

fn hurried(url: Url) -> ExchangeRequest {
    let limits = ExchangeLimits { total_ms: 60, ..get(url.clone()).limits };
    ExchangeRequest { limits, ..get(url) }
}

#[tokio::test]
async fn a_receiver_that_never_answers_ends_at_the_deadline() {
    let receiver = Receiver::scripted(|_, socket| until_hang_up(socket));
    let failure = loopback_client().exchange(hurried(receiver.url("/"))).await.unwrap_err();
    assert_eq!(failure.error, ExchangeError::Timeout { phase: Phase::Wait });
    assert_eq!(failure.error.word(), "timeout");
    assert_eq!(failure.remote_addr, Some(receiver.addr));
}

#[derive(Debug)]
struct SilentNames;

#[async_trait::async_trait]
impl NameResolver for SilentNames {
    async fn lookup(&self, _host: &str) -> Result<Vec<IpAddr>, NameError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_name_server_that_never_answers_ends_at_the_connect_deadline() {
    let names: Option<Arc<dyn NameResolver>> = Some(Arc::new(SilentNames));
    let client = Outbound::new(OutboundConfig { names, ..loopback_config() }).unwrap();
    let url = Url::parse("http://silent.test/").unwrap();
    let limits = ExchangeLimits { connect_ms: 20, ..get(url.clone()).limits };
    let failure = client.exchange(ExchangeRequest { limits, ..get(url) }).await.unwrap_err();
    assert_eq!(failure.error, ExchangeError::Timeout { phase: Phase::Dns });
    assert!(failure.timings.dns > 0, "{:?}", failure.timings);
}

#[tokio::test]
async fn a_body_that_never_ends_ends_at_the_deadline_and_keeps_the_head() {
    let receiver = Receiver::scripted(|_, socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nbeg")?;
        until_hang_up(socket)
    });
    let exchange = loopback_client().exchange(hurried(receiver.url("/"))).await.unwrap();
    assert_eq!(exchange.status, StatusCode::CREATED);
    assert_eq!(exchange.body, "beg");
    let BodyEnd::Failed(error) = exchange.body_end else { panic!("the body must have failed") };
    assert_eq!(error, ExchangeError::Timeout { phase: Phase::Receive });
}

#[tokio::test]
async fn an_endless_body_ends_at_the_limit() {
    let receiver = Receiver::scripted(|_, socket: &mut dyn Socket| {
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            socket.write_all(&[b'x'; 4096])?;
        }
    });
    let exchange = loopback_client().exchange(get(receiver.url("/"))).await.unwrap();
    assert!(matches!(exchange.body_end, BodyEnd::Limit));
    assert_eq!(exchange.body.len(), 64 * 1024);
}

#[tokio::test]
async fn a_prefix_ends_early() {
    let receiver = Receiver::answering(OK);
    let request =
        ExchangeRequest { body_plan: |_| BodyPlan::Prefix { bytes_max: 1 }, ..get(receiver.url("/")) };
    let exchange = loopback_client().exchange(request).await.unwrap();
    assert_eq!(exchange.body, "o");
    assert!(matches!(exchange.body_end, BodyEnd::Limit));
}

#[tokio::test]
async fn closing_drops_idle_connections() {
    let receiver = Receiver::answering(OK);
    let client = loopback_client();
    client.exchange(get(receiver.url("/"))).await.unwrap();
    client.close().await;
    client.exchange(get(receiver.url("/"))).await.unwrap();
    assert_eq!(receiver.connections(), 2);
}
