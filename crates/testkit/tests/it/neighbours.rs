//! The neighbours keep their own promises: what they send, count, break and hold.

use std::time::Duration;

use hopline_testkit::{Answer, ChaosProxy, LinkFarm, TestClient, WebhookSink};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends bytes and reads until the server closes.
async fn raw_exchange(address: std::net::SocketAddr, request: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn the_farm_leads_a_chain_over_one_connection() {
    let farm = LinkFarm::start().await;
    let client = TestClient::new(farm.url(""));
    let first = client.get("/chain/2?link=7").await.expect_status(302);
    assert_eq!(first.header("location"), Some("/chain/1?link=7"));
    assert_eq!(first.header("content-length"), Some("0"));
    client.get("/chain/0").await.expect_status(200);
    assert_eq!((farm.hits("/chain/2"), farm.hits("/chain/1"), farm.hits("/chain/0")), (1, 0, 1));
    assert_eq!(farm.last_request("/chain/2").unwrap().query("link").as_deref(), Some("7"));
}

#[tokio::test]
async fn the_farm_serves_recorded_and_planted_bytes_untouched() {
    let farm = LinkFarm::start().await;
    let recorded =
        raw_exchange(farm.address(), "GET /c/s302 HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
    assert!(
        recorded.starts_with(b"HTTP/1.1 302 X\r\nLocation: /final\r\n"),
        "{}",
        String::from_utf8_lossy(&recorded)
    );

    let bytes = b"HTTP/1.1 302 X\r\nLocation: /\xff\r\nConnection: close\r\n\r\n";
    farm.serve_raw("/planted", bytes.as_slice());
    assert_eq!(raw_exchange(farm.address(), "GET /planted HTTP/1.1\r\n\r\n").await.unwrap(), bytes);

    let client = TestClient::new(farm.url(""));
    assert!(client.get("/anything").await.text().contains("<title>FINAL</title>method=GET"));
    client.get("/nope").await.expect_status(404);
}

#[tokio::test]
async fn the_cookie_gate_opens_for_its_cookie() {
    let farm = LinkFarm::start().await;
    let client = TestClient::new(farm.url(""));
    let closed = client.get("/cookie-gate").await.expect_status(302);
    let cookie = closed.header("set-cookie").unwrap().split(';').next().unwrap();
    client.get("/cookie-gate").header("cookie", cookie).await.expect_status(200);
}

#[tokio::test]
async fn meta_and_header_refresh_carry_their_url() {
    let farm = LinkFarm::start().await;
    let client = TestClient::new(farm.url(""));
    let header = client.get("/refresh-header?url=%2Fa%3Fb%3D1%26c&delay=3").await.expect_status(200);
    assert_eq!(header.header("refresh"), Some("3; url=/a?b=1&c"));
    let meta = client.get("/meta?url=%2Fa%3Fb%3D1%26c").await.expect_status(200);
    assert!(meta.text().contains(r#"content="0; url=/a?b=1&amp;c""#), "{}", meta.text());
}

#[tokio::test]
async fn a_reset_is_a_reset_and_a_broken_body_breaks() {
    let farm = LinkFarm::start().await;
    let reset = raw_exchange(farm.address(), "GET /reset HTTP/1.1\r\n\r\n").await.unwrap_err();
    assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
    let cut = raw_exchange(farm.address(), "GET /close-body HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(cut.ends_with(b"\r\n\r\nbegin"));
}

#[tokio::test]
async fn a_hanging_page_ends_when_the_farm_stops() {
    let farm = LinkFarm::start().await;
    let mut stream = TcpStream::connect(farm.address()).await.unwrap();
    stream.write_all(b"GET /hang HTTP/1.1\r\n\r\n").await.unwrap();
    while farm.hits("/hang") == 0 {
        tokio::task::yield_now().await;
    }
    farm.stop().await;
    let mut nothing = Vec::new();
    assert_eq!(stream.read_to_end(&mut nothing).await.unwrap(), 0);
    assert!(TcpStream::connect(farm.address()).await.is_err());
}

#[tokio::test]
async fn the_sink_answers_in_turn_and_keeps_what_came() {
    let sink = WebhookSink::start().await;
    sink.answer_in_turn("/hook", [Answer::retry_after(503, "soon"), Answer::status(204)]);
    let client = TestClient::new(sink.url("")).bearer("sk");
    let refused = client.post_json("/hook", &json!({"n": 1.0})).await.expect_status(503);
    assert_eq!(refused.header("retry-after"), Some("soon"));
    client.post_raw("/hook?x=1", "text/plain", "{ \"n\":1 }").await.expect_status(204);
    client.get("/hook").await.expect_status(204);
    client.get("/elsewhere").await.expect_status(200);

    let received = sink.wait_for(4).await;
    assert_eq!((sink.count("/hook"), sink.count("/elsewhere"), received.len()), (3, 1, 4));
    assert_eq!(received[0].header("Authorization"), Some("Bearer sk"));
    assert_eq!((received[1].target.as_str(), &received[1].body[..]), ("/hook?x=1", &b"{ \"n\":1 }"[..]));
}

#[tokio::test]
async fn the_sink_waits_for_late_requests() {
    let sink = WebhookSink::start().await;
    let client = TestClient::new(sink.url(""));
    let (received, answered) = tokio::join!(sink.wait_for(1), client.get("/late"));
    assert_eq!((received.len(), answered.status), (1, 200));
}

#[tokio::test]
async fn the_tls_sink_is_known_by_its_root() {
    use std::sync::Arc;

    let sink = WebhookSink::start_tls().await;
    assert!(sink.url("/").starts_with("https://127.0.0.1:"));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(sink.root_certificate_der().unwrap().to_vec().into()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(
        config.with_root_certificates(roots).with_no_client_auth(),
    ));

    let stream = TcpStream::connect(sink.address()).await.unwrap();
    let mut stream = connector.connect("receiver.example".try_into().unwrap(), stream).await.unwrap();
    stream
        .write_all(b"POST /hook HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(sink.received()[0].body, "ok");

    let stream = TcpStream::connect(sink.address()).await.unwrap();
    assert!(connector.connect("other.invalid".try_into().unwrap(), stream).await.is_err());
}

#[tokio::test]
async fn the_proxy_holds_bytes_back_and_lets_them_go() {
    let sink = WebhookSink::start().await;
    let proxy = ChaosProxy::start(sink.address()).await;
    let client = TestClient::new(format!("http://{}", proxy.address()));
    client.get("/open").await.expect_status(200);

    proxy.stall();
    let held = client.get("/held").into_future();
    tokio::pin!(held);
    let patience = Duration::from_millis(50);
    assert!(tokio::time::timeout(patience, &mut held).await.is_err());
    assert_eq!(sink.count("/held"), 0);
    proxy.resume();
    held.await.expect_status(200);
}

#[tokio::test]
async fn the_proxy_cuts_what_is_open_and_serves_what_comes_next() {
    let sink = WebhookSink::start().await;
    sink.answer("/hang", Answer::hang());
    let proxy = ChaosProxy::start(sink.address()).await;
    let exchange = raw_exchange(proxy.address(), "GET /hang HTTP/1.1\r\n\r\n");
    let cut = async {
        sink.wait_for(1).await;
        proxy.cut_all();
    };
    let (exchanged, ()) = tokio::join!(exchange, cut);
    assert_eq!(exchanged.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);

    TestClient::new(format!("http://{}", proxy.address())).get("/next").await.expect_status(200);
    proxy.stop().await;
    assert!(TcpStream::connect(proxy.address()).await.is_err());
}
