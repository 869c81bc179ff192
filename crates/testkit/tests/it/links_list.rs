//! `GET /v1/links`: filters, search and pages.

use hopline_testkit::TestApp;
use serde_json::{Value, json};

use crate::{
    problem_document::{pointers, problem},
    short_links::make,
};

async fn slugs(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.client().get(&format!("/v1/links{query}")).await.expect_status(200).json();
    page["data"].as_array().unwrap().iter().map(|link| link["slug"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn links_are_found_by_what_they_say() {
    let app = TestApp::start().await;
    make(&app, "alpha", json!({"title": "Summer Sale"})).await;
    make(&app, "beta", json!({"url": "https://shop.example/summer"})).await;
    make(&app, "gamma", json!({"status": "draft", "title": "100%"})).await;
    make(&app, "delta", json!({"status": "archived"})).await;
    for (query, expected) in [
        ("", &["gamma", "beta", "alpha"][..]),
        ("?search=SUMMER", &["beta", "alpha"]),
        ("?search=alph", &["alpha"]),
        ("?search=%25", &["gamma"]),
        ("?search=_", &[]),
        ("?status=draft", &["gamma"]),
        ("?status=archived", &["delta"]),
        ("?health=broken", &[]),
        ("?health=unknown&search=beta", &["beta"]),
    ] {
        assert_eq!(slugs(&app, query).await, expected, "{query}");
    }
    for (query, pointer) in [
        ("?status=gone", "?status"),
        ("?tag_id=x", "?tag_id"),
        ("?domain=nobody.example", "?domain"),
        ("?search=", "?search"),
        ("?colour=red", "?colour"),
        ("?external_id=a&status=draft", "?external_id"),
    ] {
        let refused = problem(&app.client().get(&format!("/v1/links{query}")).await, 400, "invalid_request");
        assert_eq!(pointers(&refused), [pointer], "{query}");
    }
    app.finish().await;
}

#[tokio::test]
async fn pages_go_through_all_links_once() {
    let app = TestApp::start().await;
    for number in 0..7 {
        make(&app, &format!("s{number}"), json!({})).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.client().get(&format!("/v1/links?limit=3{cursor}")).await.expect_status(200).json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|link| link["slug"].clone()));
        match &page["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    assert_eq!(Value::from(seen), json!(["s6", "s5", "s4", "s3", "s2", "s1", "s0"]));
    app.finish().await;
}
