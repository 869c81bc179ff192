//! Receivers that hang, flood, break off or lie about who they are: each attempt ends by itself, within its deadline and
//! bounds, with an error of its own. That nobody else notices is shown by `isolation`.

use std::time::Duration;

use hopline_testkit::{Answer, ServedCertificate, TestApp, WebhookSink};
use serde_json::{Value, json};

use crate::stage::Stage;

const KEPT_BYTES: usize = 16 * 1024;

/// The one attempt each of these answers gets, in order. All receivers are asked at once, each in a lane of its own.
async fn attempts(answers: Vec<Answer>) -> Vec<(Value, Value)> {
    let stage = Stage::start().await;
    let mut jobs = Vec::new();
    for (row, answer) in answers.into_iter().enumerate() {
        let path = format!("/{row}");
        stage.sink.answer(&path, answer);
        jobs.push(stage.accept(&stage.hook(&format!("r{row}.test"), &path)).await);
    }
    stage.idle().await;
    let mut attempts = Vec::new();
    for job_id in &jobs {
        attempts.push(ended(stage.delivery_of(job_id).await));
    }
    stage.app.finish().await;
    attempts
}

/// A delivery after its first attempt, and that attempt.
fn ended(delivery: Value) -> (Value, Value) {
    assert_eq!(delivery["attempts_count"], 1, "{delivery}");
    let attempt = delivery["attempts"][0].clone();
    let kept = attempt["response_body"].as_str().map_or(0, |body| body.chars().count());
    assert!(kept <= KEPT_BYTES, "{kept} characters of the answer were kept");
    (delivery, attempt)
}

fn expect_failed((delivery, attempt): &(Value, Value), error: &str) {
    assert_eq!(
        (&delivery["state"], &delivery["waiting_for"]),
        (&json!("pending"), &json!("due")),
        "{delivery}"
    );
    assert_eq!((&delivery["last_error"], &attempt["error"]), (&json!(error), &json!(error)), "{attempt}");
    assert!(attempt["error_detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{attempt}");
}

#[tokio::test]
async fn who_never_comes_to_an_end_is_left_at_the_deadline() {
    let tick = Duration::from_millis(50);
    let slow = vec![Answer::hang(), Answer::hang_in_body(), Answer::drip(tick), Answer::drip_head(tick)];
    let ended = attempts(slow).await;
    for attempt in &ended {
        expect_failed(attempt, "timeout");
    }
    let [hang, hang_in_body, drip, drip_head] = &ended[..] else { panic!("four attempts") };
    for (_, attempt) in [hang, drip_head] {
        assert_eq!(attempt["response_status"], Value::Null, "no head came: {attempt}");
    }
    for (_, attempt) in [hang_in_body, drip] {
        assert_eq!(attempt["response_status"], 200, "the head is evidence: {attempt}");
    }
    assert_eq!(hang_in_body.1["response_body"], "begin");
}

#[tokio::test]
async fn who_breaks_off_or_speaks_no_http_fails_as_such() {
    let broken = [
        (Answer::reset(), "protocol"),
        (Answer::close(), "protocol"),
        (Answer::reset_in_body(), "protocol"),
        (Answer::close_in_body(), "protocol"),
        (Answer::bad_chunk(), "protocol"),
        (Answer::garbage(), "protocol"),
        (Answer::raw("HTTP/1.1 99999 No\r\nConnection: close\r\n\r\n"), "protocol"),
        (Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\nConnection: close\r\n\r\n"), "protocol"),
        (Answer::huge_headers(1024 * 1024), "headers_too_large"),
    ];
    let (answers, errors): (Vec<_>, Vec<_>) = broken.into_iter().unzip();
    for (attempt, error) in attempts(answers).await.iter().zip(errors) {
        expect_failed(attempt, error);
    }
}

#[tokio::test]
async fn endless_bodies_are_read_up_to_the_bound_and_no_further() {
    let flood = |head: &str| {
        let block = vec![b'x'; 64 * 1024];
        let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n");
        Answer::script(vec![
            hopline_testkit::Step::Send(head.into()),
            hopline_testkit::Step::Repeat(block.into()),
        ])
    };
    let ended =
        attempts(vec![Answer::endless_body(), Answer::gzip_bomb(), flood("500 No"), flood("302 Away")]).await;
    for (delivery, attempt) in &ended[..2] {
        assert_eq!((&delivery["state"], &attempt["error"]), (&json!("succeeded"), &Value::Null));
        assert_eq!(attempt["response_truncated"], true);
    }
    for ((delivery, attempt), status) in ended[2..].iter().zip([500, 302]) {
        assert_eq!((&delivery["state"], &attempt["error"]), (&json!("pending"), &json!("http_status")));
        assert_eq!(
            (&attempt["response_status"], &attempt["response_truncated"]),
            (&json!(status), &json!(true))
        );
    }
}

/// An attempt to reach a receiver that shows this certificate, by a server that trusts the receiver's root.
async fn over_tls(served: ServedCertificate) -> (Value, Value) {
    let sink = WebhookSink::start_tls_with(served).await;
    let stage = Stage::with(TestApp::builder().trust(sink.root_certificate_der().unwrap())).await;
    let delivery = stage.deliver(&sink.url("/hook")).await;
    assert_eq!(sink.count("/hook"), usize::from(served == ServedCertificate::Valid));
    ended(delivery)
}

#[tokio::test]
async fn only_a_right_certificate_is_spoken_to() {
    let (delivery, attempt) = over_tls(ServedCertificate::Valid).await;
    assert_eq!((&delivery["state"], &attempt["response_status"]), (&json!("succeeded"), &json!(200)));

    let mut details = Vec::new();
    for served in [ServedCertificate::Expired, ServedCertificate::OtherName, ServedCertificate::SelfSigned] {
        let ended = over_tls(served).await;
        expect_failed(&ended, "tls");
        assert_eq!(ended.1["response_status"], Value::Null);
        details.push(ended.1["error_detail"].as_str().unwrap().to_owned());
    }
    details.dedup();
    assert_eq!(details.len(), 3, "each says what is wrong: {details:?}");
}

#[tokio::test]
async fn an_unknown_root_is_not_trusted() {
    let sink = WebhookSink::start_tls().await;
    let stage = Stage::start().await;
    expect_failed(&ended(stage.deliver(&sink.url("/hook")).await), "tls");
    assert_eq!(sink.count("/hook"), 0);
}

#[tokio::test]
async fn tls_to_a_plain_port_and_plain_to_a_tls_port_fail_as_such() {
    let stage = Stage::start().await;
    // The server's own port: it answers what is no HTTP.
    let to_plain = stage.deliver(&stage.app.base_url().replace("http:", "https:")).await;
    expect_failed(&ended(to_plain), "tls");
    let secure = WebhookSink::start_tls().await;
    let to_tls = stage.deliver(&secure.url("/hook").replace("https:", "http:")).await;
    expect_failed(&ended(to_tls), "protocol");
    assert_eq!(secure.count("/hook"), 0);
}

#[tokio::test]
async fn who_is_not_there_fails_as_such() {
    let gone = WebhookSink::start().await;
    gone.stop().await;
    let stage = Stage::start().await;
    let (_, refused) = {
        let ended = ended(stage.deliver(&gone.url("/hook")).await);
        expect_failed(&ended, "connect");
        ended
    };
    assert_eq!(refused["response_status"], Value::Null);
    let unknown = stage.deliver(&format!("http://nobody.test:{}/hook", gone.address().port())).await;
    let (_, unknown) = {
        let ended = ended(unknown);
        expect_failed(&ended, "dns");
        ended
    };
    assert_eq!(unknown["remote_addr"], Value::Null);
}

#[tokio::test]
async fn a_receiver_that_comes_back_gets_what_it_missed() {
    let stage = Stage::start().await;
    stage.sink.answer_in_turn("/hook", [Answer::reset(), Answer::bad_chunk(), Answer::status(200)]);
    let mut delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    for _ in 0..2 {
        delivery = stage.next_attempt(&delivery).await;
    }
    assert_eq!((&delivery["state"], &delivery["attempts_count"]), (&json!("succeeded"), &json!(3)));
    let errors: Vec<_> =
        delivery["attempts"].as_array().unwrap().iter().map(|a| a["error"].clone()).collect();
    assert_eq!(errors, [json!("protocol"), json!("protocol"), Value::Null]);
    stage.app.finish().await;
}
