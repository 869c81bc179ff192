//! Credits, rates and quotas: what a caller may spend, and when it may come back.

use hopline_domain::time::HOUR_MS;
use hopline_testkit::TestApp;
use serde_json::json;

use crate::api_problems::{refused, resolve_refused};

#[tokio::test]
async fn no_credits_no_job() {
    let app = TestApp::start().await;
    app.set_balance(1);
    let premium = json!({"url": app.link("adf.ly", "/final")});
    let document = resolve_refused(&app, &premium, 402, "out_of_credits").await;
    assert_eq!(document["balance"], 1);
    app.client().post_json("/v1/resolve", &json!({"url": app.farm.url("/a")})).await.expect_status(202);
    let document = resolve_refused(&app, &json!({"url": app.farm.url("/b")}), 402, "out_of_credits").await;
    assert_eq!(document["balance"], 0);
    app.finish().await;
}

#[tokio::test]
async fn the_limit_per_minute_says_when_to_come_back() {
    let app = TestApp::start().await;
    let limits = json!({"creates_per_minute": 2});
    let key = app.make_key(json!({"name": "slow", "scopes": ["resolve"], "limits": limits})).await;
    let client = app.client_with(&key.api_key);
    let post = |path: &str| client.post_json("/v1/resolve", &json!({"url": app.farm.url(path)}));
    for path in ["/a", "/b"] {
        let answer = post(path).await.expect_status(202);
        assert!(answer.header("ratelimit-policy").unwrap().contains("q=2;w=60"));
    }
    let (_, answer) = refused(&app, post("/c"), 429, "rate_limited").await;
    assert_eq!(answer.header("retry-after"), Some("30"));
    assert!(answer.header("ratelimit").unwrap().contains("r=0"));
    client.get("/v1/account").await.expect_status(200);
    app.clock.advance_ms(29_999);
    refused(&app, post("/c"), 429, "rate_limited").await;
    app.clock.advance_ms(1);
    post("/c").await.expect_status(202);
    app.finish().await;
}

#[tokio::test]
async fn reads_have_a_limit_of_their_own() {
    let app = TestApp::start().await;
    let limits = json!({"creates_per_minute": 1});
    let key = app.make_key(json!({"name": "reader", "scopes": ["resolve"], "limits": limits})).await;
    let client = app.client_with(&key.api_key);
    for _ in 0..600 {
        client.get("/v1/account").await.expect_status(200);
    }
    let (_, answer) = refused(&app, client.get("/v1/account"), 429, "rate_limited").await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    client.post_json("/v1/resolve", &json!({"url": app.farm.url("/a")})).await.expect_status(202);
    app.finish().await;
}

#[tokio::test]
async fn the_daily_quota_resets_at_midnight_utc() {
    let app = TestApp::start().await;
    let limits = json!({"creates_per_minute": null, "daily_quota": 3});
    let key = app.make_key(json!({"name": "daily", "scopes": ["resolve"], "limits": limits})).await;
    let client = app.client_with(&key.api_key);
    let post = |path: &str, key: &str| {
        client.post_json("/v1/resolve", &json!({"url": app.farm.url(path), "idempotency_key": key}))
    };
    post("/a", "a").await.expect_status(202);
    app.run_until_idle().await;
    client.post_json("/v1/resolve", &json!({"url": app.farm.url("/a")})).await.expect_status(200);
    post("/a", "a").await.expect_status(200);
    post("/b", "b").await.expect_status(202);
    // Used up: a job, a cached answer and a job; the replay did not count.
    let (document, answer) = refused(&app, post("/c", "c"), 429, "quota_exceeded").await;
    assert_eq!(document["resets_at"], "2026-06-06T00:00:00.000Z");
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert!(answer.header("ratelimit").unwrap().contains("r=0;t=43200"), "{:?}", answer.header("ratelimit"));
    let from_cache = client.post_json("/v1/resolve", &json!({"url": app.farm.url("/a")}));
    refused(&app, from_cache, 429, "quota_exceeded").await;
    post("/b", "b").await.expect_status(202);
    app.clock.advance_ms(12 * HOUR_MS);
    post("/c", "c").await.expect_status(202);
    app.finish().await;
}
