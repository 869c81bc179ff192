//! How endpoints are served: rate, batches, pauses, disabling and coming back, replays, and the stream of events.

use std::time::Duration;

use hopline_domain::time::DAY_MS;
use hopline_testkit::Answer;
use serde_json::{Value, json};

use crate::{
    stage::Stage,
    webhooks::{endpoint, id, patch, raise, subscribe, told},
};

fn states(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["state"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_endpoints_own_schedule_is_kept_and_then_it_has_failed() {
    let stage = Stage::start().await;
    stage.sink.answer("/all", Answer::status(500));
    let made = subscribe(&stage, "/all", json!({"retry_schedule_s": [60, 10]})).await;
    raise(&stage).await;
    let mut delivery = stage.delivery(&told(&stage, &made).await[0]).await;
    for (attempt, gap_ms) in [(1, 60_000), (2, 10_000)] {
        assert_eq!((&delivery["attempts_count"], &delivery["waiting_for"]), (&json!(attempt), &json!("due")));
        let wait_ms = stage.due_in_ms(&delivery);
        assert!((gap_ms..=gap_ms + gap_ms / 10).contains(&wait_ms), "{wait_ms}");
        delivery = stage.next_attempt(&delivery).await;
    }
    assert_eq!((&delivery["attempts_count"], &delivery["state"]), (&json!(3), &json!("failed")));
    assert!(endpoint(&stage, &made).await["failing_since"].is_string());
    stage.app.finish().await;
}

#[tokio::test]
async fn a_rate_limit_is_never_exceeded_and_waiting_costs_no_attempt() {
    let stage = Stage::start().await;
    let made = subscribe(&stage, "/all", json!({"rate_per_s": 10})).await;
    for _ in 0..20 {
        let body = json!({"url": stage.fresh_link(), "max_age_s": 0});
        stage.api().post_json("/v1/resolve", &body).await.expect_status(202);
    }
    stage.idle().await;
    assert_eq!(stage.sink.count("/all"), 1);
    let waits = told(&stage, &made).await;
    let pending: Vec<&Value> = waits.iter().filter(|row| row["state"] == "pending").collect();
    assert_eq!(pending.len(), 19);
    assert!(pending.iter().all(|row| row["waiting_for"] == "rate" && row["attempts_count"] == 0));
    for sent in 2..=11 {
        stage.clock().advance_ms(100);
        stage.idle().await;
        assert_eq!(stage.sink.count("/all"), sent);
    }
    stage.clock().advance_ms(50);
    stage.idle().await;
    assert_eq!(stage.sink.count("/all"), 11);
}

#[tokio::test]
async fn events_travel_together_and_a_batch_stays_what_it_was() {
    let stage = Stage::start().await;
    stage.sink.answer_in_turn("/all", [Answer::status(500), Answer::status(200)]);
    let made = subscribe(&stage, "/all", json!({"batch": {"max_events": 3, "max_wait_ms": 10_000}})).await;
    for _ in 0..2 {
        raise(&stage).await;
    }
    assert_eq!(stage.sink.count("/all"), 0, "two of three wait");
    raise(&stage).await;
    let first = stage.sink.wait_for(1).await.remove(0);
    let body = first.json();
    assert_eq!(body["events"].as_array().unwrap().len(), 3);
    assert_eq!(body["id"].as_str(), first.header("webhook-id"));
    assert!(first.header("x-hopline-seq").is_none());
    raise(&stage).await;
    let rows = told(&stage, &made).await;
    let of_batch = rows.iter().find(|row| row["batch_id"] == body["id"]).unwrap();
    stage.next_attempt(&stage.delivery(of_batch).await).await;
    let again = stage.sink.received().into_iter().nth(1).unwrap();
    assert_eq!((again.header("webhook-id"), &again.body), (first.header("webhook-id"), &first.body));
    stage.clock().advance_ms(10_000);
    stage.idle().await;
    assert_eq!(stage.sink.received().last().unwrap().json()["events"].as_array().unwrap().len(), 1);
    assert_eq!(states(&told(&stage, &made).await), ["succeeded"; 4]);
    stage.app.finish().await;
}

#[tokio::test]
async fn retry_after_pauses_the_endpoint_then_one_probe_opens_it() {
    let stage = Stage::start().await;
    stage.sink.answer_in_turn("/all", [Answer::retry_after(429, "120"), Answer::status(200)]);
    let made = subscribe(&stage, "/all", json!({"concurrency": 1})).await;
    raise(&stage).await;
    raise(&stage).await;
    assert_eq!(stage.sink.count("/all"), 1);
    for row in told(&stage, &made).await {
        assert_eq!(row["waiting_for"], "paused");
    }
    stage.clock().advance_ms(119_999);
    stage.idle().await;
    assert_eq!(stage.sink.count("/all"), 1);
    stage.clock().advance_ms(1);
    stage.idle().await;
    assert_eq!(stage.sink.count("/all"), 3);
    assert_eq!(states(&told(&stage, &made).await), ["succeeded"; 2]);
}

#[tokio::test]
async fn gone_disables_tells_and_keeps_what_waits_until_it_is_enabled() {
    let stage = Stage::start().await;
    stage.sink.answer_in_turn("/gone", [Answer::status(410), Answer::status(200)]);
    let made = subscribe(&stage, "/gone", json!({"events": ["resolve.*"]})).await;
    let watcher = subscribe(&stage, "/watch", json!({"events": ["endpoint.disabled"]})).await;
    raise(&stage).await;
    let off = endpoint(&stage, &made).await;
    assert_eq!((&off["status"], &off["disabled_reason"]), (&json!("disabled"), &json!("gone")));
    let notice = stage.sink.received().into_iter().find(|request| request.path() == "/watch").unwrap().json();
    assert_eq!(
        (&notice["event"], &notice["data"]["endpoint_id"]),
        (&json!("endpoint.disabled"), &made["id"])
    );
    assert_eq!(told(&stage, &watcher).await.len(), 1);
    raise(&stage).await;
    stage.clock().advance_ms(DAY_MS);
    stage.idle().await;
    assert_eq!(stage.sink.count("/gone"), 1);
    let waits = told(&stage, &made).await.remove(0);
    assert_eq!((&waits["waiting_for"], &waits["attempts_count"]), (&json!("disabled"), &json!(0)));
    let on = patch(&stage, &made, json!({"status": "active"})).await.expect_status(200).json();
    assert_eq!(on["status"], "active");
    stage.idle().await;
    assert_eq!(states(&told(&stage, &made).await), ["succeeded", "failed"]);
    stage.app.finish().await;
}

#[tokio::test]
async fn five_days_of_nothing_but_failures_disable_also_across_a_restart() {
    let mut stage = Stage::start().await;
    stage.sink.answer("/all", Answer::status(500));
    let made =
        subscribe(&stage, "/all", json!({"events": ["resolve.*"], "retry_schedule_s": vec![86_400; 10]}))
            .await;
    raise(&stage).await;
    for day in 1..=5 {
        assert_eq!(endpoint(&stage, &made).await["status"], "active", "day {day}");
        stage.restart().await;
        stage.clock().advance_ms(DAY_MS + DAY_MS / 10);
        stage.idle().await;
    }
    let off = endpoint(&stage, &made).await;
    assert_eq!((&off["status"], &off["disabled_reason"]), (&json!("disabled"), &json!("failing")));
    stage.app.finish().await;
}

#[tokio::test]
async fn what_waits_for_a_disabled_endpoint_expires_with_its_event() {
    let stage = Stage::start().await;
    let made = subscribe(&stage, "/all", json!({"events": ["resolve.*"]})).await;
    patch(&stage, &made, json!({"status": "disabled"})).await.expect_status(200);
    raise(&stage).await;
    stage.clock().advance_ms(30 * DAY_MS + 1);
    stage.idle().await;
    let rows = told(&stage, &made).await;
    assert_eq!((states(&rows), &rows[0]["attempts_count"]), (vec!["expired"], &json!(0)));
    assert_eq!(stage.sink.count("/all"), 0);
    stage.app.finish().await;
}

async fn replay(stage: &Stage, made: &Value, body: Value) -> Value {
    let path = format!("/v1/webhooks/{}/replay", id(made));
    let begun = stage.api().post_json(&path, &body).await.expect_status(202).json();
    stage.idle().await;
    stage.api().get(&format!("/v1/replays/{}", id(&begun))).await.expect_status(200).json()
}

#[tokio::test]
async fn a_replay_counts_first_then_sends_what_was_missed_under_the_same_id() {
    let stage = Stage::start().await;
    for _ in 0..3 {
        raise(&stage).await;
    }
    let made = subscribe(&stage, "/all", json!({"events": ["resolve.*"]})).await;
    raise(&stage).await;
    assert_eq!(stage.sink.count("/all"), 1, "what was before is not told");
    let dry = replay(&stage, &made, json!({"dry_run": true})).await;
    assert_eq!(
        (&dry["status"], &dry["matched"], &dry["scanned"]),
        (&json!("finished"), &json!(3), &json!(4))
    );
    assert_eq!(stage.sink.count("/all"), 1);
    let sent = replay(&stage, &made, json!({"only": "missing"})).await;
    assert_eq!((&sent["status"], &sent["matched"]), (&json!("finished"), &json!(3)));
    assert_eq!(stage.sink.count("/all"), 4);
    let all = replay(&stage, &made, json!({"only": "all"})).await;
    assert_eq!(all["matched"], 4);
    let events = stage.api().get("/v1/events").await.expect_status(200).json();
    let ids: Vec<&str> = events["data"].as_array().unwrap().iter().map(id).collect();
    let requests = stage.sink.received();
    for known in ids {
        let of_event = requests.iter().filter(|request| request.header("webhook-id") == Some(known));
        assert_eq!(of_event.count(), 2, "{known}");
    }
    let done = stage.api().post_json(&format!("/v1/replays/{}/cancel", id(&all)), &json!({})).await;
    assert_eq!(done.expect_status(409).json()["reason"], "ended");
    let path = format!("/v1/webhooks/{}/replay", id(&made));
    for bad in [
        json!({"only": "some"}),
        json!({"events": ["x"]}),
        json!({"rate_per_s": 0}),
        json!({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}),
    ] {
        stage.api().post_json(&path, &bad).await.expect_status(400);
    }
    stage.app.finish().await;
}

#[tokio::test]
async fn a_slow_replay_goes_on_after_a_restart_and_can_be_cancelled() {
    let mut stage = Stage::start().await;
    for _ in 0..4 {
        raise(&stage).await;
    }
    let made = subscribe(&stage, "/all", json!({"events": ["resolve.*"]})).await;
    let slow = replay(&stage, &made, json!({"rate_per_s": 1})).await;
    assert_eq!(
        (&slow["status"], &slow["matched"], stage.sink.count("/all")),
        (&json!("running"), &json!(1), 1)
    );
    stage.restart().await;
    stage.clock().advance_ms(1_000);
    stage.idle().await;
    assert_eq!(stage.sink.count("/all"), 2);
    let path = format!("/v1/replays/{}/cancel", id(&slow));
    let stopped = stage.api().post_json(&path, &json!({})).await.expect_status(200).json();
    assert_eq!((&stopped["status"], &stopped["matched"]), (&json!("cancelled"), &json!(2)));
    stage.clock().advance_ms(10_000);
    stage.idle().await;
    assert_eq!(stage.sink.count("/all"), 2);
    stage.app.finish().await;
}

#[tokio::test]
async fn the_stream_goes_on_after_the_last_event_a_reader_got() {
    let stage = Stage::start().await;
    for _ in 0..3 {
        raise(&stage).await;
    }
    let events = stage.api().get("/v1/events?limit=100").await.expect_status(200).json();
    let events = events["data"].as_array().unwrap().clone();
    let seq = |at: usize| events[at]["seq"].as_i64().unwrap();
    let one = stage.api().get(&format!("/v1/events/{}", id(&events[0]))).await.expect_status(200).json();
    assert_eq!(one, events[0]);
    let url = format!("{}/v1/events/stream", stage.app.base_url());
    let mut reader = tokio::net::TcpStream::connect(url[7..].split('/').next().unwrap()).await.unwrap();
    let request = format!(
        "GET /v1/events/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nLast-Event-ID: {}\r\n\r\n",
        stage.app.key,
        seq(2)
    );
    tokio::io::AsyncWriteExt::write_all(&mut reader, request.as_bytes()).await.unwrap();
    let text = read_until(&mut reader, &format!("id: {}\n", seq(0))).await;
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    assert!(!text.contains(&format!("id: {}\n", seq(2))), "{text}");
    assert!(text.contains(&format!("id: {}\nevent: resolve.done\ndata: {{\"id\":\"evt_", seq(1))), "{text}");
    raise(&stage).await;
    let text = read_until(&mut reader, "event: resolve.done").await;
    assert!(text.contains(&format!("id: {}", seq(0) + 1)), "{text}");
    for bad in
        ["/v1/events/stream?type=x", "/v1/events/stream?after=-1", "/v1/events?type=link", "/v1/events?x=1"]
    {
        stage.api().get(bad).await.expect_status(400);
    }
    drop(reader);
    stage.app.finish().await;
}

async fn read_until(reader: &mut tokio::net::TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let reading = async {
        let mut piece = [0; 4096];
        while !text.contains(wanted) {
            let count = tokio::io::AsyncReadExt::read(reader, &mut piece).await.unwrap();
            assert!(count > 0, "the stream ended: {text}");
            text.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), reading).await.is_ok(), "never came: {wanted}");
    text
}

#[tokio::test]
async fn a_hanging_endpoint_holds_up_no_other() {
    let stage = Stage::live().await;
    stage.sink.answer("/hang", Answer::hang());
    subscribe(&stage, "/hang", json!({})).await;
    let healthy = subscribe(&stage, "/healthy", json!({})).await;
    for _ in 0..20 {
        let body = json!({"url": stage.fresh_link(), "max_age_s": 0});
        stage.api().post_json("/v1/resolve", &body).await.expect_status(202);
    }
    stage.sink.wait_for(20 + 4).await;
    assert_eq!(stage.sink.count("/healthy"), 20);
    assert_eq!(stage.sink.count("/hang"), 4, "its own four places and no more");
    assert_eq!(told(&stage, &healthy).await.len(), 20);
}
