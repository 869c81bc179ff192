//! `/v1/jobs…`: whose jobs are seen, in which order, for how long, and their evidence.

use hopline_domain::time::DAY_MS;
use hopline_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use crate::{
    problem_document::problem,
    resolving::{ended, evidence, job, queued},
};

#[tokio::test]
async fn jobs_are_the_familys_own() {
    let app = TestApp::start().await;
    let made = app.make_key(json!({"name": "one", "scopes": ["resolve", "keys:write"]})).await;
    let stranger = app.make_key(json!({"name": "two", "scopes": ["*"]})).await;
    let own = app.client_with(&made.api_key);
    let answer =
        own.post_json("/v1/resolve", &json!({"url": app.farm.url("/final")})).await.expect_status(202).json();
    app.run_until_idle().await;
    let id = answer["job_id"].as_str().unwrap();
    for path in [format!("/v1/jobs/{id}"), format!("/v1/jobs/{id}/evidence")] {
        own.get(&path).await.expect_status(200);
        problem(&app.client_with(&stranger.api_key).get(&path).await, 404, "not_found");
        problem(&app.client().get(&path).await, 404, "not_found");
    }
    assert_eq!(app.client_with(&stranger.api_key).get("/v1/jobs").await.json()["data"], json!([]));

    let rotated =
        own.post_json(&format!("/v1/keys/{}/rotate", made.id), &json!({})).await.expect_status(201).json();
    let successor = app.client_with(rotated["api_key"].as_str().unwrap());
    successor.get(&format!("/v1/jobs/{id}")).await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn jobs_are_listed_newest_first_page_by_page() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for path in ["/a", "/b", "/c"] {
        ids.push(queued(&app, json!({"url": app.farm.url(path)})).await);
        app.clock.advance_ms(1);
    }
    let first = app.client().get("/v1/jobs?limit=2").await.expect_status(200).json();
    let listed = |page: &Value| -> Vec<String> {
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|job| job["job_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(listed(&first), [ids[2].clone(), ids[1].clone()]);
    assert_eq!(first["data"][0], job(&app, &ids[2]).await);
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = app.client().get(&format!("/v1/jobs?limit=2&cursor={cursor}")).await.expect_status(200).json();
    assert_eq!((listed(&last), &last["next_cursor"]), (vec![ids[0].clone()], &Value::Null));
    app.finish().await;
}

#[tokio::test]
async fn an_unfinished_job_has_no_evidence_yet() {
    let app = TestApp::start().await;
    let id = queued(&app, json!({"url": app.farm.url("/final")})).await;
    let refused = app.client().get(&format!("/v1/jobs/{id}/evidence")).await;
    assert_ne!(problem(&refused, 404, "not_found")["reason"], "evidence_expired");
    app.finish().await;
}

#[tokio::test]
async fn evidence_ends_before_the_job_does() {
    let app = TestApp::start().await;
    let done = ended(&app, json!({"url": app.farm.url("/chain/1")})).await;
    app.clock.advance_ms(30 * DAY_MS - 1);
    app.run_until_idle().await;
    evidence(&app, &done).await.expect_status(200);
    app.clock.advance_ms(2 * DAY_MS);
    app.run_until_idle().await;
    let expired = problem(&evidence(&app, &done).await, 404, "not_found");
    assert_eq!(expired["reason"], "evidence_expired");
    let kept = job(&app, done["job_id"].as_str().unwrap()).await;
    assert_eq!(kept["target_url"], done["target_url"]);

    app.clock.advance_ms(60 * DAY_MS);
    app.run_until_idle().await;
    let id = done["job_id"].as_str().unwrap();
    problem(&app.client().get(&format!("/v1/jobs/{id}")).await, 404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn the_evidence_is_the_whole_chain_document() {
    let app = TestApp::start().await;
    app.farm.serve("/start", Answer::redirect(302, "/end").header("Set-Cookie", "seen=1; Path=/"));
    app.farm.serve("/end", Answer::page("The End"));
    let done = ended(&app, json!({"url": app.farm.url("/start")})).await;
    let chain = evidence(&app, &done).await.expect_status(200).json();
    let members: Vec<&str> = chain.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        [
            "schema",
            "url",
            "final_url",
            "status",
            "reason",
            "vendor",
            "download",
            "title",
            "framed_url",
            "started_at",
            "duration_ms",
            "runner",
            "engine",
            "truncated",
            "profile",
            "offline",
            "hops",
            "verdicts"
        ]
    );
    let told = |member: &str| chain[member].clone();
    assert_eq!(
        [told("schema"), told("runner"), told("engine"), told("title"), told("final_url")],
        [
            json!("hopline.chain/1"),
            json!("server"),
            json!("http"),
            json!("The End"),
            json!(app.farm.url("/end"))
        ]
    );
    let [start, end] = &chain["hops"].as_array().unwrap()[..] else { panic!("two hops: {chain}") };
    assert_eq!((&start["kind"], &end["kind"]), (&json!("start"), &json!("http_redirect")));
    assert_eq!((&start["status"], &start["location"]), (&json!(302), &json!("/end")));
    assert_eq!(start["cookies_set"][0]["name"], "seen");
    assert_eq!(end["cookies_sent"], json!(["seen"]));
    assert_eq!(end["remote_addr"], app.farm.address().to_string());
    app.finish().await;
}

#[tokio::test]
async fn the_evidence_comes_as_har_too() {
    let app = TestApp::start().await;
    let done = ended(&app, json!({"url": app.farm.url("/chain/2")})).await;
    let path = |query: &str| format!("/v1/jobs/{}/evidence{query}", done["job_id"].as_str().unwrap());
    let har = app.client().get(&path("?format=har")).await.expect_status(200).json();
    assert_eq!(har["log"]["version"], "1.2");
    let entries = har["log"]["entries"].as_array().unwrap();
    let visited: Vec<(&Value, &Value)> =
        entries.iter().map(|entry| (&entry["request"]["url"], &entry["response"]["status"])).collect();
    let urls = ["/chain/2", "/chain/1", "/chain/0"].map(|path| json!(app.farm.url(path)));
    assert_eq!(visited, [(&urls[0], &json!(302)), (&urls[1], &json!(302)), (&urls[2], &json!(200))]);
    problem(&app.client().get(&path("?format=xml")).await, 400, "invalid_request");
    app.finish().await;
}

#[tokio::test]
async fn work_outlives_a_restart() {
    let mut app = TestApp::start().await;
    let id = queued(&app, json!({"url": app.farm.url("/chain/1")})).await;
    app.restart().await;
    assert_eq!(job(&app, &id).await["status"], "queued");
    app.run_until_idle().await;
    assert_eq!(job(&app, &id).await["status"], "done");
    app.restart().await;
    assert_eq!(job(&app, &id).await["target_url"], app.farm.url("/chain/0"));
    app.finish().await;
}
