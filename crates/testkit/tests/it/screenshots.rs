//! Browser, screenshot and egress at the API: who may ask, what it costs, and what is kept how long.
//!
//! The server says it has a browser; its work is done by hand here, through the store.

use hopline_domain::{
    entropy::OsEntropy,
    id::{CreditEntryId, DeliveryId, EventId, LeaseToken},
    outcome::Outcome,
    plan::Plan,
    store::{Finished, JobClaim, JobEnd, NewDelivery},
    time::{Clock as _, DAY_MS, MINUTE_MS},
};
use hopline_server::Capabilities;
use hopline_testkit::{TestApp, TestAppBuilder};
use serde_json::{Value, json};

use crate::{
    problem_document::problem,
    resolving::{GRANTED, ended, evidence, job, post, queued},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nas good as a picture";

fn able() -> TestAppBuilder {
    let egresses = vec!["oslo".to_owned(), "paris".to_owned()];
    TestApp::builder().capabilities(Capabilities { script: true, browser: true, egresses })
}

fn plan_with(features: &[&str]) -> Plan {
    let features = features.iter().map(|feature| (*feature).to_owned()).collect();
    Plan { features, ..Plan::default() }
}

/// Ends the only queued job as `done`, as a browser would that took a picture.
async fn picture(app: &TestApp) {
    let (store, now) = (app.store(), app.clock.now());
    let token = LeaseToken::generate(now, &OsEntropy);
    let claim = JobClaim { limit: 1, lease_until: now.plus_ms(MINUTE_MS), token };
    let claimed = store.job_claim(claim, now).await.unwrap().remove(0);
    let screenshot = store.screenshot_put(PNG.to_vec(), now).await.unwrap();
    let chain = store.evidence_put(b"{}".to_vec(), now).await.unwrap();
    let end = JobEnd {
        outcome: Outcome::Done { target_url: claimed.url },
        hops_count: Some(1),
        verdicts: None,
        evidence: Some(chain),
        screenshot: Some(screenshot),
        ledger_ids: [(); 2].map(|()| CreditEntryId::generate(now, &OsEntropy)),
        event_id: EventId::generate(now, &OsEntropy),
        delivery: NewDelivery { id: DeliveryId::generate(now, &OsEntropy) },
    };
    assert_eq!(store.job_finish(claimed.lease, end, now).await.unwrap(), Finished::Recorded);
}

fn asking(app: &TestApp, members: &Value) -> Value {
    let mut body = json!({"url": app.farm.url("/final")});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

fn place(id: &str) -> String {
    format!("/v1/jobs/{id}/screenshot")
}

#[tokio::test]
async fn a_screenshot_is_given_to_the_family_as_png() {
    let app = able().start().await;
    let id = queued(&app, asking(&app, &json!({"screenshot": true}))).await;
    let early = problem(&app.client().get(&place(&id)).await, 404, "not_found");
    assert_eq!(early["reason"], "not_finished");
    picture(&app).await;
    let answer = app.client().get(&place(&id)).await.expect_status(200);
    assert_eq!(answer.body, PNG);
    for (name, value) in
        [("content-type", "image/png"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
    {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert!(answer.header("content-disposition").unwrap().ends_with(".png\""));
    assert_eq!(job(&app, &id).await["screenshot_url"], place(&id));

    let stranger = app.make_key(json!({"name": "two", "scopes": ["*"]})).await;
    problem(&app.client_with(&stranger.api_key).get(&place(&id)).await, 404, "not_found");
    problem(&app.anonymous().get(&place(&id)).await, 401, "invalid_key");
    app.finish().await;
}

#[tokio::test]
async fn a_job_without_a_picture_says_so() {
    let app = TestApp::start().await;
    let done = ended(&app, json!({"url": app.farm.url("/final")})).await;
    assert_eq!(done.get("screenshot_url"), None);
    let missing =
        problem(&app.client().get(&place(done["job_id"].as_str().unwrap())).await, 404, "not_found");
    assert_eq!(missing["reason"], "no_screenshot");
    app.finish().await;
}

#[tokio::test]
async fn a_screenshot_expires_before_its_evidence() {
    let app = able().start().await;
    let id = queued(&app, asking(&app, &json!({"screenshot": true}))).await;
    picture(&app).await;
    app.clock.advance_ms(7 * DAY_MS - 1);
    app.run_until_idle().await;
    app.client().get(&place(&id)).await.expect_status(200);
    let stored = |account: Value| account["usage"]["storage_bytes"].as_u64().unwrap();
    let before = stored(app.client().get("/v1/account").await.json());
    app.clock.advance_ms(DAY_MS);
    app.run_until_idle().await;
    let expired = problem(&app.client().get(&place(&id)).await, 404, "not_found");
    assert_eq!(expired["reason"], "screenshot_expired");
    let kept = job(&app, &id).await;
    evidence(&app, &kept).await.expect_status(200);
    let after = stored(app.client().get("/v1/account").await.json());
    assert_eq!(before - after, PNG.len() as u64);
    app.finish().await;
}

#[tokio::test]
async fn what_is_not_there_is_refused_with_its_pointer() {
    let app = TestApp::builder().capabilities(Capabilities::default()).start().await;
    for (members, pointer, code) in [
        (json!({"browser": "always"}), "/browser", "not_available"),
        (json!({"screenshot": true}), "/screenshot", "not_available"),
        (json!({"screenshot": true, "browser": "never"}), "/screenshot", "not_available"),
        (json!({"screenshot": 1}), "/screenshot", "type"),
        (json!({"profile": {"egress": "oslo"}}), "/profile/egress", "not_allowed"),
    ] {
        let refused = problem(&post(&app, asking(&app, &members)).await, 400, "invalid_request");
        let fault = &refused["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)), "{refused}");
    }
    for fine in [json!({"browser": "auto"}), json!({"browser": "never", "screenshot": false})] {
        queued(&app, asking(&app, &fine)).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn a_picture_and_no_browser_contradict_each_other() {
    let app = able().start().await;
    let both = json!({"screenshot": true, "browser": "never"});
    let refused = problem(&post(&app, asking(&app, &both)).await, 400, "invalid_request");
    assert_eq!(refused["errors"][0]["pointer"], "/screenshot");
    assert_eq!(refused["errors"][0]["code"], "not_allowed");
    app.finish().await;
}

#[tokio::test]
async fn the_browser_is_a_feature_of_the_plan() {
    let app = able().plan(plan_with(&["webhooks"])).start().await;
    for members in [json!({"browser": "always"}), json!({"screenshot": true})] {
        let refused = problem(&post(&app, asking(&app, &members)).await, 403, "plan_limit");
        assert_eq!((&refused["feature"], &refused["plan"]), (&json!("browser"), &json!("unlimited")));
    }
    assert_eq!(app.balance().await, GRANTED, "a refusal costs nothing");
    let done = ended(&app, asking(&app, &json!({"browser": "auto"}))).await;
    assert_eq!(done["status"], "done");
    app.finish().await;
}

#[tokio::test]
async fn always_costs_two_and_a_picture_costs_what_its_browser_does() {
    let app = able().start().await;
    for (members, price) in [
        (json!({"browser": "always"}), 2),
        (json!({"browser": "always", "screenshot": true}), 2),
        (json!({"screenshot": true}), 1),
        (json!({"browser": "never"}), 1),
    ] {
        let before = app.balance().await;
        queued(&app, asking(&app, &members)).await;
        assert_eq!(before - app.balance().await, price, "{members}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_picture_is_never_answered_from_the_cache() {
    let app = able().start().await;
    let (plain, pictured) =
        (asking(&app, &json!({})), asking(&app, &json!({"screenshot": true, "max_age_s": 3600})));
    ended(&app, plain.clone()).await;
    post(&app, plain.clone()).await.expect_status(200);
    for _ in 0..2 {
        queued(&app, pictured.clone()).await;
        picture(&app).await;
    }
    post(&app, plain).await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn an_egress_is_asked_for_by_name() {
    let app = able().start().await;
    let through = |name: &str| asking(&app, &json!({"profile": {"egress": name}}));
    let refused = problem(&post(&app, through("http://10.0.0.1:3128")).await, 400, "invalid_request");
    assert_eq!(refused["errors"][0]["pointer"], "/profile/egress");
    assert!(refused["errors"][0]["detail"].as_str().unwrap().contains("oslo, paris"), "{refused}");
    queued(&app, through("paris")).await;
    let account = app.client().get("/v1/account").await.expect_status(200).json();
    assert_eq!(account["egresses"], json!(["oslo", "paris"]));
    app.finish().await;
}

#[tokio::test]
async fn meta_tells_the_engines_without_a_key() {
    let app = able().start().await;
    let meta = app.anonymous().get("/v1/meta").await.expect_status(200).json();
    assert_eq!(meta["engines"], json!({"script": true, "browser": true}), "names of egresses are for keys");
    assert_eq!(meta["limits"]["screenshot_bytes"], 4 * 1024 * 1024);
    app.finish().await;
}

/// With the browser of the machine; without one it is refused.
#[tokio::test]
async fn an_installed_browser_takes_the_picture() {
    let app = TestApp::start().await;
    let ask = asking(&app, &json!({"url": app.farm.url("/chain/1"), "screenshot": true}));
    let meta = app.anonymous().get("/v1/meta").await.json();
    if meta["engines"]["browser"] == json!(false) {
        problem(&post(&app, ask).await, 400, "invalid_request");
        return app.finish().await;
    }
    let done = ended(&app, ask).await;
    assert_eq!(
        (&done["status"], &done["target_url"]),
        (&json!("done"), &json!(app.farm.url("/chain/0"))),
        "{done}"
    );
    let picture = app.client().get(done["screenshot_url"].as_str().unwrap()).await.expect_status(200);
    assert!(picture.body.starts_with(b"\x89PNG\r\n\x1a\n"), "{} bytes", picture.body.len());
    let always = ended(&app, asking(&app, &json!({"browser": "always"}))).await;
    assert_eq!((&always["status"], &always["credits_charged"]), (&json!("done"), &json!(2)));
    let chain = evidence(&app, &always).await.json();
    assert_eq!((&chain["engine"], &chain["hops"][0]["kind"]), (&json!("browser"), &json!("start")));
    app.finish().await;
}
