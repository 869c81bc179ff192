//! `/v1/domains` and `/v1/tags`: what links live on and are sorted by.

use hopline_domain::plan::Plan;
use hopline_testkit::TestApp;
use serde_json::{Value, json};

use crate::{
    problem_document::{pointers, problem},
    short_links::make,
};

async fn add(app: &TestApp, host: &str) -> Value {
    app.client().post_json("/v1/domains", &json!({"domain": host})).await.expect_status(201).json()
}

fn path(thing: &Value, kind: &str) -> String {
    format!("/v1/{kind}/{}", thing["id"].as_str().unwrap())
}

async fn allowed(app: &TestApp, host: &str) -> u16 {
    app.anonymous().get(&format!("/v1/domains/allowed?domain={host}")).await.status
}

#[tokio::test]
async fn a_domain_serves_once_its_record_is_seen() {
    let app = TestApp::start().await;
    let domain = add(&app, "Go.Example.com").await;
    assert_eq!((&domain["domain"], &domain["status"]), (&json!("go.example.com"), &json!("pending")));
    let record = &domain["verification"];
    assert_eq!((&record["type"], &record["name"]), (&json!("TXT"), &json!("_hopline.go.example.com")));
    let link = json!({"url": "https://dest.example/", "domain": "go.example.com", "slug": "a"});
    let unproven = problem(&app.client().post_json("/v1/links", &link).await, 409, "conflict");
    assert_eq!(unproven["reason"], "domain_unverified");
    let verify = async || {
        app.client().request(http::Method::POST, &format!("{}/verify", path(&domain, "domains"))).await
    };
    assert_eq!(problem(&verify().await, 409, "conflict")["reason"], "record_not_seen");
    app.set_texts("_hopline.go.example.com", &["v=spf1 -all"]);
    assert_eq!(problem(&verify().await, 409, "conflict")["reason"], "record_differs");
    assert_eq!(allowed(&app, "go.example.com").await, 404);
    app.set_texts("_hopline.go.example.com", &["v=spf1 -all", record["value"].as_str().unwrap()]);
    assert_eq!(verify().await.expect_status(200).json()["status"], "verified");
    verify().await.expect_status(200);
    assert_eq!((allowed(&app, "GO.example.com.").await, allowed(&app, "x.example.com").await), (200, 404));
    let made = app.client().post_json("/v1/links", &link).await.expect_status(201).json();
    assert_eq!(made["short_url"], "https://go.example.com/a");
    let circle = json!({"url": "https://go.example.com/a"});
    assert_eq!(
        pointers(&problem(&app.client().post_json("/v1/links", &circle).await, 400, "invalid_request")),
        ["/url"]
    );
    let in_use = problem(&app.client().delete(&path(&domain, "domains")).await, 409, "conflict");
    assert_eq!(in_use["reason"], "domain_in_use");
    app.finish().await;
}

#[tokio::test]
async fn a_host_is_taken_once_and_the_operator_may_vouch() {
    let app = TestApp::start().await;
    let domain = add(&app, "go.example.com").await;
    let twice = app.client().post_json("/v1/domains", &json!({"domain": "go.example.com."})).await;
    assert_eq!(problem(&twice, 409, "conflict")["reason"], "domain_taken");
    for host in ["localhost", "127.0.0.1", "https://a.example", "a.example:80"] {
        let refused = app.client().post_json("/v1/domains", &json!({"domain": host})).await;
        assert_eq!(pointers(&problem(&refused, 400, "invalid_request")), ["/domain"], "{host}");
    }
    let key = app.make_key(json!({"name": "owner", "scopes": ["links:write"]})).await;
    let verify = format!("{}/verify", path(&domain, "domains"));
    let refused = app.client_with(&key.api_key).post_json(&verify, &json!({"vouch": true})).await;
    problem(&refused, 403, "forbidden_scope");
    let vouched = app.client().post_json(&verify, &json!({"vouch": true})).await.expect_status(200).json();
    assert_eq!(vouched["status"], "verified");
    app.client().delete(&path(&domain, "domains")).await.expect_status(204);
    problem(&app.client().get(&path(&domain, "domains")).await, 404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn a_domain_says_what_it_answers_where_there_is_no_link() {
    let app = TestApp::start().await;
    let domain = add(&app, "go.example.com").await;
    let domain_path = path(&domain, "domains");
    let patch = json!({"root_url": "https://home.example/", "not_found_url": "https://lost.example/", "case_rule": "insensitive"});
    let changed = app.client().patch(&domain_path, &patch).await.expect_status(200);
    let body = changed.json();
    assert_eq!((&body["root_url"], &body["case_rule"]), (&patch["root_url"], &patch["case_rule"]));
    let cleared =
        app.client().patch(&domain_path, &json!({"root_url": null})).await.expect_status(200).json();
    assert_eq!((&cleared["root_url"], &cleared["not_found_url"]), (&Value::Null, &patch["not_found_url"]));
    let stale = app.client().patch(&domain_path, &json!({"root_url": null}));
    problem(&stale.header("if-match", changed.header("etag").unwrap()).await, 412, "precondition_failed");
    let bad = app.client().patch(&domain_path, &json!({"root_url": "ftp://x.example"})).await;
    assert_eq!(pointers(&problem(&bad, 400, "invalid_request")), ["/root_url"]);

    let listed = app.client().get("/v1/domains").await.expect_status(200).json();
    let default = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|domain| domain["is_default"] == true)
        .unwrap()
        .clone();
    let default_path = path(&default, "domains");
    let key = app.make_key(json!({"name": "owner", "scopes": ["links:write"]})).await;
    let refused = app
        .client_with(&key.api_key)
        .patch(&default_path, &json!({"root_url": "https://home.example/"}))
        .await;
    problem(&refused, 403, "forbidden_scope");
    app.client().patch(&default_path, &json!({"root_url": "https://home.example/"})).await.expect_status(200);
    assert_eq!(
        problem(&app.client().delete(&default_path).await, 409, "conflict")["reason"],
        "default_domain"
    );
    app.finish().await;
}

#[tokio::test]
async fn domains_of_ones_own_are_a_matter_of_the_plan() {
    let app = TestApp::builder().plan(Plan::default()).start().await;
    let refused = app.client().post_json("/v1/domains", &json!({"domain": "go.example.com"})).await;
    assert_eq!(problem(&refused, 403, "plan_limit")["plan"], "unlimited");
    app.finish().await;
}

#[tokio::test]
async fn tags_are_made_renamed_and_taken_away() {
    let app = TestApp::start().await;
    let link = make(&app, "sale", json!({"tags": ["Summer"]})).await;
    let twice = app.client().post_json("/v1/tags", &json!({"name": "summer"})).await;
    assert_eq!(problem(&twice, 409, "conflict")["reason"], "tag_exists");
    let made = app.client().post_json("/v1/tags", &json!({"name": "Winter"})).await.expect_status(201);
    let listed = app.client().get("/v1/tags").await.expect_status(200).json();
    let named = |name: &str| {
        listed["data"].as_array().unwrap().iter().find(|tag| tag["name"] == name).unwrap().clone()
    };
    let summer = named("Summer");
    assert_eq!((&summer["links"], &named("Winter")["links"]), (&json!(1), &json!(0)));
    let tagged = format!("/v1/links?tag_id={}", summer["id"].as_str().unwrap());
    assert_eq!(app.client().get(&tagged).await.expect_status(200).json()["data"][0]["id"], link["id"]);
    let summer_path = path(&summer, "tags");
    let renamed = app.client().patch(&summer_path, &json!({"name": "Autumn"})).await.expect_status(200);
    let winter = app.client().patch(&summer_path, &json!({"name": "WINTER"})).await;
    assert_eq!(problem(&winter, 409, "conflict")["reason"], "tag_exists");
    let link_path = format!("/v1/links/{}", link["id"].as_str().unwrap());
    assert_eq!(app.client().get(&link_path).await.json()["tags"], json!(["Autumn"]));
    let stale = app.client().delete(&summer_path).header("if-match", made.header("etag").unwrap());
    problem(&stale.await, 412, "precondition_failed");
    app.client()
        .delete(&summer_path)
        .header("if-match", renamed.header("etag").unwrap())
        .await
        .expect_status(204);
    assert_eq!(app.client().get(&link_path).await.json()["tags"], json!([]));
    problem(&app.client().delete(&summer_path).await, 404, "not_found");
    app.finish().await;
}
