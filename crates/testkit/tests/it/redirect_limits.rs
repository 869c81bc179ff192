//! `max_clicks`: exact under a rush, for people only, and still exact after a restart.

use futures_util::future::join_all;
use serde_json::json;

use crate::short_links::{PREVIEW_BOT, change, clicks, location, make, visit};
use hopline_testkit::TestApp;

const VISITORS: usize = 200;
const MAX: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_rush_gets_exactly_what_there_is() {
    let app = TestApp::start().await;
    let link = make(&app, "rush", json!({"max_clicks": MAX})).await;
    let answers = join_all((0..VISITORS).map(|_| async { visit(&app, "/rush").await.status })).await;
    let of = |status: u16| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((of(302), of(410)), (MAX, VISITORS - MAX));
    assert_eq!(clicks(&app, &link).await, MAX as u64);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_take_no_room_and_find_none_when_it_is_gone() {
    let app = TestApp::start().await;
    make(&app, "few", json!({"max_clicks": 2, "limit_url": "https://full.example/"})).await;
    let bot = || app.anonymous().get("/few").header("User-Agent", PREVIEW_BOT);
    for _ in 0..5 {
        bot().await.expect_status(302);
    }
    for _ in 0..2 {
        assert_eq!(location(&app, "/few").await, "https://dest.example/");
    }
    assert_eq!(location(&app, "/few").await, "https://full.example/");
    assert_eq!(bot().await.expect_status(302).header("location"), Some("https://full.example/"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_forgets_no_click() {
    let mut app = TestApp::start().await;
    make(&app, "twice", json!({"max_clicks": 2})).await;
    visit(&app, "/twice").await.expect_status(302);
    app.run_until_idle().await;
    app.restart().await;
    visit(&app, "/twice").await.expect_status(302);
    visit(&app, "/twice").await.expect_status(410);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_comes_later_counts_what_came_before() {
    let app = TestApp::start().await;
    let link = make(&app, "grown", json!({})).await;
    for _ in 0..3 {
        visit(&app, "/grown").await.expect_status(302);
    }
    assert_eq!(clicks(&app, &link).await, 3);
    change(&app, &link, json!({"max_clicks": 4})).await;
    visit(&app, "/grown").await.expect_status(302);
    visit(&app, "/grown").await.expect_status(410);
    change(&app, &link, json!({"max_clicks": 5})).await;
    visit(&app, "/grown").await.expect_status(302);
    visit(&app, "/grown").await.expect_status(410);
    app.finish().await;
}
