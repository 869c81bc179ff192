//! When a delivery is tried again: the schedule to its end, pauses that receivers ask for, probes, and restarts.
//! The clock moves only when a test moves it.

use std::time::{Duration, UNIX_EPOCH};

use hopline_domain::retry::RetrySchedule;
use hopline_domain::time::{Clock, DAY_MS, HOUR_MS, SECOND_MS, Timestamp};
use hopline_testkit::Answer;
use serde_json::{Value, json};

use crate::stage::{Stage, poll};

/// What a pause is never shorter than.
const PAUSE_MS_MIN: i64 = 30 * SECOND_MS;

fn next_attempt_at(delivery: &Value) -> Timestamp {
    Timestamp::parse(delivery["next_attempt_at"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn ten_attempts_come_at_the_scheduled_gaps_never_early_and_then_it_has_failed() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::status(500));
    let mut delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    for (at, gap_s) in RetrySchedule::default().delays_s().iter().enumerate() {
        let (step, gap_ms) = (at + 1, i64::from(*gap_s) * 1_000);
        assert_eq!((&delivery["state"], &delivery["attempts_count"]), (&json!("pending"), &json!(step)));
        assert_eq!(delivery["waiting_for"], "due");
        let wait_ms = stage.due_in_ms(&delivery);
        assert!(
            (gap_ms..=gap_ms + gap_ms / 10).contains(&wait_ms),
            "gap {step}: {wait_ms} ms, not {gap_ms} ms"
        );

        stage.clock().advance_ms(wait_ms - 1);
        stage.idle().await;
        assert_eq!(stage.sink.count("/hook"), step, "attempt {} came early", step + 1);
        stage.clock().advance_ms(1);
        delivery = stage.settled(&delivery).await;
        assert_eq!(stage.sink.count("/hook"), step + 1);
    }
    assert_eq!((&delivery["state"], &delivery["attempts_count"]), (&json!("failed"), &json!(10)));
    assert_eq!((&delivery["next_attempt_at"], &delivery["waiting_for"]), (&Value::Null, &Value::Null));
    let numbers: Vec<_> =
        delivery["attempts"].as_array().unwrap().iter().map(|a| a["number"].as_u64()).collect();
    assert_eq!(numbers, (1..=10).map(Some).collect::<Vec<_>>());
    stage.clock().advance_ms(2 * DAY_MS);
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 10);
}

#[tokio::test]
async fn the_first_answer_of_2xx_ends_the_retries() {
    let stage = Stage::start().await;
    stage.sink.answer_in_turn("/hook", [500, 500, 200].map(Answer::status));
    let mut delivery = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    for _ in 0..2 {
        delivery = stage.next_attempt(&delivery).await;
    }
    assert_eq!((&delivery["state"], &delivery["attempts_count"]), (&json!("succeeded"), &json!(3)));
    stage.clock().advance_ms(DAY_MS);
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 3);
}

#[tokio::test]
async fn a_410_ends_that_delivery_and_no_other() {
    let stage = Stage::start().await;
    stage.sink.answer_in_turn("/hook", [410, 200].map(Answer::status));
    let hook = stage.hook("receiver.test", "/hook");
    let gone = stage.deliver(&hook).await;
    assert_eq!((&gone["state"], &gone["attempts_count"]), (&json!("failed"), &json!(1)));
    assert_eq!((&gone["last_error"], &gone["next_attempt_at"]), (&json!("http_status"), &Value::Null));
    assert_eq!(stage.deliver(&hook).await["state"], "succeeded");
    stage.clock().advance_ms(DAY_MS);
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 2);
}

/// (what `Retry-After` says, the pause it makes after a first attempt)
fn pauses(now: Timestamp) -> Vec<(String, i64)> {
    let date = |ms: i64| {
        let at = u64::try_from(now.plus_ms(ms).0).unwrap();
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(at))
    };
    let table = [
        ("3".to_owned(), PAUSE_MS_MIN),
        ("0".to_owned(), PAUSE_MS_MIN),
        ("31".to_owned(), 31 * SECOND_MS),
        ("120".to_owned(), 120 * SECOND_MS),
        (date(90 * SECOND_MS), 90 * SECOND_MS),
        (date(-HOUR_MS), PAUSE_MS_MIN),
        (date(3 * DAY_MS), DAY_MS),
        ("86401".to_owned(), DAY_MS),
        ("99999999999999999999999999999".to_owned(), DAY_MS),
    ];
    let untrusted = ["-5", "inf", "NaN", "1e15", "1.5", "0x10", "soon", "", "10 seconds", "5, 6", "\u{00bd}"];
    let untrusted = untrusted.map(|text| (text.to_owned(), PAUSE_MS_MIN));
    table.into_iter().chain(untrusted).collect()
}

#[tokio::test]
async fn a_429_or_503_pauses_as_long_as_its_header_can_be_trusted() {
    let stage = Stage::start().await;
    for (row, (text, pause_ms)) in pauses(stage.clock().now()).into_iter().enumerate() {
        for status in [429, 503] {
            let path = format!("/{status}/{row}");
            stage.sink.answer(&path, Answer::retry_after(status, &text));
            let delivery = stage.deliver(&stage.hook(&format!("r{row}s{status}.test"), &path)).await;
            assert_eq!(stage.due_in_ms(&delivery), pause_ms, "{status} with Retry-After {text:?}");
            assert_eq!((&delivery["state"], &delivery["waiting_for"]), (&json!("pending"), &json!("paused")));
            assert_eq!(
                (&delivery["attempts_count"], &delivery["last_error"]),
                (&json!(1), &json!("http_status"))
            );
        }
    }
}

#[tokio::test]
async fn a_pause_without_header_lasts_half_a_minute_or_as_the_schedule_says() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::status(503));
    let first = stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    assert_eq!(stage.due_in_ms(&first), PAUSE_MS_MIN);
    let second = stage.next_attempt(&first).await;
    let wait_ms = stage.due_in_ms(&second);
    assert!((300_000..=330_000).contains(&wait_ms), "the schedule's five minutes are longer: {wait_ms} ms");
    assert_eq!(second["waiting_for"], "paused");
}

#[tokio::test]
async fn the_last_attempt_of_a_schedule_pauses_its_lane_too() {
    let stage = Stage::start().await;
    let hook = stage.hook("receiver.test", "/hook");
    stage.sink.answer("/hook", Answer::status(500));
    let mut delivery = stage.deliver(&hook).await;
    for _ in 0..8 {
        delivery = stage.next_attempt(&delivery).await;
    }
    stage.sink.answer("/hook", Answer::retry_after(503, "60"));
    delivery = stage.next_attempt(&delivery).await;
    assert_eq!((&delivery["state"], &delivery["attempts_count"]), (&json!("failed"), &json!(10)));
    let waiting = stage.deliver(&hook).await;
    assert_eq!((&waiting["waiting_for"], &waiting["attempts_count"]), (&json!("paused"), &json!(0)));
}

/// A lane paused for two minutes behind which `count` more deliveries wait.
async fn paused_lane(stage: &Stage, hook: &str, count: usize) -> (Value, Vec<Value>) {
    let refused = stage.deliver(hook).await;
    assert_eq!(refused["waiting_for"], "paused");
    let mut waiting = Vec::new();
    for _ in 0..count {
        waiting.push(stage.deliver(hook).await);
    }
    (refused, waiting)
}

#[tokio::test]
async fn a_paused_lane_sends_nothing_and_waiting_uses_no_attempt() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::retry_after(429, "120"));
    let (refused, waiting) = paused_lane(&stage, &stage.hook("receiver.test", "/hook"), 3).await;
    for delivery in &waiting {
        assert_eq!((&delivery["state"], &delivery["waiting_for"]), (&json!("pending"), &json!("paused")));
        assert_eq!((&delivery["attempts_count"], &delivery["attempts"]), (&json!(0), &json!([])));
    }
    stage.clock().advance_ms(stage.due_in_ms(&refused) - 1);
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 1, "not a millisecond early");
    assert_eq!(stage.delivery(&waiting[0]).await["attempts_count"], 0);
}

#[tokio::test]
async fn a_pause_holds_one_lane_and_no_other() {
    let stage = Stage::start().await;
    stage.sink.answer("/tired", Answer::retry_after(503, "3600"));
    paused_lane(&stage, &stage.hook("tired.test", "/tired"), 1).await;
    assert_eq!(stage.deliver(&stage.hook("awake.test", "/hook")).await["state"], "succeeded");
    let same_lane = stage.deliver(&stage.hook("tired.test", "/other")).await;
    assert_eq!(same_lane["waiting_for"], "paused", "a lane is an origin, not a path");
}

#[tokio::test]
async fn after_a_pause_one_probe_decides_for_all() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::retry_after(503, "120"));
    let (refused, waiting) = paused_lane(&stage, &stage.hook("receiver.test", "/hook"), 6).await;
    stage.clock().advance_ms(stage.due_in_ms(&refused));
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 2, "one probe, and its 503 pauses again");
    for delivery in &waiting {
        assert_eq!(stage.delivery(delivery).await["waiting_for"], "paused");
    }

    stage.sink.answer("/hook", Answer::status(200));
    stage.clock().advance_ms(331 * SECOND_MS);
    stage.idle().await;
    for delivery in waiting.iter().chain([&refused]) {
        assert_eq!(stage.delivery(delivery).await["state"], "succeeded");
    }
    assert_eq!(stage.sink.count("/hook"), 9, "two refusals, then each of the seven once");
}

#[tokio::test]
async fn while_the_probe_is_under_way_nothing_else_is_sent() {
    let stage = Stage::live().await;
    let hook = stage.hook("receiver.test", "/hook");
    stage.sink.answer_in_turn("/hook", [Answer::retry_after(503, "120"), Answer::hang()]);
    let refused = stage.deliver(&hook).await;
    stage.delivery_when(&refused, |now| now["waiting_for"] == "paused").await;
    for _ in 0..6 {
        stage.resolve(&hook).await;
    }
    stage.clock().advance_ms(120 * SECOND_MS);
    stage.sink.wait_for(2).await;
    assert_eq!(stage.count_in_state("delivering").await, 1);
    let waiting = stage.deliveries("?state=pending").await;
    assert_eq!(waiting.len(), 6);
    assert!(waiting.iter().all(|delivery| delivery["waiting_for"] == "lane_busy"), "{waiting:?}");
    assert_eq!(stage.sink.count("/hook"), 2);
}

#[tokio::test]
async fn a_success_that_began_before_the_pause_does_not_end_it() {
    let stage = Stage::live().await;
    let hook = |path: &str| stage.hook("receiver.test", path);
    stage.sink.answer("/slow", Answer::status(200).after(Duration::from_millis(500)));
    stage.sink.answer("/tired", Answer::retry_after(503, "120"));
    let slow = stage.deliver(&hook("/slow")).await;
    stage.sink.wait_for(1).await;
    let tired = stage.deliver(&hook("/tired")).await;
    stage.delivery_when(&tired, |now| now["waiting_for"] == "paused").await;
    stage.delivery_when(&slow, |now| now["state"] == "succeeded").await;
    assert_eq!(stage.delivery(&tired).await["waiting_for"], "paused");
    let waiting = stage.deliver(&hook("/hook")).await;
    assert_eq!((&waiting["waiting_for"], &waiting["attempts_count"]), (&json!("paused"), &json!(0)));
}

#[tokio::test]
async fn a_pause_stops_all_but_what_is_under_way() {
    const QUEUED: usize = 400;
    const WELL: usize = 150;
    let stage = Stage::live().await;
    let hook = stage.hook("receiver.test", "/hook");
    let well = std::iter::repeat_n(Answer::status(200), WELL);
    let tired = |seconds: &str| Answer::retry_after(429, seconds);
    stage.sink.answer_in_turn("/hook", [tired("120")].into_iter().chain(well).chain([tired("3600")]));
    let refused = stage.deliver(&hook).await;
    stage.delivery_when(&refused, |now| now["waiting_for"] == "paused").await;
    stage.resolve_many(&hook, QUEUED).await;
    poll(async || (stage.count_in_state("pending").await == 1 + QUEUED).then_some(())).await;

    stage.clock().advance_ms(120 * SECOND_MS);
    stage.sink.wait_for(1 + WELL + 1).await;
    let waiting = poll(async || {
        let waiting = stage.deliveries("?state=pending&limit=100").await;
        let paused = waiting.iter().all(|delivery| delivery["waiting_for"] == "paused");
        let settled = stage.count_in_state("delivering").await == 0;
        (paused && settled).then_some(stage.count_in_state("pending").await)
    })
    .await;
    assert_eq!(waiting, 1 + QUEUED - WELL, "what was refused waits again");
    let sent = stage.sink.count("/hook") - 1 - WELL;
    assert!(sent <= 4, "{sent} were sent to a receiver that asked for rest");
}

#[tokio::test]
async fn a_retry_by_hand_does_not_break_a_pause() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::retry_after(429, "120"));
    let (refused, _) = paused_lane(&stage, &stage.hook("receiver.test", "/hook"), 0).await;
    stage.act(&refused, "retry").await.expect_status(200);
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 1);
    assert_eq!(stage.delivery(&refused).await["waiting_for"], "paused");
}

#[tokio::test]
async fn a_restart_keeps_schedule_pauses_and_counts() {
    let mut stage = Stage::start().await;
    stage.sink.answer("/down", Answer::status(500));
    stage.sink.answer("/tired", Answer::retry_after(503, "120"));
    let mut down = stage.deliver(&stage.hook("down.test", "/down")).await;
    down = stage.next_attempt(&down).await;
    let tired = stage.deliver(&stage.hook("tired.test", "/tired")).await;
    let before = [stage.delivery(&down).await, stage.delivery(&tired).await];
    stage.restart().await;
    let after = [stage.delivery(&down).await, stage.delivery(&tired).await];
    assert_eq!(before, after);

    stage.clock().advance_ms(120 * SECOND_MS - 1);
    stage.idle().await;
    assert_eq!(
        (stage.sink.count("/down"), stage.sink.count("/tired")),
        (2, 1),
        "nothing is early after a restart"
    );
    stage.clock().advance_ms(1);
    assert_eq!(stage.settled(&tired).await["attempts_count"], 2);
    stage.clock().set(next_attempt_at(&after[0]));
    assert_eq!(stage.settled(&down).await["attempts_count"], 3);
}

#[tokio::test]
async fn many_retries_scheduled_before_a_restart_all_come() {
    let mut stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::status(500));
    for host in 0..40 {
        stage.resolve(&stage.hook(&format!("r{host}.test"), "/hook")).await;
    }
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 40);
    stage.restart().await;
    stage.sink.answer("/hook", Answer::status(200));
    stage.clock().advance_ms(6 * SECOND_MS);
    stage.idle().await;
    assert_eq!(stage.sink.count("/hook"), 80);
    assert_eq!(stage.count_in_state("succeeded").await, 40);
}

#[tokio::test]
async fn first_attempts_go_before_retries() {
    let stage = Stage::start().await;
    let hook = |path: &str| stage.hook("receiver.test", path);
    stage.sink.answer("/old", Answer::status(500));
    stage.resolve_many(&hook("/old"), 6).await;
    stage.clock().advance_ms(6 * SECOND_MS);
    for _ in 0..6 {
        stage.accept(&hook("/new")).await;
    }
    stage.idle().await;
    let requests = stage.sink.wait_for(6 + 12).await;
    let last_new = requests[6..].iter().rposition(|request| request.path() == "/new").unwrap();
    assert!(last_new < 8, "four at a time, the new ones are through with the second four: {last_new}");
}

#[tokio::test]
async fn an_orderly_restart_loses_nothing_and_repeats_nothing() {
    let mut stage = Stage::live().await;
    stage.sink.answer("/hook", Answer::status(200).after(Duration::from_millis(20)));
    for lane in 0..3 {
        stage.resolve_many(&stage.hook(&format!("r{lane}.test"), "/hook"), 40).await;
    }
    stage.sink.wait_for(10).await;
    stage.restart().await;
    poll(async || (stage.count_in_state("succeeded").await == 120).then_some(())).await;
    assert_eq!(stage.sink.count("/hook"), 120);
}
