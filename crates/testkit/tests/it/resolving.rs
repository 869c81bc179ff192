//! Asking a test's server to resolve, and reading what came of it.

use hopline_testkit::{TestApp, TestResponse};
use serde_json::{Value, json};

/// What the first workspace is granted.
pub(crate) const GRANTED: i64 = 1_000_000_000;

/// Asks for a link with nothing but its URL and answers the job's id.
pub(crate) async fn queued_link(app: &TestApp, url: &str) -> String {
    queued(app, json!({"url": url})).await
}

pub(crate) async fn post(app: &TestApp, body: Value) -> TestResponse {
    app.client().post_json("/v1/resolve", &body).await
}

pub(crate) async fn queued(app: &TestApp, body: Value) -> String {
    let answer = post(app, body).await.expect_status(202).json();
    answer["job_id"].as_str().expect("a queued job has an id").to_owned()
}

pub(crate) async fn job(app: &TestApp, id: &str) -> Value {
    app.client().get(&format!("/v1/jobs/{id}")).await.expect_status(200).json()
}

/// Resolves to the end and answers the job.
pub(crate) async fn ended(app: &TestApp, body: Value) -> Value {
    let id = queued(app, body).await;
    app.run_until_idle().await;
    job(app, &id).await
}

pub(crate) async fn evidence(app: &TestApp, job: &Value) -> TestResponse {
    let id = job["job_id"].as_str().expect("a job has an id");
    app.client().get(&format!("/v1/jobs/{id}/evidence")).await
}

/// Kind, amount and pool of every ledger line, oldest first.
pub(crate) async fn ledger(app: &TestApp) -> Vec<(String, i64)> {
    let credits = app.client().get("/v1/credits").await.expect_status(200).json();
    let lines = credits["data"].as_array().expect("the ledger is a list").clone();
    let read = |line: &Value| {
        (line["kind"].as_str().expect("a kind").to_owned(), line["amount"].as_i64().expect("an amount"))
    };
    lines.iter().rev().map(read).collect()
}

pub(crate) fn line(kind: &str, amount: i64) -> (String, i64) {
    (kind.to_owned(), amount)
}
