//! Short links as tests make and visit them.

use hopline_testkit::{TestApp, TestRequest, TestResponse};
use serde_json::{Value, json};

/// The agent of a person.
pub(crate) const PERSON: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";
pub(crate) const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
pub(crate) const PREVIEW_BOT: &str =
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)";

/// Makes a link to `https://dest.example/`, with what is said of it.
pub(crate) async fn make(app: &TestApp, slug: &str, more: Value) -> Value {
    let mut link = json!({"slug": slug, "url": "https://dest.example/"});
    merge(&mut link, more);
    app.client().post_json("/v1/links", &link).await.expect_status(201).json()
}

fn merge(link: &mut Value, more: Value) {
    let Value::Object(more) = more else { panic!("members of a link") };
    link.as_object_mut().unwrap().extend(more);
}

/// Changes a link.
pub(crate) async fn change(app: &TestApp, link: &Value, patch: Value) -> Value {
    app.client().patch(&path_of(link), &patch).await.expect_status(200).json()
}

pub(crate) fn path_of(link: &Value) -> String {
    format!("/v1/links/{}", link["id"].as_str().unwrap())
}

/// A person's request to a path.
pub(crate) fn visit(app: &TestApp, path: &str) -> TestRequest {
    app.anonymous().get(path).header("User-Agent", PERSON)
}

/// Where a person is sent; fails the test when not redirected with 302.
pub(crate) async fn location(app: &TestApp, path: &str) -> String {
    location_of(&visit(app, path).await.expect_status(302))
}

pub(crate) fn location_of(response: &TestResponse) -> String {
    response.header("location").expect("a redirect says where to").to_owned()
}

/// People's clicks of a link, once all clicks are folded.
pub(crate) async fn clicks(app: &TestApp, link: &Value) -> u64 {
    app.run_until_idle().await;
    let link = app.client().get(&path_of(link)).await.expect_status(200).json();
    link["clicks"].as_u64().expect("a link counts its clicks")
}
