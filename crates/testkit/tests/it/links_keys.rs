//! Keys for links: one that only makes them, as a form would, and one that only reads them.

use hopline_testkit::TestApp;
use http::Method;
use serde_json::json;

use crate::{
    problem_document::problem,
    short_links::{make, path_of},
};

#[tokio::test]
async fn a_create_only_key_makes_links_and_nothing_else() {
    let app = TestApp::start().await;
    let old = make(&app, "old", json!({"external_id": "old"})).await;
    let key = app.make_key(json!({"name": "form", "scopes": ["links:create"]})).await;
    let form = app.client_with(&key.api_key);
    let upsert = |id: &str| {
        let path = format!("/v1/links/by-external-id/{id}");
        form.request(Method::PUT, &path).json(&json!({"url": "https://dest.example/"}))
    };
    let made =
        form.post_json("/v1/links", &json!({"url": "https://dest.example/"})).await.expect_status(201).json();
    upsert("new").await.expect_status(201);
    for id in ["new", "old"] {
        problem(&upsert(id).await, 403, "forbidden_scope");
    }
    let rows = r#"[{"url": "https://dest.example/"}]"#;
    form.post_raw("/v1/links/bulk", "application/json", rows).await.expect_status(200);
    for refused in [
        form.get(&path_of(&made)).await,
        form.get("/v1/links").await,
        form.get("/v1/tags").await,
        form.get("/v1/domains").await,
        form.patch(&path_of(&made), &json!({"title": "T"})).await,
        form.delete(&path_of(&old)).await,
        form.post_json("/v1/tags", &json!({"name": "t"})).await,
        form.post_json("/v1/domains", &json!({"domain": "go.example.com"})).await,
    ] {
        problem(&refused, 403, "forbidden_scope");
    }
    assert_eq!(app.client().get(&path_of(&old)).await.json()["url"], old["url"]);
    app.finish().await;
}

#[tokio::test]
async fn a_read_only_key_reads() {
    let app = TestApp::start().await;
    let link = make(&app, "sale", json!({"tags": ["a"]})).await;
    let key = app.make_key(json!({"name": "report", "scopes": ["links:read"]})).await;
    let reader = app.client_with(&key.api_key);
    let host = link["domain"].as_str().unwrap();
    for path in [
        path_of(&link),
        "/v1/links".to_owned(),
        "/v1/tags".to_owned(),
        "/v1/domains".to_owned(),
        format!("/v1/links/by-slug/{host}/sale"),
    ] {
        reader.get(&path).await.expect_status(200);
    }
    problem(
        &reader.post_json("/v1/links", &json!({"url": "https://dest.example/"})).await,
        403,
        "forbidden_scope",
    );
    problem(&reader.patch(&path_of(&link), &json!({"title": "T"})).await, 403, "forbidden_scope");
    problem(&reader.delete(&path_of(&link)).await, 403, "forbidden_scope");
    app.finish().await;
}

#[tokio::test]
async fn a_writing_key_makes_and_replaces() {
    let app = TestApp::start().await;
    let key = app.make_key(json!({"name": "crm", "scopes": ["links:write"]})).await;
    let writer = app.client_with(&key.api_key);
    writer.post_json("/v1/links", &json!({"url": "https://dest.example/"})).await.expect_status(201);
    for status in [201, 200] {
        let upsert = writer.request(Method::PUT, "/v1/links/by-external-id/crm-1");
        upsert.json(&json!({"url": "https://dest.example/"})).await.expect_status(status);
    }
    problem(&writer.get("/v1/links").await, 403, "forbidden_scope");
    app.finish().await;
}
