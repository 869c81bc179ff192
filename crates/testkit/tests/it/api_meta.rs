//! What every answer carries, and what the server says of itself.

use hopline_domain::provider::Catalogue;
use hopline_testkit::{TestApp, TestResponse};
use serde_json::{Value, json};

use crate::problem_document::problem;

#[tokio::test]
async fn meta_tells_version_limits_windows_and_retention_without_a_key() {
    let app = TestApp::start().await;
    let meta = app.anonymous().get("/v1/meta").await.expect_status(200).json();
    assert_eq!(meta["version"], env!("CARGO_PKG_VERSION"));
    assert!(meta["schema"].as_i64().is_some_and(|schema| schema > 0), "{meta}");
    assert_eq!(
        (&meta["limits"]["body_bytes"], &meta["limits"]["url_bytes"]),
        (&json!(1_048_576), &json!(2_048))
    );
    assert_eq!(meta["windows"]["wait_s_max"], 30);
    assert_eq!(
        meta["retention_days"],
        json!({"jobs": 90, "evidence": 30, "screenshots": 7, "events": 30, "attempts": 14, "audit": 400, "clicks": 400})
    );
    assert_eq!(meta["idempotency_lifetime_s"], 86_400);
    assert_eq!(
        meta["delivery"]["schedule_s"],
        json!([0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400])
    );
    app.finish().await;
}

#[tokio::test]
async fn health_is_public_and_its_details_are_the_admins() {
    let app = TestApp::builder().live_workers().start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.anonymous().get(path).await.expect_status(200);
        assert!(!answer.text().contains("worker"), "{}", answer.text());
    }
    let details = app.admin().get("/readyz").await.expect_status(200).json();
    let names: Vec<&str> =
        details["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    for name in ["store", "worker resolve", "worker deliver"] {
        assert!(names.contains(&name), "{names:?}");
    }
    app.anonymous().get("/metrics").await.expect_status(404);
    app.anonymous().get("/v1/meta").await.expect_status(200);
    let metrics = app.admin().get("/metrics").await.expect_status(200);
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    assert!(metrics.text().contains("# TYPE "), "{}", metrics.text());
    app.admin().get("/v1/meta").await.expect_status(404);
    app.finish().await;
}

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_is_replaced() {
    let app = TestApp::start().await;
    let with = |id: &str| app.client().get("/v1/account").header("x-request-id", id);
    assert_eq!(with("trace-1.a_B").await.header("x-request-id"), Some("trace-1.a_B"));
    for bad in ["", "two words", "<script>", &"x".repeat(129)] {
        let given = with(bad).await.header("x-request-id").unwrap().to_owned();
        assert!(!given.is_empty() && given != bad, "{bad}");
    }
    let (one, other) = (app.client().get("/v1/account").await, app.client().get("/v1/account").await);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    let refused = app.anonymous().get("/v1/account").header("x-request-id", "mine").await;
    assert_eq!(problem(&refused, 401, "invalid_key")["request_id"], "mine");
    app.finish().await;
}

fn expect_api_headers(answer: &TestResponse) {
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", answer.text());
    for absent in ["access-control-allow-origin", "content-encoding", "set-cookie"] {
        assert_eq!(answer.header(absent), None, "{absent}");
    }
    assert!(answer.header("x-request-id").is_some());
}

#[tokio::test]
async fn api_answers_are_not_stored_shared_coded_or_redirected() {
    let app = TestApp::start().await;
    let client = app.client();
    for answer in [
        client
            .get("/v1/account")
            .header("origin", "https://evil.example")
            .header("accept-encoding", "gzip")
            .await,
        client.get("/v1/meta").await,
        client.get("/v1/nothing").await,
        client.get("/v1/jobs/").await,
        client.post_raw("/v1/resolve", "application/json", "{").await,
        client.request(http::Method::OPTIONS, "/v1/resolve").header("origin", "https://evil.example").await,
    ] {
        expect_api_headers(&answer);
        assert!(!(300..400).contains(&answer.status), "{}", answer.status);
    }
    app.finish().await;
}

#[tokio::test]
async fn authenticated_answers_tell_the_rate_limits() {
    let app = TestApp::start().await;
    let limits = json!({"creates_per_minute": 7, "daily_quota": 100});
    let key = app.make_key(json!({"name": "made", "scopes": ["resolve"], "limits": limits})).await;
    let client = app.client_with(&key.api_key);
    let read = client.get("/v1/account").await.expect_status(200);
    assert_eq!(
        read.header("ratelimit-policy"),
        Some(r#""creates";q=7;w=60, "reads";q=600;w=60, "day";q=100;w=86400"#)
    );
    assert_eq!(read.header("ratelimit"), Some(r#""reads";r=599;t=1"#));
    let created =
        client.post_json("/v1/resolve", &json!({"url": app.farm.url("/final")})).await.expect_status(202);
    assert!(created.header("ratelimit").unwrap().contains(r#""creates";r=6;t="#));
    let refused = client.post_raw("/v1/resolve", "application/json", "{").await.expect_status(400);
    assert!(refused.header("ratelimit").unwrap().contains(r#""creates";r=5;t="#));
    assert_eq!(app.anonymous().get("/v1/meta").await.header("ratelimit"), None);
    app.finish().await;
}

#[tokio::test]
async fn the_account_shows_balance_plan_limits_and_use() {
    let app = TestApp::start().await;
    let client = app.client();
    client.post_json("/v1/resolve", &json!({"url": app.farm.url("/final")})).await.expect_status(202);
    let account = client.get("/v1/account").await.expect_status(200).json();
    let told = |member: &str| account[member].clone();
    assert!(told("workspace_id").as_str().unwrap().starts_with("ws_"));
    assert_eq!(
        [told("balance"), told("subscription_until"), told("plan")],
        [json!(999_999_999), Value::Null, json!("unlimited")]
    );
    assert!(account["limits"].is_object(), "{account}");
    assert_eq!((&account["usage"]["keys"], &account["usage"]["jobs_unfinished"]), (&json!(1), &json!(1)));
    let first = &Catalogue::builtin().providers()[0];
    assert_eq!(account["providers"].as_array().unwrap().len(), Catalogue::builtin().providers().len());
    assert_eq!(
        account["providers"][0],
        json!({"provider": first.id, "label": first.label, "tier": first.tier.as_str()})
    );
    app.finish().await;
}

#[tokio::test]
async fn the_providers_are_the_catalogue() {
    let app = TestApp::start().await;
    let body = app.client().get("/v1/providers").await.expect_status(200).json();
    let bitly = body["providers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|provider| provider["provider"] == "bitly")
        .unwrap();
    let members: Vec<&str> = bitly.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["provider", "label", "hosts", "tier", "resolve_cost", "latency"]);
    assert!(bitly["hosts"].as_array().unwrap().contains(&json!("bit.ly")) && bitly["latency"].is_string());
    app.anonymous().get("/v1/providers").await.expect_status(401);
    app.finish().await;
}

#[tokio::test]
async fn people_find_pages() {
    let app = TestApp::start().await;
    for path in ["/", "/docs", "/docs/problems"] {
        let page = app.anonymous().get(path).await.expect_status(200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{path}");
        assert!(!page.text().contains("https://cdn."), "{path} needs nothing from elsewhere");
    }
    app.finish().await;
}
