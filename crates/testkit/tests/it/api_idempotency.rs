//! A known key with the same request returns the known outcome, whatever happened in between.

use hopline_domain::time::HOUR_MS;
use hopline_testkit::{TestApp, TestClient, TestRequest};
use serde_json::{Value, json};

use crate::problem_document::{pointers, problem};

fn resolve(client: &TestClient, url: &str, key: &str) -> TestRequest {
    client.post_json("/v1/resolve", &json!({"url": url})).header("idempotency-key", key)
}

fn make_key(client: &TestClient, key: &str) -> TestRequest {
    client
        .post_json("/v1/keys", &json!({"name": "made", "scopes": ["resolve"]}))
        .header("idempotency-key", key)
}

#[tokio::test]
async fn a_replay_answers_the_same_job_in_the_state_it_is_in() {
    let app = TestApp::start().await;
    let (url, client) = (app.farm.url("/chain/1"), app.client());
    let first = resolve(&client, &url, "a").await.expect_status(202);
    assert_eq!(first.header("idempotent-replayed"), None);
    let id = first.json()["job_id"].clone();

    let queued = resolve(&client, &url, "a").await.expect_status(202);
    assert_eq!(queued.header("idempotent-replayed"), Some("true"));
    assert_eq!((&queued.json()["job_id"], &queued.json()["queue_position"]), (&id, &json!(0)));
    app.run_until_idle().await;

    let done = resolve(&client, &url, "a").await.expect_status(200);
    assert_eq!(done.header("idempotent-replayed"), Some("true"));
    let body = done.json();
    assert_eq!(
        body,
        json!({
            "job_id": id, "status": "done", "url": url, "target_url": app.farm.url("/chain/0"), "provider": "generic",
            "tier": "standard", "credits_charged": 1, "cached": false, "balance": 999_999_999,
        })
    );
    assert_eq!(app.books().rows("jobs"), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_replay_of_what_failed_says_queued_and_lets_the_poll_tell() {
    let app = TestApp::start().await;
    let (url, client) = (app.farm.url("/status/500"), app.client());
    let id = resolve(&client, &url, "a").await.expect_status(202).json()["job_id"].clone();
    app.run_until_idle().await;
    let replayed = resolve(&client, &url, "a").await.expect_status(202).json();
    assert_eq!(
        replayed,
        json!({"job_id": id, "status": "queued", "queue_position": 0, "poll_url": format!("/v1/jobs/{}", id.as_str().unwrap())})
    );
    // A fresh key asks again.
    assert_ne!(resolve(&client, &url, "b").await.expect_status(202).json()["job_id"], id);
    app.finish().await;
}

#[tokio::test]
async fn the_key_may_be_in_the_body_and_wins_over_the_header() {
    let app = TestApp::start().await;
    let body = |path: &str| json!({"url": app.farm.url(path), "idempotency_key": "in-body"});
    let client = app.client();
    let first = client.post_json("/v1/resolve", &body("/a")).await.expect_status(202).json();
    let other_header = client.post_json("/v1/resolve", &body("/a")).header("idempotency-key", "in-header");
    assert_eq!(other_header.await.expect_status(202).json()["job_id"], first["job_id"]);
    let reused = client.post_json("/v1/resolve", &body("/b")).header("idempotency-key", "fresh").await;
    assert_eq!(problem(&reused, 422, "invalid_request")["reason"], "idempotency_key_reused");
    app.finish().await;
}

#[tokio::test]
async fn elsewhere_two_different_keys_are_a_fault() {
    let app = TestApp::start().await;
    let body = json!({"name": "made", "scopes": ["resolve"], "idempotency_key": "one"});
    let refused = app.client().post_json("/v1/keys", &body).header("idempotency-key", "two").await;
    problem(&refused, 400, "invalid_request");
    let agreeing = app.client().post_json("/v1/keys", &body).header("idempotency-key", "\"one\"");
    agreeing.await.expect_status(201);
    for bad in ["", "two words", &"x".repeat(129)] {
        let refused = problem(&make_key(&app.client(), bad).await, 400, "invalid_request");
        assert_eq!(pointers(&refused).len(), 1, "{refused}");
    }
    app.finish().await;
}

#[tokio::test]
async fn quotes_around_a_key_do_not_count() {
    let app = TestApp::start().await;
    let (url, client) = (app.farm.url("/a"), app.client());
    let bare = resolve(&client, &url, "k-1").await.expect_status(202).json();
    let quoted = resolve(&client, &url, "\"k-1\"").await.expect_status(202).json();
    assert_eq!(bare["job_id"], quoted["job_id"]);
    app.finish().await;
}

#[tokio::test]
async fn keys_belong_to_the_family() {
    let app = TestApp::start().await;
    let made = app.make_key(json!({"name": "other", "scopes": ["resolve", "keys:write"]})).await;
    let (url, own, other) = (app.farm.url("/a"), app.client(), app.client_with(&made.api_key));
    let first = resolve(&own, &url, "k").await.expect_status(202).json();
    let theirs = resolve(&other, &url, "k").await.expect_status(202).json();
    assert_ne!(first["job_id"], theirs["job_id"]);
    let rotated =
        other.post_json(&format!("/v1/keys/{}/rotate", made.id), &json!({})).await.expect_status(201).json();
    let successor = app.client_with(rotated["api_key"].as_str().unwrap());
    assert_eq!(resolve(&successor, &url, "k").await.json()["job_id"], theirs["job_id"]);
    app.finish().await;
}

#[tokio::test]
async fn method_path_and_query_are_part_of_the_request() {
    let app = TestApp::start().await;
    let made = app.make_key(json!({"name": "made", "scopes": ["resolve"]})).await;
    let client = app.client();
    let rotate = |path: String| client.post_json(&path, &json!({})).header("idempotency-key", "k");
    rotate(format!("/v1/keys/{}/rotate", made.id)).await.expect_status(201);
    let elsewhere = rotate(format!("/v1/keys/{}/webhook-secret/rotate", made.id)).await;
    problem(&elsewhere, 422, "idempotency_key_reused");
    app.finish().await;
}

#[tokio::test]
async fn twenty_identical_requests_at_once_make_one_job() {
    let app = TestApp::start().await;
    let (url, client) = (app.farm.url("/a"), app.client());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        tasks.spawn(resolve(&client, &url, "k").into_future());
    }
    let answers = tasks.join_all().await;
    let ids: std::collections::HashSet<String> =
        answers.iter().map(|answer| answer.clone().expect_status(202).json()["job_id"].to_string()).collect();
    let replays =
        answers.iter().filter(|answer| answer.header("idempotent-replayed") == Some("true")).count();
    assert_eq!((ids.len(), replays, app.books().rows("jobs")), (1, 19, 1));
    assert_eq!(app.balance().await, 999_999_999);
    app.finish().await;
}

#[tokio::test]
async fn twenty_requests_with_one_key_and_two_bodies_make_one_job() {
    let app = TestApp::start().await;
    let client = app.client();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let url = app.farm.url(if number % 2 == 0 { "/even" } else { "/odd" });
        tasks.spawn(resolve(&client, &url, "k").into_future());
    }
    let statuses: Vec<u16> = tasks.join_all().await.iter().map(|answer| answer.status).collect();
    let count = |status: u16| statuses.iter().filter(|one| **one == status).count();
    assert_eq!((count(202), count(422), app.books().rows("jobs")), (10, 10, 1), "{statuses:?}");
    app.finish().await;
}

#[tokio::test]
async fn a_refusal_leaves_its_key_free() {
    let app = TestApp::start().await;
    let client = app.client();
    app.set_balance(0);
    problem(&resolve(&client, &app.farm.url("/a"), "k").await, 402, "out_of_credits");
    problem(
        &client.post_raw("/v1/resolve", "application/json", "{}").header("idempotency-key", "k").await,
        400,
        "invalid_request",
    );
    app.set_balance(5);
    let answer = resolve(&client, &app.farm.url("/b"), "k").await.expect_status(202);
    assert_eq!(answer.header("idempotent-replayed"), None);
    app.finish().await;
}

#[tokio::test]
async fn a_cached_answer_makes_no_record() {
    let app = TestApp::start().await;
    let (url, client) = (app.farm.url("/a"), app.client());
    resolve(&client, &url, "first").await.expect_status(202);
    app.run_until_idle().await;
    let cached = resolve(&client, &url, "k").await.expect_status(200);
    assert_eq!((cached.header("idempotent-replayed"), &cached.json()["cached"]), (None, &json!(true)));
    resolve(&client, &app.farm.url("/b"), "k").await.expect_status(202);
    app.finish().await;
}

#[tokio::test]
async fn a_record_lives_a_day() {
    let app = TestApp::start().await;
    let (url, client) = (app.farm.url("/status/500"), app.client());
    let first = resolve(&client, &url, "k").await.expect_status(202).json();
    app.run_until_idle().await;
    app.clock.advance_ms(24 * HOUR_MS - 1);
    assert_eq!(resolve(&client, &url, "k").await.json()["job_id"], first["job_id"]);
    app.clock.advance_ms(1);
    let second = resolve(&client, &url, "k").await.expect_status(202);
    assert_eq!(second.header("idempotent-replayed"), None);
    assert_ne!(second.json()["job_id"], first["job_id"]);
    app.run_until_idle().await;
    app.clock.advance_ms(24 * HOUR_MS + 1);
    app.run_until_idle().await;
    assert_eq!(app.books().rows("idempotency"), 0, "ended records are swept");
    app.finish().await;
}

#[tokio::test]
async fn the_lifetime_is_a_setting() {
    let lifetime =
        |settings: &mut hopline_cli::config::Settings| settings.retention.idempotency_lifetime_ms = HOUR_MS;
    let app = TestApp::builder().settings(lifetime).start().await;
    let (url, client) = (app.farm.url("/status/500"), app.client());
    let first = resolve(&client, &url, "k").await.json();
    app.run_until_idle().await;
    app.clock.advance_ms(HOUR_MS);
    assert_ne!(resolve(&client, &url, "k").await.json()["job_id"], first["job_id"]);
    app.finish().await;
}

#[tokio::test]
async fn a_record_outlives_a_restart() {
    let mut app = TestApp::start().await;
    let url = app.farm.url("/a");
    let first = resolve(&app.client(), &url, "k").await.expect_status(202).json();
    app.restart().await;
    let replayed = resolve(&app.client(), &url, "k").await.expect_status(202);
    assert_eq!(
        (replayed.header("idempotent-replayed"), replayed.json()["job_id"].clone()),
        (Some("true"), first["job_id"].clone())
    );
    app.finish().await;
}

#[tokio::test]
async fn secrets_are_not_shown_twice() {
    let app = TestApp::start().await;
    let client = app.client();
    let made = make_key(&client, "k").await.expect_status(201);
    let shown = made.json();
    assert!(shown["api_key"].is_string() && shown["webhook_secret"].is_string());
    let location = made.header("location").map(str::to_owned);
    let replayed = make_key(&client, "k").await.expect_status(201);
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    assert_eq!(replayed.header("location").map(str::to_owned), location);
    let mut expected = shown.clone();
    expected["api_key"] = Value::Null;
    expected["webhook_secret"] = Value::Null;
    assert_eq!(replayed.json(), expected);

    let id = shown["id"].as_str().unwrap();
    let patched =
        client.patch(&format!("/v1/keys/{id}"), &json!({"name": "renamed"})).await.expect_status(200);
    assert_eq!(patched.json()["name"], "renamed");
    assert_eq!(make_key(&client, "k").await.json()["name"], "renamed", "a replay shows the current state");
    app.finish().await;
}

#[tokio::test]
async fn rotations_are_replayed_too() {
    let app = TestApp::start().await;
    let made = app.make_key(json!({"name": "made", "scopes": ["resolve"]})).await;
    let client = app.client();
    for (verb, secret) in [("rotate", "api_key"), ("webhook-secret/rotate", "webhook_secret")] {
        let path = format!("/v1/keys/{}/{verb}", made.id);
        let rotate =
            || client.post_json(&path, &json!({})).header("idempotency-key", verb.split('/').next().unwrap());
        let answer = rotate().await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
        let first = answer.json();
        assert!(first[secret].is_string(), "{first}");
        let rows = app.books();
        let again = rotate().await.expect_status(answer.status);
        assert_eq!(
            (again.header("idempotent-replayed"), &again.json()[secret]),
            (Some("true"), &Value::Null)
        );
        assert_eq!(app.books(), rows, "a replay makes nothing");
    }
    app.finish().await;
}
