//! Subscribed endpoints over the wire: what is told to whom, how it is signed, what bad input gets.

use hopline_domain::time::Clock;
use hopline_signing::{
    StandardHeaders, TOLERANCE_S_DEFAULT, WebhookSecret, verify_standard, verify_timestamped,
};
use hopline_testkit::{Answer, ReceivedRequest, TestApp, TestResponse};
use serde_json::{Value, json};

use crate::stage::{Stage, header_in};

/// A fresh endpoint and its secret.
pub(crate) async fn subscribe(stage: &Stage, path: &str, members: Value) -> Value {
    let mut body = json!({"url": stage.hook("endpoint.test", path), "events": ["*"]});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    stage.api().post_json("/v1/webhooks", &body).await.expect_status(201).json()
}

pub(crate) fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

pub(crate) async fn endpoint(stage: &Stage, known: &Value) -> Value {
    stage.api().get(&format!("/v1/webhooks/{}", id(known))).await.expect_status(200).json()
}

pub(crate) async fn patch(stage: &Stage, known: &Value, change: Value) -> TestResponse {
    stage.api().patch(&format!("/v1/webhooks/{}", id(known)), &change).await
}

pub(crate) async fn told(stage: &Stage, known: &Value) -> Vec<Value> {
    stage.deliveries(&format!("?endpoint_id={}&limit=100", id(known))).await
}

/// Raises `resolve.done`, and has everything that is due done.
pub(crate) async fn raise(stage: &Stage) {
    let body = json!({"url": stage.fresh_link(), "max_age_s": 0});
    stage.api().post_json("/v1/resolve", &body).await.expect_status(202);
    stage.idle().await;
}

fn verified(stage: &Stage, request: &ReceivedRequest, secret: &str) -> bool {
    let (secret, now_s) = (WebhookSecret::parse(secret).unwrap(), stage.clock().now().unix_seconds());
    let standard = StandardHeaders {
        id: request.header("webhook-id"),
        timestamp: request.header("webhook-timestamp"),
        signatures: request.header("webhook-signature"),
    };
    let own = request.header("x-hopline-signature").unwrap();
    verify_standard(standard, &request.body, &secret, now_s, TOLERANCE_S_DEFAULT).is_ok()
        && verify_timestamped(own, &request.body, &secret, now_s, TOLERANCE_S_DEFAULT).is_ok()
}

fn pointers(refused: &Value) -> Vec<&str> {
    refused["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_endpoint_is_told_what_it_subscribes_to_signed_with_its_own_secret() {
    let stage = Stage::start().await;
    let made =
        subscribe(&stage, "/all", json!({"events": ["resolve.*"], "headers": {"X-Tenant": "s3cret"}})).await;
    let links = subscribe(&stage, "/links", json!({"events": ["link.*"]})).await;
    assert_eq!((&made["status"], &made["headers"]), (&json!("active"), &json!({"X-Tenant": "***"})));
    raise(&stage).await;
    let request = &stage.sink.wait_for(1).await[0];
    assert_eq!(request.path(), "/all");
    let body = request.json();
    assert_eq!((&body["event"], &body["status"]), (&json!("resolve.done"), &json!("done")));
    assert_eq!(body["id"].as_str(), request.header("webhook-id"));
    assert!(body["workspace_id"].as_str().unwrap().starts_with("ws_"));
    assert_eq!(request.header("x-tenant"), Some("s3cret"));
    assert!(verified(&stage, request, made["webhook_secret"].as_str().unwrap()));
    assert!(told(&stage, &links).await.is_empty());
    let delivery = stage.delivery(&told(&stage, &made).await[0]).await;
    assert_eq!((&delivery["state"], &delivery["endpoint_id"]), (&json!("succeeded"), &made["id"]));
    let shown = &delivery["attempts"][0]["request_headers"];
    assert_eq!(header_in(shown, "x-tenant"), Some("***"), "no value of a header is shown");
    assert!(endpoint(&stage, &made).await.get("webhook_secret").is_none());
    stage.app.finish().await;
}

#[tokio::test]
async fn bad_input_gets_one_problem_with_all_its_pointers() {
    let stage = Stage::start().await;
    let refused = async |body: Value| {
        let answer = stage.api().post_json("/v1/webhooks", &body).await.expect_status(400).json();
        assert_eq!(answer["code"], "invalid_request");
        answer
    };
    let all = refused(json!({
        "url": "https://127.0.0.2.nip/", "events": ["link.exploded"], "concurrency": 0, "timeout_s": 31,
        "retry_schedule_s": [0], "batch": {"max_events": 501}, "rate_per_s": 0, "odd": 1, "link_ids": ["x"],
    }))
    .await;
    for pointer in [
        "/events/0",
        "/concurrency",
        "/timeout_s",
        "/retry_schedule_s/0",
        "/batch/max_events",
        "/rate_per_s",
        "/odd",
        "/link_ids/0",
    ] {
        assert!(pointers(&all).contains(&pointer), "{pointer}: {all}");
    }
    assert_eq!(pointers(&refused(json!({})).await), ["/url", "/events"]);
    for name in ["Host", "Content-Length", "webhook-id", "Connection", "X-Hopline-Signature", "a b"] {
        let body = json!({"url": stage.hook("a.test", "/"), "events": ["*"], "headers": {name: "x"}});
        assert_eq!(pointers(&refused(body).await), [format!("/headers/{name}")], "{name}");
    }
    let split = json!({"url": stage.hook("a.test", "/"), "events": ["*"], "headers": {"X-A": "a\r\nX-B: c"}});
    assert_eq!(pointers(&refused(split).await), ["/headers/X-A"]);
}

#[tokio::test]
async fn plain_http_private_addresses_and_bad_names_are_refused_when_saved() {
    let app = TestApp::builder()
        .without_allowed_nets()
        .name("private.test", &["10.0.0.1"])
        .name("mixed.test", &["1.1.1.1", "127.0.0.1"])
        .name("public.test", &["1.1.1.1"])
        .start()
        .await;
    let save =
        async |url: &str| app.client().post_json("/v1/webhooks", &json!({"url": url, "events": ["*"]})).await;
    for url in [
        "http://public.test/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/",
        "https://localhost/",
        "https://user@public.test/",
        "ftp://public.test/",
        "no url",
        "https://2130706433/",
        "https://private.test/",
        "https://mixed.test/",
    ] {
        let refused = save(url).await.expect_status(400).json();
        assert_eq!(pointers(&refused), ["/url"], "{url}");
    }
    assert_eq!(save("https://public.test/").await.expect_status(201).json()["warnings"], json!([]));
    let unknown = save("https://nowhere.test/").await.expect_status(201).json();
    assert_eq!(unknown["warnings"].as_array().unwrap().len(), 1, "no answer is only a warning");
    app.finish().await;
}

#[tokio::test]
async fn a_patch_is_in_force_from_the_next_attempt_and_honours_the_tag() {
    let stage = Stage::start().await;
    stage.sink.answer("/old", Answer::status(500));
    let made = subscribe(&stage, "/old", json!({"headers": {"X-A": "1", "X-B": "2"}})).await;
    raise(&stage).await;
    let path = format!("/v1/webhooks/{}", id(&made));
    let read = stage.api().get(&path).await.expect_status(200);
    let tag = read.header("etag").unwrap().to_owned();
    let change = json!({"url": stage.hook("endpoint.test", "/new"), "headers": {"X-A": null, "X-C": "3"},
        "signature_headers": ["X-Mine"]});
    let changed = stage.api().patch(&path, &change).header("If-Match", &tag).await.expect_status(200).json();
    assert_eq!(changed["headers"], json!({"X-B": "***", "X-C": "***"}));
    stage.api().patch(&path, &change).header("If-Match", &tag).await.expect_status(412);
    let delivery = told(&stage, &made).await.remove(0);
    stage.next_attempt(&stage.delivery(&delivery).await).await;
    let requests = stage.sink.wait_for(2).await;
    let (first, second) = (&requests[0], &requests[1]);
    assert_eq!((first.path(), second.path()), ("/old", "/new"));
    assert_eq!(
        (second.header("x-a"), second.header("x-b"), second.header("x-c")),
        (None, Some("2"), Some("3"))
    );
    assert!(second.header("x-mine").is_some() && second.header("x-hopline-signature").is_none());
    assert_eq!((first.header("webhook-id"), &first.body), (second.header("webhook-id"), &second.body));
    for bad in [json!({"url": null}), json!({"events": []}), json!({"status": "deleted"}), json!({"id": "x"})]
    {
        patch(&stage, &made, bad).await.expect_status(400);
    }
    stage.app.finish().await;
}

#[tokio::test]
async fn both_secrets_sign_during_an_overlap_and_only_the_new_one_after() {
    let stage = Stage::start().await;
    let made = subscribe(&stage, "/all", json!({})).await;
    let old = made["webhook_secret"].as_str().unwrap();
    let path = format!("/v1/webhooks/{}/webhook-secret/rotate", id(&made));
    let rotated = stage.api().post_json(&path, &json!({"overlap_s": 60})).await.expect_status(200).json();
    let new = rotated["webhook_secret"].as_str().unwrap();
    raise(&stage).await;
    let request = stage.sink.wait_for(1).await.remove(0);
    assert!(verified(&stage, &request, old) && verified(&stage, &request, new));
    stage.clock().advance_ms(60_000);
    raise(&stage).await;
    let request = stage.sink.wait_for(2).await.remove(1);
    assert!(!verified(&stage, &request, old) && verified(&stage, &request, new));
}

#[tokio::test]
async fn a_test_goes_to_its_endpoint_alone_and_once_per_key() {
    let stage = Stage::start().await;
    let made = subscribe(&stage, "/mine", json!({"events": ["link.created"]})).await;
    subscribe(&stage, "/other", json!({})).await;
    let path = format!("/v1/webhooks/{}/test", id(&made));
    for replayed in [None, Some("true")] {
        let answer =
            stage.api().post_json(&path, &json!({})).header("Idempotency-Key", "t").await.expect_status(202);
        assert_eq!(answer.header("idempotent-replayed"), replayed);
        assert_eq!(answer.json()["event_type"], "webhook.test");
    }
    stage.idle().await;
    assert_eq!((stage.sink.count("/mine"), stage.sink.count("/other")), (1, 0));
    assert_eq!(stage.sink.received()[0].json()["data"]["endpoint_id"], made["id"]);
}

#[tokio::test]
async fn a_deleted_endpoint_is_gone_and_gets_nothing_more() {
    let stage = Stage::start().await;
    stage.sink.answer("/all", Answer::status(500));
    let made = subscribe(&stage, "/all", json!({})).await;
    raise(&stage).await;
    let path = format!("/v1/webhooks/{}", id(&made));
    stage.api().delete(&path).await.expect_status(204);
    stage.api().get(&path).await.expect_status(404);
    stage.api().delete(&path).await.expect_status(404);
    raise(&stage).await;
    stage.clock().advance_ms(3_600_000);
    stage.idle().await;
    assert_eq!(stage.sink.count("/all"), 1);
    let left = told(&stage, &made).await;
    assert_eq!((left.len(), &left[0]["state"]), (1, &json!("cancelled")), "the list still tells of it");
    stage.app.finish().await;
}

#[tokio::test]
async fn endpoints_need_their_scopes_and_belong_to_their_workspace() {
    let stage = Stage::start().await;
    let made = subscribe(&stage, "/all", json!({})).await;
    let reader = stage.new_key(json!({"scopes": ["webhooks:read"]})).await;
    let path = format!("/v1/webhooks/{}", id(&made));
    reader.api.get(&path).await.expect_status(200);
    reader.api.get("/v1/events").await.expect_status(200);
    reader.api.patch(&path, &json!({"description": "x"})).await.expect_status(403);
    reader.api.delete(&path).await.expect_status(403);
    reader.api.post_json(&format!("{path}/test"), &json!({})).await.expect_status(403);
    for unknown in ["whe_00000000000000000000000000000000", "whe_x", "dlv_00000000000000000000000000000000"] {
        stage.api().get(&format!("/v1/webhooks/{unknown}")).await.expect_status(404);
        stage.api().post_json(&format!("/v1/webhooks/{unknown}/replay"), &json!({})).await.expect_status(404);
    }
    stage.api().get("/v1/replays/rpl_x").await.expect_status(404);
    stage.api().get("/v1/events/evt_x").await.expect_status(404);
}
