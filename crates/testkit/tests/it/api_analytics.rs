//! `/v1/analytics` and `/v1/clicks`: what visitors did, counted, exported, deleted.

use hopline_testkit::TestApp;
use serde_json::{Value, json};

use crate::{
    problem_document::{pointers, problem},
    short_links::{PERSON, PHONE, PREVIEW_BOT, make, visit},
};

/// Two links with five people's clicks and one bot's: three by phone, two from a poster.
async fn visited(app: &TestApp) -> (Value, Value) {
    let spring = make(app, "spring", json!({})).await;
    let autumn = make(app, "autumn", json!({"utm": {"source": "letter"}})).await;
    visit(app, "/spring").header("Referer", "https://www.news.example/a").await.expect_status(302);
    for path in ["/spring?src=qr", "/spring?src=qr", "/autumn"] {
        let phone = app.anonymous().get(path).header("User-Agent", PHONE);
        phone.header("Accept-Language", "pt-BR,en;q=0.5").await.expect_status(302);
    }
    visit(app, "/autumn").await.expect_status(302);
    app.anonymous().get("/autumn").header("User-Agent", PREVIEW_BOT).await;
    app.run_until_idle().await;
    (spring, autumn)
}

async fn ask(app: &TestApp, query: &str) -> Value {
    app.client().get(&format!("/v1/analytics?{query}")).await.expect_status(200).json()
}

/// Values and counts of an answer.
fn counts(answer: &Value) -> Vec<(Value, u64)> {
    let rows = answer["data"].as_array().unwrap();
    rows.iter().map(|row| (row["value"].clone(), row["count"].as_u64().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn clicks_are_grouped_filtered_and_split_by_time() {
    let app = TestApp::start().await;
    let (spring, _) = visited(&app).await;
    let by_day = ask(&app, "").await;
    assert_eq!(
        by_day,
        json!({
            "group_by": "time", "interval": "day", "metric": "clicks",
            "from": "2026-05-07T00:00:00.000Z", "until": "2026-06-06T00:00:00.000Z",
            "time_zone": "UTC", "time_zone_rounded": false, "source": "rollup", "total": 5,
            "data": [{"time": "2026-06-05T00:00:00.000Z", "count": 5}],
        })
    );
    let by_device = ask(&app, "group_by=device").await;
    assert_eq!(counts(&by_device), [(json!("mobile"), 3), (json!("desktop"), 2)]);
    assert_eq!(ask(&app, "group_by=device&source=-qr").await["total"], 3);
    let by_referrer = ask(&app, "group_by=referrer").await;
    assert_eq!(counts(&by_referrer), [(Value::Null, 4), (json!("news.example"), 1)]);
    assert_eq!(counts(&ask(&app, "group_by=language").await)[0], (json!("pt"), 3));
    let of_link = format!("link={}&group_by=utm_source", spring["id"].as_str().unwrap());
    assert_eq!(counts(&ask(&app, &of_link).await), [(Value::Null, 3)]);
    assert_eq!(ask(&app, "utm_source=letter").await["total"], 2);
    assert_eq!(ask(&app, "bots=include").await["total"], 6);
    assert_eq!(counts(&ask(&app, "group_by=bot").await)[1], (json!("preview_bot"), 1));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rollups_can_not_tell_comes_from_raw_clicks() {
    let app = TestApp::start().await;
    visited(&app).await;
    let combined = ask(&app, "group_by=referrer&device=desktop").await;
    assert_eq!((&combined["source"], &combined["total"]), (&json!("raw"), &json!(2)));
    let hourly = ask(&app, "group_by=browser&os=Windows&interval=hour&time_zone=Europe/Berlin").await;
    assert_eq!((&hourly["source"], &hourly["total"]), (&json!("rollup"), &json!(2)));
    let rounded = ask(&app, "time_zone=Asia/Kolkata").await;
    assert_eq!((&rounded["time_zone_rounded"], &rounded["total"]), (&json!(true), &json!(5)));
    // One address with two agents: two people.
    let visitors = ask(&app, "metric=visitors").await;
    assert_eq!((&visitors["source"], &visitors["total"]), (&json!("rollup"), &json!(2)));
    assert_eq!(ask(&app, "metric=visitors&group_by=os").await["source"], "raw");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_questions_are_told_all_at_once() {
    let app = TestApp::start().await;
    let query =
        "group_by=shoe&interval=year&country=USA&link=lnk_1&time_zone=Mars/Olympus&from=now&colour=red";
    let answer = app.client().get(&format!("/v1/analytics?{query}")).await;
    let named = pointers(&problem(&answer, 400, "invalid_request"));
    assert_eq!(named, ["?colour", "?country", "?from", "?group_by", "?interval", "?link", "?time_zone"]);
    let backwards = app.client().get("/v1/analytics?from=2026-06-05&until=2026-06-01").await;
    assert_eq!(pointers(&problem(&backwards, 400, "invalid_request")), ["?until"]);
    app.client().delete("/v1/clicks").await.expect_status(400);
    app.client().get("/v1/clicks?format=xml").await.expect_status(400);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_are_lines_without_addresses() {
    let app = TestApp::start().await;
    let (spring, _) = visited(&app).await;
    let link = spring["id"].as_str().unwrap();
    let lines = app.client().get(&format!("/v1/clicks?link={link}")).await.expect_status(200);
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let clicks: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(clicks.len(), 3);
    assert_eq!((&clicks[0]["referrer"], &clicks[0]["address"]), (&json!("news.example"), &Value::Null));
    assert_eq!((&clicks[1]["source"], &clicks[1]["os"]), (&json!("qr"), &json!("iOS")));
    assert!(clicks[0]["id"].as_str().unwrap().starts_with("clk_"));
    let csv = app.client().get("/v1/clicks?format=csv").await.expect_status(200).text();
    assert_eq!(csv.lines().count(), 7, "a header and all six clicks: {csv}");
    assert!(csv.starts_with("id,time,link,domain,"), "{csv}");
    assert!(csv.lines().skip(1).all(|line| line.ends_with(',')), "the last column is the address: {csv}");
    assert!(!csv.contains(PERSON), "agents are kept as names alone");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_clicks_are_gone_everywhere_and_audited() {
    let app = TestApp::start().await;
    let (spring, autumn) = visited(&app).await;
    let clicks_of = |link: &Value| format!("/v1/clicks?link={}", link["id"].as_str().unwrap());
    let deleted = app.client().delete(&clicks_of(&spring)).await.expect_status(200).json();
    assert_eq!(deleted, json!({"deleted": 3}));
    assert_eq!(app.client().get(&clicks_of(&spring)).await.expect_status(200).text(), "");
    let left = ask(&app, "group_by=link").await;
    assert_eq!(counts(&left), [(autumn["id"].clone(), 2)]);
    assert_eq!(app.books().rows("clicks"), 3);
    let audited: i64 = app
        .database("hopline.db")
        .query_row("select count(*) from audit where action = 'clicks.delete'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(audited, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folded_journal_survives_a_restart_without_counting_twice() {
    let mut app = TestApp::start().await;
    visited(&app).await;
    visit(&app, "/spring").await.expect_status(302);
    app.restart().await;
    app.run_until_idle().await;
    assert_eq!(ask(&app, "").await["total"], 6);
    app.finish().await;
}
