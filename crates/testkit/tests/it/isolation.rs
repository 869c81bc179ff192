//! One receiver's trouble is nobody else's: a hanging one holds its own places, a busy one its own turn.

use std::time::Duration;

use hopline_testkit::Answer;
use serde_json::json;

use crate::stage::Stage;

/// Requests a lane may have under way at once.
const LANE_PLACES: usize = 4;

#[tokio::test]
async fn a_hanging_receiver_holds_four_places_while_all_others_are_served() {
    let stage = Stage::live().await;
    stage.sink.answer("/hang", Answer::hang());
    let mut healthy = Vec::new();
    for round in 0..10 {
        for _ in 0..3 {
            stage.resolve(&stage.hook("hanging.test", "/hang")).await;
        }
        healthy.push(stage.resolve(&stage.hook(&format!("healthy{round}.test"), "/hook")).await);
    }
    stage.sink.wait_for(healthy.len() + LANE_PLACES).await;
    for job_id in &healthy {
        let delivery = stage.delivery_of(job_id).await;
        stage.delivery_when(&delivery, |now| now["state"] == "succeeded").await;
    }
    let hanging = stage.deliveries("?state=delivering&limit=100").await;
    assert!(hanging.len() <= LANE_PLACES, "{} of the hanging lane are under way", hanging.len());
    let waiting = stage.deliveries("?state=pending&limit=100").await;
    assert_eq!(hanging.len() + waiting.len(), 30, "nothing of the hanging lane is lost");
}

#[tokio::test]
async fn many_hanging_receivers_leave_room_for_a_healthy_one() {
    let stage = Stage::live().await;
    stage.sink.answer("/hang", Answer::hang());
    for lane in 0..20 {
        for _ in 0..LANE_PLACES {
            stage.resolve(&stage.hook(&format!("hanging{lane}.test"), "/hang")).await;
        }
    }
    stage.sink.wait_for(20 * LANE_PLACES).await;
    let delivery = stage.resolve(&stage.hook("healthy.test", "/hook")).await;
    let delivery = stage.delivery_of(&delivery).await;
    stage.delivery_when(&delivery, |now| now["state"] == "succeeded").await;
    assert_eq!(stage.sink.count("/hook"), 1);
}

/// Two lanes are paused, filled, and let go at the same moment.
#[tokio::test]
async fn five_deliveries_are_not_behind_three_hundred_of_another_receiver() {
    const MANY: usize = 300;
    const FEW: usize = 5;
    let stage = Stage::live().await;
    let tired = || [Answer::retry_after(503, "3600"), Answer::status(200)];
    stage.sink.answer_in_turn("/many", tired());
    stage.sink.answer_in_turn("/few", tired());
    let (many, few) = (stage.hook("many.test", "/many"), stage.hook("few.test", "/few"));
    for hook in [&many, &few] {
        let refused = stage.deliver(hook).await;
        stage.delivery_when(&refused, |now| now["waiting_for"] == "paused").await;
    }
    stage.resolve_many(&many, MANY - 1).await;
    stage.resolve_many(&few, FEW - 1).await;
    assert_eq!(stage.deliveries("?state=pending&limit=100").await.len(), 100);

    stage.clock().advance_ms(3_600_000);
    let requests = stage.sink.wait_for(2 + MANY + FEW).await;
    assert_eq!(requests.len(), 2 + MANY + FEW);
    let last_of_few = requests.iter().rposition(|request| request.path() == "/few").unwrap();
    let ahead = last_of_few + 1 - 2 - FEW;
    assert!(ahead <= 100, "{ahead} of the busy receiver's came first");
}

#[tokio::test]
async fn a_lane_never_has_more_than_four_under_way() {
    let stage = Stage::start().await;
    stage.sink.answer("/hook", Answer::status(200).after(Duration::from_millis(5)));
    stage.resolve_many(&stage.hook("receiver.test", "/hook"), 120).await;
    stage.sink.wait_for(120).await;
    stage.idle().await;
    assert_eq!(stage.sink.unanswered_max(), LANE_PLACES);
    assert_eq!(stage.count_in_state("succeeded").await, 120);
}

#[tokio::test]
async fn paths_of_one_receiver_share_its_places_and_ports_do_not() {
    let stage = Stage::live().await;
    let other = hopline_testkit::WebhookSink::start().await;
    for sink in [&stage.sink, &other] {
        for path in ["/a", "/b", "/c"] {
            sink.answer(path, Answer::hang());
        }
    }
    for path in ["/a", "/b", "/c"] {
        for _ in 0..LANE_PLACES {
            stage.resolve(&stage.sink.url(path)).await;
            stage.resolve(&other.url(path)).await;
        }
    }
    stage.sink.wait_for(LANE_PLACES).await;
    other.wait_for(LANE_PLACES).await;
    assert_eq!(stage.count_in_state("delivering").await, 2 * LANE_PLACES);
    assert_eq!(stage.count_in_state("pending").await, 4 * LANE_PLACES);
    let waiting = stage.deliveries("?state=pending").await;
    assert!(waiting.iter().all(|delivery| delivery["waiting_for"] == json!("lane_busy")));
    assert_eq!((stage.sink.received().len(), other.received().len()), (LANE_PLACES, LANE_PLACES));
}
