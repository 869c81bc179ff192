//! What the API tells of a delivery: from the moment it exists, attempt by attempt; and what people may do to it by hand.
//! When it is tried again is the matter of `delivery_schedule`, how it is signed that of `delivery_signatures`.

use hopline_domain::time::{Clock, HOUR_MS};
use hopline_testkit::Answer;
use serde_json::{Value, json};

use crate::stage::{Stage, header_in};

/// Bodies of responses are kept up to here.
const KEPT_BYTES: usize = 16 * 1024;

fn only(attempts: &Value) -> &Value {
    let [attempt] = &attempts.as_array().unwrap()[..] else { panic!("one attempt: {attempts}") };
    attempt
}

#[tokio::test]
async fn a_delivery_is_visible_when_its_job_has_ended() {
    let stage = Stage::live().await;
    stage.sink.answer("/busy", Answer::hang());
    let busy = stage.hook("receiver.test", "/busy");
    for _ in 0..4 {
        stage.resolve(&busy).await;
    }
    stage.sink.wait_for(4).await;
    let job_id = stage.resolve(&stage.hook("receiver.test", "/hook")).await;
    let waiting = stage.delivery_of(&job_id).await;
    assert_eq!(waiting["state"], "pending");
    assert_eq!(waiting["waiting_for"], "lane_busy");
    assert_eq!(waiting["attempts_count"], 0);
    assert_eq!(waiting["next_attempt_at"], json!(stage.clock().now().to_string()));
    assert_eq!(waiting["event_type"], "resolve.done");
    assert_eq!(waiting["url"], json!(stage.hook("receiver.test", "/hook")));
    assert_eq!(waiting["attempts"], json!([]));
}

#[tokio::test]
async fn a_job_without_webhook_url_makes_no_delivery() {
    let stage = Stage::start().await;
    let body = json!({"url": stage.app.farm.url("/status/200")});
    stage.api().post_json("/v1/resolve", &body).await.expect_status(202);
    stage.idle().await;
    assert_eq!(stage.api().get("/v1/deliveries").await.expect_status(200).json()["data"], json!([]));
}

#[tokio::test]
async fn every_2xx_ends_it_with_one_attempt() {
    let stage = Stage::start().await;
    for status in [200, 201, 202, 204, 299] {
        let path = format!("/{status}");
        stage.sink.answer(&path, Answer::status(status));
        let delivery = stage.deliver(&stage.hook("receiver.test", &path)).await;
        assert_eq!((&delivery["state"], &delivery["attempts_count"]), (&json!("succeeded"), &json!(1)));
        assert_eq!(delivery["next_attempt_at"], Value::Null);
        assert_eq!(delivery["waiting_for"], Value::Null);
        assert_eq!(delivery["last_error"], Value::Null);
        let attempt = only(&delivery["attempts"]);
        assert_eq!((&attempt["response_status"], &attempt["error"]), (&json!(status), &Value::Null));
    }
}

#[tokio::test]
async fn every_other_status_is_a_failed_attempt() {
    let stage = Stage::start().await;
    for status in [300, 304, 400, 401, 404, 409, 418, 500, 502, 504, 599] {
        let path = format!("/{status}");
        stage.sink.answer(&path, Answer::status(status));
        let delivery = stage.deliver(&stage.hook("receiver.test", &path)).await;
        assert_eq!(
            (&delivery["state"], &delivery["attempts_count"]),
            (&json!("pending"), &json!(1)),
            "{status}"
        );
        assert_eq!(delivery["waiting_for"], "due");
        assert_eq!(delivery["last_error"], "http_status");
        let attempt = only(&delivery["attempts"]);
        assert_eq!((&attempt["response_status"], &attempt["error"]), (&json!(status), &json!("http_status")));
    }
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_its_target_is_never_asked() {
    let stage = Stage::start().await;
    for status in [301, 302, 303, 307, 308] {
        let path = format!("/{status}");
        stage.sink.answer(&path, Answer::redirect(status, stage.hook("receiver.test", "/target")));
        let delivery = stage.deliver(&stage.hook("receiver.test", &path)).await;
        assert_eq!(delivery["state"], "pending");
        assert_eq!(only(&delivery["attempts"])["response_status"], status);
        assert_eq!(stage.sink.count(&path), 1);
    }
    assert_eq!(stage.sink.count("/target"), 0);
}

#[tokio::test]
async fn an_attempt_is_recorded_in_full() {
    let stage = Stage::start().await;
    let answer =
        Answer::status(500).header("X-Reason", "tired").header("X-Latin", b"caf\xe9").body("not today");
    stage.sink.answer("/hook", answer);
    let delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    let request = stage.sink.wait_for(1).await.remove(0);
    let attempt = only(&delivery["attempts"]);

    assert!(attempt["id"].as_str().unwrap().starts_with("att_"));
    assert_eq!(attempt["number"], 1);
    assert_eq!(attempt["started_at"], json!(stage.clock().now().to_string()));
    assert!(attempt["duration_ms"].is_u64());
    assert_eq!(attempt["remote_addr"], json!(stage.sink.address().to_string()));
    for phase in ["dns", "connect", "tls", "wait", "receive"] {
        assert!(attempt["timings_ms"][phase].is_number(), "{phase} in {attempt}");
    }
    assert_eq!(header_in(&attempt["response_headers"], "x-reason"), Some("tired"));
    assert!(header_in(&attempt["response_headers"], "x-latin").unwrap().starts_with("caf"));
    assert_eq!(attempt["response_body"], "not today");
    assert_eq!(attempt["response_truncated"], false);
    assert_eq!(attempt["error"], "http_status");

    let shown = &attempt["request_headers"];
    for name in ["content-type", "user-agent", "x-hopline-seq", "webhook-id", "webhook-timestamp"] {
        assert_eq!(header_in(shown, name), request.header(name), "{name}");
    }
    let t = request.header("webhook-timestamp").unwrap();
    assert_eq!(header_in(shown, "x-hopline-signature"), Some(format!("t={t},v1=***").as_str()));
    assert_eq!(header_in(shown, "webhook-signature"), Some("v1,***"));
    let (_, hex) = request.header("x-hopline-signature").unwrap().split_once("v1=").unwrap();
    assert!(!delivery.to_string().contains(hex), "no signature is shown anywhere");
}

#[tokio::test]
async fn a_long_answer_is_kept_up_to_16_kib_and_counts() {
    let stage = Stage::start().await;
    stage.sink.answer("/long", Answer::status(200).body("b".repeat(KEPT_BYTES + 4_000)));
    stage.sink.answer("/exact", Answer::status(200).body("b".repeat(KEPT_BYTES)));
    let cases = [("/long", true), ("/exact", false)];
    for (path, truncated) in cases {
        let delivery = stage.deliver(&stage.hook("receiver.test", path)).await;
        assert_eq!(delivery["state"], "succeeded");
        let attempt = only(&delivery["attempts"]);
        assert_eq!(attempt["response_body"].as_str().unwrap().len(), KEPT_BYTES);
        assert_eq!(attempt["response_truncated"], truncated, "{path}");
    }
}

#[tokio::test]
async fn a_retry_by_hand_makes_a_pending_one_due_now() {
    let stage = Stage::start().await;
    stage.sink.answer_in_turn("/hook", [Answer::status(500), Answer::status(500), Answer::status(200)]);
    let delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    let (before, after) = (stage.act(&delivery, "retry").await, stage.settled(&delivery).await);
    assert_eq!(before.status, 200, "{}", before.text());
    assert_eq!((&after["state"], &after["attempts_count"]), (&json!("pending"), &json!(2)));
    let done = stage.next_attempt(&after).await;
    assert_eq!((&done["state"], &done["attempts_count"]), (&json!("succeeded"), &json!(3)));
}

#[tokio::test]
async fn a_retry_by_hand_sends_a_succeeded_one_again_under_the_same_id() {
    let stage = Stage::start().await;
    let delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    stage.act(&delivery, "retry").await.expect_status(200);
    let again = stage.settled(&delivery).await;
    assert_eq!((&again["state"], &again["attempts_count"]), (&json!("succeeded"), &json!(2)));
    let requests = stage.sink.wait_for(2).await;
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    assert_eq!(requests[0].body, requests[1].body);
}

#[tokio::test]
async fn a_retry_by_hand_gives_a_failed_one_a_whole_schedule_again() {
    let stage = Stage::start().await;
    stage.sink.answer_in_turn("/hook", [Answer::status(410), Answer::status(500), Answer::status(200)]);
    let failed = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    assert_eq!(failed["state"], "failed");
    stage.act(&failed, "retry").await.expect_status(200);
    let again = stage.settled(&failed).await;
    assert_eq!((&again["state"], &again["attempts_count"]), (&json!("pending"), &json!(2)));
    let wait_ms = stage.due_in_ms(&again);
    assert!((5_000..=5_500).contains(&wait_ms), "the schedule begins anew: {wait_ms} ms");
    assert_eq!(stage.next_attempt(&again).await["state"], "succeeded");
}

#[tokio::test]
async fn nothing_is_done_by_hand_while_an_attempt_is_under_way() {
    let stage = Stage::live().await;
    stage.sink.answer("/hook", Answer::hang());
    let job_id = stage.resolve(&stage.hook("receiver.test", "/hook")).await;
    stage.sink.wait_for(1).await;
    let delivery = stage.delivery_of(&job_id).await;
    assert_eq!((&delivery["state"], &delivery["waiting_for"]), (&json!("delivering"), &Value::Null));
    for verb in ["retry", "cancel"] {
        let refused = stage.act(&delivery, verb).await.expect_status(409).json();
        assert_eq!(refused["code"], "conflict", "{verb}");
    }
    assert_eq!(stage.sink.count("/hook"), 1);
}

#[tokio::test]
async fn a_cancelled_delivery_is_not_sent_again() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::status(500));
    let delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    let cancelled = stage.act(&delivery, "cancel").await.expect_status(200).json();
    assert_eq!((&cancelled["state"], &cancelled["next_attempt_at"]), (&json!("cancelled"), &Value::Null));
    stage.clock().advance_ms(HOUR_MS);
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 1);
    stage.act(&cancelled, "cancel").await.expect_status(409);
    stage.act(&cancelled, "retry").await;
    stage.idle().await;
    let after = stage.delivery(&cancelled).await;
    assert_eq!((&after["state"], &after["attempts_count"]), (&json!("pending"), &json!(2)), "a new schedule");
}

#[tokio::test]
async fn a_succeeded_delivery_is_not_cancelled() {
    let stage = Stage::start().await;
    let delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    assert_eq!(stage.act(&delivery, "cancel").await.expect_status(409).json()["code"], "conflict");
    assert_eq!(stage.delivery(&delivery).await["state"], "succeeded");
}

#[tokio::test]
async fn lists_are_filtered_by_state_and_job_and_paged_newest_first() {
    let stage = Stage::start().await;
    stage.sink.answer("/down", Answer::status(500));
    let mut made = Vec::new();
    for path in ["/up", "/down", "/up"] {
        made.push(stage.deliver(&stage.hook("receiver.test", path)).await);
    }
    let ids = async |query: &str| {
        let page = stage.api().get(&format!("/v1/deliveries{query}")).await.expect_status(200).json();
        let rows = page["data"].as_array().unwrap();
        (rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>(), page["next_cursor"].clone())
    };
    let id = |at: usize| made[at]["id"].clone();
    assert_eq!(ids("").await, (vec![id(2), id(1), id(0)], Value::Null));
    assert_eq!(ids("?state=pending").await.0, [id(1)]);
    assert_eq!(ids("?state=succeeded").await.0, [id(2), id(0)]);
    assert_eq!(ids(&format!("?job_id={}", made[0]["job_id"].as_str().unwrap())).await.0, [id(0)]);
    let (first, cursor) = ids("?limit=2").await;
    assert_eq!(first, [id(2), id(1)]);
    assert_eq!(
        ids(&format!("?limit=2&cursor={}", cursor.as_str().unwrap())).await,
        (vec![id(0)], Value::Null)
    );
    for query in ["?state=lost", "?limit=0", "?limit=101", "?job_id=x", "?cursor=x", "?unknown=1"] {
        let refused = stage.api().get(&format!("/v1/deliveries{query}")).await.expect_status(400).json();
        assert_eq!(refused["code"], "invalid_request", "{query}");
    }
}

#[tokio::test]
async fn an_unknown_delivery_is_not_found() {
    let stage = Stage::start().await;
    for id in ["dlv_00000000000000000000000000000000", "dlv_x", "evt_00000000000000000000000000000000", "-"] {
        for answer in [
            stage.api().get(&format!("/v1/deliveries/{id}")).await,
            stage.api().post_json(&format!("/v1/deliveries/{id}/retry"), &json!({})).await,
            stage.api().post_json(&format!("/v1/deliveries/{id}/cancel"), &json!({})).await,
        ] {
            assert_eq!(answer.expect_status(404).json()["code"], "not_found", "{id}");
        }
    }
}

#[tokio::test]
async fn reading_and_changing_deliveries_need_their_scopes() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::status(500));
    let delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    let path = format!("/v1/deliveries/{}", delivery["id"].as_str().unwrap());
    let resolver = stage.new_key(json!({"scopes": ["resolve"]})).await;
    let reader = stage.new_key(json!({"scopes": ["webhooks:read"]})).await;
    let refused = resolver.api.get(&path).await.expect_status(403).json();
    assert_eq!(refused["code"], "forbidden_scope");
    reader.api.get(&path).await.expect_status(200);
    reader.api.post_json(&format!("{path}/retry"), &json!({})).await.expect_status(403);
    assert_eq!(stage.sink.count("/hook"), 1);
}

/// There is one workspace yet, so a row is given to a stranger by hand.
#[tokio::test]
async fn another_workspaces_delivery_is_not_found() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::status(500));
    let delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    let database = stage.app.database("hopline.db");
    database.execute("update deliveries set workspace_id = randomblob(16)", []).unwrap();
    let path = format!("/v1/deliveries/{}", delivery["id"].as_str().unwrap());
    assert_eq!(stage.api().get(&path).await.expect_status(404).json()["code"], "not_found");
    for verb in ["retry", "cancel"] {
        assert_eq!(stage.act(&delivery, verb).await.expect_status(404).json()["code"], "not_found");
    }
    let job_id = delivery["job_id"].as_str().unwrap();
    for query in [String::new(), "?state=pending".to_owned(), format!("?job_id={job_id}")] {
        assert!(stage.deliveries(&query).await.is_empty(), "{query:?}");
    }
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 1);
}
