//! The Link Skipper client contract, row by row, as the requests its client sends.

use hopline_testkit::{TestApp, TestRequest, TestResponse};
use serde_json::{Value, json};

use crate::problem_document::problem;

/// As the published client sends it.
fn dressed(app: &TestApp, request: TestRequest) -> TestRequest {
    let request = request.header("authorization", &format!("Bearer {}", app.key));
    request
        .header("accept", "application/json, application/problem+json")
        .header("user-agent", "linkskipper-sdk-php/0.2.1")
}

fn get(app: &TestApp, path: &str) -> TestRequest {
    dressed(app, app.anonymous().get(path))
}

/// Exactly one member, slashes unescaped, non-ASCII escaped.
fn resolve(app: &TestApp, url: &str) -> TestRequest {
    let escaped: String = url
        .chars()
        .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
        .collect();
    dressed(
        app,
        app.anonymous().post_raw("/v1/resolve", "application/json", format!(r#"{{"url":"{escaped}"}}"#)),
    )
}

/// A success as the client reads it: 2xx, not compressed, a JSON object.
fn object(answer: &TestResponse) -> Value {
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    assert_eq!(answer.header("content-encoding"), None);
    let body = answer.json();
    assert!(body.is_object(), "{body}");
    body
}

/// The client's enums: an unknown word is an uncaught error in it.
fn expect_known_words(body: &Value) {
    let status = body["status"].as_str().unwrap_or("queued");
    assert!(["queued", "running", "done", "failed", "invalid"].contains(&status), "{body}");
    let tier = &body["tier"];
    assert!(tier.is_null() || tier == "standard" || tier == "premium", "{body}");
    for member in ["credits_charged", "balance", "queue_position"] {
        assert!(body[member].is_null() || body[member].is_i64(), "{member}: {body}");
    }
}

/// What its wait loop does: resolve, then poll by the id of each answer until the end.
async fn resolve_and_wait(app: &TestApp, url: &str) -> Value {
    let mut body = object(&resolve(app, url).await);
    expect_known_words(&body);
    while !["done", "failed", "invalid"].contains(&body["status"].as_str().unwrap_or("queued")) {
        let id = body["job_id"].as_str().expect("a queued answer has an id").to_owned();
        app.run_until_idle().await;
        let polled = get(app, &format!("/v1/jobs/{id}")).await;
        assert_eq!(polled.status, 200, "a job is 200 in every state");
        body = object(&polled);
        expect_known_words(&body);
    }
    body
}

#[tokio::test]
async fn a_miss_is_queued_with_an_id_and_a_hit_is_done_with_a_target() {
    let app = TestApp::start().await;
    let url = app.farm.url("/chain/1");
    let miss = resolve(&app, &url).await;
    let body = object(&miss);
    assert_eq!((miss.status, &body["status"]), (202, &json!("queued")));
    assert!(body["job_id"].is_string() && body["queue_position"].is_i64());
    assert_eq!(body["poll_url"], format!("/v1/jobs/{}", body["job_id"].as_str().unwrap()));
    app.run_until_idle().await;

    let hit = resolve(&app, &url).await;
    let body = object(&hit);
    expect_known_words(&body);
    assert_eq!((hit.status, &body["status"], &body["cached"]), (200, &json!("done"), &json!(true)));
    assert!(body["target_url"].is_string() && body["job_id"].is_null());
    app.finish().await;
}

#[tokio::test]
async fn waiting_ends_with_a_target_or_an_error() {
    let app = TestApp::start().await;
    let done = resolve_and_wait(&app, &app.farm.url("/chain/3")).await;
    assert_eq!((&done["status"], &done["target_url"]), (&json!("done"), &json!(app.farm.url("/chain/0"))));
    let failed = resolve_and_wait(&app, &app.farm.url("/status/500")).await;
    assert_eq!(
        (&failed["status"], &failed["error"], &failed["credits_charged"]),
        (&json!("failed"), &json!("resolve_failed"), &json!(0))
    );
    let invalid = resolve_and_wait(&app, "http://inside.test/").await;
    assert_eq!((&invalid["status"], &invalid["error"]), (&json!("invalid"), &json!("unsupported_link")));
    app.finish().await;
}

#[tokio::test]
async fn escaped_unicode_urls_arrive() {
    let app = TestApp::start().await;
    let done = resolve_and_wait(&app, &app.farm.url("/caf\u{e9}")).await;
    assert_eq!(done["target_url"], app.farm.url("/caf%C3%A9"));
    app.finish().await;
}

#[tokio::test]
async fn a_retried_post_makes_no_second_job() {
    let app = TestApp::start().await;
    let url = app.farm.url("/a");
    // Without a key: the same body while the first is under way.
    let first = object(&resolve(&app, &url).await);
    assert_eq!(object(&resolve(&app, &url).await)["job_id"], first["job_id"]);
    // With one: whatever became of it, `done` or `queued`.
    let keyed = || resolve(&app, &app.farm.url("/status/500")).header("idempotency-key", "mine");
    let first = object(&keyed().await);
    app.run_until_idle().await;
    let replayed = object(&keyed().await);
    assert_eq!((&replayed["status"], &replayed["job_id"]), (&json!("queued"), &first["job_id"]));
    let other = resolve(&app, &app.farm.url("/other")).header("idempotency-key", "mine").await;
    problem(&other, 422, "invalid_request");
    assert_eq!(app.books().rows("jobs"), 2);
    app.finish().await;
}

#[tokio::test]
async fn the_account_and_the_providers_have_the_types_it_reads() {
    let app = TestApp::start().await;
    let account = object(&get(&app, "/v1/account").await);
    assert!(account["balance"].is_i64());
    assert!(account["subscription_until"].is_null() || account["subscription_until"].is_string());
    assert!(account.get("telegram_id").is_none_or(Value::is_i64));
    let listed = object(&get(&app, "/v1/providers").await);
    for providers in [&account["providers"], &listed["providers"]] {
        for provider in providers.as_array().expect("a list") {
            assert!(provider["provider"].is_string() && provider["label"].is_string(), "{provider}");
            assert!(provider["tier"] == "standard" || provider["tier"] == "premium", "{provider}");
        }
    }
    for provider in listed["providers"].as_array().unwrap() {
        assert!(provider["latency"].is_string(), "{provider}");
        assert!(
            provider["hosts"].as_array().is_some_and(|hosts| hosts.iter().all(Value::is_string)),
            "{provider}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn unknown_and_odd_ids_are_not_found() {
    let app = TestApp::start().await;
    for id in ["00000000-0000-4000-8000-000000000000", "job_abc123", "a%2Fb%20c%3Fd", ""] {
        problem(&get(&app, &format!("/v1/jobs/{id}")).await, 404, "not_found");
    }
    app.finish().await;
}

/// Codes the client knows; anything else is read by its status.
const KNOWN: [&str; 11] = [
    "invalid_request",
    "invalid_key",
    "out_of_credits",
    "forbidden_scope",
    "not_found",
    "link_removed",
    "unsupported_link",
    "rate_limited",
    "quota_exceeded",
    "resolve_failed",
    "provider_down",
];

#[tokio::test]
async fn refusals_use_its_codes_titles_and_statuses() {
    let app = TestApp::start().await;
    let narrow = app.make_key(json!({"name": "narrow", "scopes": ["tasks:read"]})).await;
    let slow = json!({"creates_per_minute": 1, "daily_quota": 1});
    let slow = app.make_key(json!({"name": "slow", "scopes": ["resolve"], "limits": slow})).await;
    let quota = json!({"creates_per_minute": null, "daily_quota": 1});
    let quota = app.make_key(json!({"name": "quota", "scopes": ["resolve"], "limits": quota})).await;
    let post = |key: &str, path: &str| {
        app.client_with(key).post_json("/v1/resolve", &json!({"url": app.farm.url(path)}))
    };
    post(&slow.api_key, "/first").await.expect_status(202);
    post(&quota.api_key, "/first").await.expect_status(202);
    let unsupported = resolve(&app, "ftp://example.com/").await;
    let mistyped = resolve(&app, "").await;
    app.set_balance(0);
    for (answer, status, code, title) in [
        (mistyped, 400, "invalid_request", "Invalid request"),
        (post("sk_live_wrong", "/a").await, 401, "invalid_key", "Invalid API key"),
        (post(&app.key, "/a").await, 402, "out_of_credits", "Out of credits"),
        (post(&narrow.api_key, "/a").await, 403, "forbidden_scope", "Forbidden scope"),
        (get(&app, "/v1/jobs/x").await, 404, "not_found", "Not found"),
        (app.client().get("/v1/resolve").await, 405, "invalid_request", "Invalid request"),
        (app.client().delete("/v1/account").await, 405, "invalid_request", "Invalid request"),
        (
            app.client().post_raw("/v1/resolve", "text/plain", "x").await,
            415,
            "invalid_request",
            "Invalid request",
        ),
        (unsupported, 422, "unsupported_link", "Unsupported link"),
        (post(&slow.api_key, "/a").await, 429, "rate_limited", "Rate limited"),
        (post(&quota.api_key, "/a").await, 429, "quota_exceeded", "Daily quota exceeded"),
    ] {
        let document = problem(&answer, status, code);
        assert_eq!(document["title"], title);
        assert!(KNOWN.contains(&code));
        assert!(document.get("balance").is_none_or(Value::is_i64), "{document}");
        assert_eq!(document["balance"].is_i64(), code == "out_of_credits", "{document}");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_it_sleeps_on_is_a_small_whole_number() {
    let app = TestApp::start().await;
    let limits = json!({"creates_per_minute": 1, "daily_quota": 5});
    let key = app.make_key(json!({"name": "slow", "scopes": ["resolve"], "limits": limits})).await;
    let post = || app.client_with(&key.api_key).post_json("/v1/resolve", &json!({"url": app.farm.url("/a")}));
    post().await.expect_status(202);
    let refused = post().await.expect_status(429);
    let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    app.finish().await;
}
