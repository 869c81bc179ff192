//! Short links on domains of their own, by `Host`.

use hopline_testkit::{TestApp, TestRequest};
use serde_json::{Value, json};

use crate::short_links::{location, location_of, make, visit};

const HOST: &str = "go.brand.example";

fn at(app: &TestApp, path: &str) -> TestRequest {
    visit(app, path).header("Host", HOST)
}

async fn domain(app: &TestApp, more: &Value) -> String {
    let mut body = json!({"domain": HOST});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = app.client().post_json("/v1/domains", &body).await.expect_status(201).json();
    format!("/v1/domains/{}", made["id"].as_str().unwrap())
}

async fn vouch(app: &TestApp, domain: &str) {
    app.client().post_json(&format!("{domain}/verify"), &json!({"vouch": true})).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_serves_its_own_links_once_verified() {
    let app = TestApp::start().await;
    make(&app, "same", json!({"url": "https://default.example/"})).await;
    // Nobody's host is the default domain's.
    assert_eq!(location_of(&at(&app, "/same").await.expect_status(302)), "https://default.example/");
    let domain = domain(&app, &json!({})).await;
    for path in ["/same", "/", "/robots.txt", "/v1/meta"] {
        at(&app, path).await.expect_status(404);
    }
    vouch(&app, &domain).await;
    at(&app, "/same").await.expect_status(404);
    make(&app, "same", json!({"domain": HOST, "url": "https://brand.example/"})).await;
    assert_eq!(location_of(&at(&app, "/same").await.expect_status(302)), "https://brand.example/");
    assert_eq!(location(&app, "/same").await, "https://default.example/");
    for path in ["/v1/meta", "/docs", "/healthz", "/openapi.json", "/app", "/"] {
        at(&app, path).await.expect_status(404);
    }
    at(&app, "/robots.txt").await.expect_status(200);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn root_not_found_and_case_are_the_domains() {
    let app = TestApp::start().await;
    let settings = json!({
        "root_url": "https://brand.example/home", "not_found_url": "https://brand.example/404", "case_rule": "insensitive",
    });
    let domain = domain(&app, &settings).await;
    vouch(&app, &domain).await;
    make(&app, "Sale", json!({"domain": HOST})).await;
    assert_eq!(location_of(&at(&app, "/").await.expect_status(302)), "https://brand.example/home");
    assert_eq!(location_of(&at(&app, "/nothing").await.expect_status(302)), "https://brand.example/404");
    assert_eq!(location_of(&at(&app, "/sALE").await.expect_status(302)), "https://dest.example/");
    app.client().patch(&domain, &json!({"root_url": null, "not_found_url": null})).await.expect_status(200);
    at(&app, "/").await.expect_status(404);
    at(&app, "/nothing").await.expect_status(404);
    app.finish().await;
}
