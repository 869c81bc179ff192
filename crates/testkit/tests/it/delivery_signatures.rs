//! What a delivery is on the wire: its headers, its body to the byte, and who can verify it with which secret.

use std::sync::Arc;

use hopline_domain::time::{Clock, HOUR_MS, Timestamp};
use hopline_signing::{
    StandardHeaders, TOLERANCE_S_DEFAULT, VerifyError, WebhookSecret, verify_standard, verify_timestamped,
};
use hopline_testkit::{Answer, ReceivedRequest};
use serde_json::{Value, json};

use crate::stage::{Stage, header_in};

fn verify_both(request: &ReceivedRequest, secret: &str, now: Timestamp) -> Result<(), VerifyError> {
    verify_as(request, "X-Hopline-Signature", secret, now)
}

fn verify_as(request: &ReceivedRequest, name: &str, secret: &str, now: Timestamp) -> Result<(), VerifyError> {
    let secret = WebhookSecret::parse(secret).unwrap();
    let now_s = now.unix_seconds();
    let timestamped = request.header(name).unwrap();
    verify_timestamped(timestamped, &request.body, &secret, now_s, TOLERANCE_S_DEFAULT)?;
    verify_standard(standard(request), &request.body, &secret, now_s, TOLERANCE_S_DEFAULT)
}

fn standard(request: &ReceivedRequest) -> StandardHeaders<'_> {
    StandardHeaders {
        id: request.header("webhook-id"),
        timestamp: request.header("webhook-timestamp"),
        signatures: request.header("webhook-signature"),
    }
}

async fn first_request(stage: &Stage) -> Arc<ReceivedRequest> {
    stage.sink.wait_for(1).await.remove(0)
}

#[tokio::test]
async fn a_delivery_says_what_it_is_in_its_headers() {
    let stage = Stage::start().await;
    let hook = stage.hook("receiver.test", "/hook?token=1");
    let first = stage.deliver(&hook).await;
    stage.deliver(&hook).await;
    let requests = stage.sink.wait_for(2).await;
    let request = &requests[0];
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/hook?token=1"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("user-agent"), Some(concat!("Hopline/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(
        request.header("host"),
        Some(format!("receiver.test:{}", stage.sink.address().port()).as_str())
    );
    assert_eq!(request.header("webhook-id"), first["event_id"].as_str());
    assert!(request.header("webhook-id").unwrap().starts_with("evt_"));
    assert!(request.header("authorization").is_none());
    let seq = |at: usize| requests[at].header("x-hopline-seq").unwrap().parse::<u64>().unwrap();
    assert!(seq(0) < seq(1), "later events have later positions");
}

#[tokio::test]
async fn attempts_share_id_and_body_and_are_signed_afresh() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::status(500));
    let mut delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    let mut signed_at = vec![stage.clock().now()];
    for _ in 0..2 {
        delivery = stage.next_attempt(&delivery).await;
        signed_at.push(stage.clock().now());
    }
    let requests = stage.sink.wait_for(3).await;
    for (request, at) in requests.iter().zip(&signed_at) {
        assert_eq!(request.header("webhook-id"), requests[0].header("webhook-id"));
        assert_eq!(request.body, requests[0].body);
        assert_eq!(request.header("webhook-timestamp"), Some(at.unix_seconds().to_string().as_str()));
        verify_both(request, &stage.app.webhook_secret, *at).unwrap();
    }
    let distinct = |name: &str| {
        let values: std::collections::HashSet<_> =
            requests.iter().map(|request| request.header(name)).collect();
        values.len()
    };
    assert_eq!((distinct("webhook-signature"), distinct("x-hopline-signature")), (3, 3));
}

#[tokio::test]
async fn a_changed_body_or_another_secret_does_not_verify() {
    let stage = Stage::start().await;
    stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    let request = first_request(&stage).await;
    let now = stage.clock().now();
    verify_both(&request, &stage.app.webhook_secret, now).unwrap();
    let mut changed = (*request).clone();
    changed.body = request.body.iter().rev().copied().collect();
    assert!(verify_both(&changed, &stage.app.webhook_secret, now).is_err());
    let other = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    assert!(verify_both(&request, other, now).is_err());
}

/// The body a receiver gets, as text: order, spacing and every key are part of the contract.
async fn body_of(stage: &Stage, link: &str) -> (String, Value) {
    let delivery = stage.deliver_link(link, &stage.hook("receiver.test", "/hook")).await;
    let request = stage.sink.received().pop().unwrap();
    let job_id = delivery["job_id"].as_str().unwrap();
    let job = stage.api().get(&format!("/v1/jobs/{job_id}")).await.expect_status(200).json();
    (String::from_utf8(request.body.to_vec()).unwrap(), job)
}

#[tokio::test]
async fn a_done_job_is_told_in_exactly_these_words() {
    let stage = Stage::start().await;
    let balance = stage.app.balance().await;
    let (body, job) = body_of(&stage, &stage.app.farm.url("/chain/2?done")).await;
    let (job_id, target) = (job["job_id"].as_str().unwrap(), stage.app.farm.url("/chain/0?done"));
    let (at, left) = (stage.clock().now(), balance - 1);
    let expected = format!(
        r#"{{"event":"resolve.done","created_at":"{at}","job_id":"{job_id}","status":"done","target_url":"{target}","provider":"generic","tier":"standard","error":null,"credits_charged":1,"balance":{left}}}"#
    );
    assert_eq!(body, expected);
    assert_eq!(stage.app.balance().await, left);
}

#[tokio::test]
async fn a_failed_and_an_invalid_job_are_told_in_exactly_these_words() {
    let stage = Stage::start().await;
    stage.app.farm.serve("/missing", Answer::status(404));
    stage.app.farm.serve("/forbidden", Answer::redirect(302, "http://10.0.0.1/"));
    let balance = stage.app.balance().await;
    let cases = [("/missing", "failed", "resolve_failed"), ("/forbidden", "invalid", "unsupported_link")];
    for (path, status, error) in cases {
        let (body, job) = body_of(&stage, &stage.app.farm.url(path)).await;
        let (job_id, at) = (job["job_id"].as_str().unwrap(), stage.clock().now());
        let expected = format!(
            r#"{{"event":"resolve.failed","created_at":"{at}","job_id":"{job_id}","status":"{status}","target_url":null,"provider":null,"tier":null,"error":"{error}","credits_charged":0,"balance":{balance}}}"#
        );
        assert_eq!(body, expected);
    }
    assert_eq!(stage.app.balance().await, balance);
}

#[tokio::test]
async fn signature_headers_are_named_as_the_key_says() {
    let stage = Stage::start().await;
    let names = ["X-LinkSkipper-Signature", "X-Second-Signature"];
    let key = stage.new_key(json!({"signature_headers": names})).await;
    let delivery = stage.deliver_as(&key, &stage.hook("receiver.test", "/hook")).await;
    let request = first_request(&stage).await;
    assert!(request.header("x-hopline-signature").is_none());
    for name in names {
        verify_as(&request, name, &key.webhook_secret, stage.clock().now()).unwrap();
        let shown = header_in(&delivery["attempts"][0]["request_headers"], name).unwrap();
        assert!(shown.ends_with(",v1=***"), "{shown}");
    }
}

#[tokio::test]
async fn an_own_webhook_secret_signs() {
    let stage = Stage::start().await;
    let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let key = stage.new_key(json!({"webhook_secret": secret})).await;
    stage.deliver_as(&key, &stage.hook("receiver.test", "/hook")).await;
    verify_both(&*first_request(&stage).await, secret, stage.clock().now()).unwrap();
}

#[tokio::test]
async fn an_own_secret_that_is_no_base64_signs_only_the_timestamped_way() {
    let stage = Stage::start().await;
    let secret = "whsec_not.base64.but.thirty.bytes.long";
    let key = stage.new_key(json!({"webhook_secret": secret})).await;
    stage.deliver_as(&key, &stage.hook("receiver.test", "/hook")).await;
    let request = first_request(&stage).await;
    let now_s = stage.clock().now().unix_seconds();
    let (header, secret) =
        (request.header("x-hopline-signature").unwrap(), WebhookSecret::parse(secret).unwrap());
    verify_timestamped(header, &request.body, &secret, now_s, TOLERANCE_S_DEFAULT).unwrap();
    assert!(request.header("webhook-signature").is_none());
}

#[tokio::test]
async fn in_rotation_both_secrets_sign_with_the_oldest_last_until_the_overlap_ends() {
    let stage = Stage::start().await;
    let key = stage.new_key(json!({})).await;
    let new_secret = stage.rotate_webhook_secret(&key, 3_600).await;
    let hook = stage.hook("receiver.test", "/hook");
    stage.deliver_as(&key, &hook).await;
    let request = first_request(&stage).await;
    let now = stage.clock().now();
    for secret in [&key.webhook_secret, &new_secret] {
        verify_both(&request, secret, now).unwrap();
    }
    let header = request.header("x-hopline-signature").unwrap();
    let (t, signatures) = header.split_once(',').unwrap();
    let [newest, oldest] = signatures.split(',').collect::<Vec<_>>()[..] else {
        panic!("two of them: {header}")
    };
    let verify_one = |signature: &str, secret: &str| {
        let secret = WebhookSecret::parse(secret).unwrap();
        let header = format!("{t},{signature}");
        verify_timestamped(&header, &request.body, &secret, now.unix_seconds(), TOLERANCE_S_DEFAULT)
    };
    verify_one(newest, &new_secret).unwrap();
    verify_one(oldest, &key.webhook_secret).unwrap();

    stage.clock().advance_ms(HOUR_MS);
    stage.deliver_as(&key, &hook).await;
    let request = stage.sink.wait_for(2).await.remove(1);
    verify_both(&request, &new_secret, stage.clock().now()).unwrap();
    assert!(verify_both(&request, &key.webhook_secret, stage.clock().now()).is_err());
    assert_eq!(request.header("x-hopline-signature").unwrap().matches("v1=").count(), 1);
}

#[tokio::test]
async fn a_rotation_holds_for_retries_of_older_deliveries() {
    let stage = Stage::start().await;
    let key = stage.new_key(json!({})).await;
    stage.sink.answer_in_turn("/hook", [Answer::status(500), Answer::status(200)]);
    let delivery = stage.deliver_as(&key, &stage.hook("receiver.test", "/hook")).await;
    let new_secret = stage.rotate_webhook_secret(&key, 0).await;
    stage.next_attempt(&delivery).await;
    let requests = stage.sink.wait_for(2).await;
    verify_both(&requests[1], &new_secret, stage.clock().now()).unwrap();
    assert!(verify_both(&requests[1], &key.webhook_secret, stage.clock().now()).is_err());
}
