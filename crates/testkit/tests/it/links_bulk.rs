//! `POST /v1/links/bulk`: thousands of rows in one call, each made or told of by its number.

use std::fmt::Write as _;

use hopline_testkit::{TestApp, TestResponse};
use serde_json::{Value, json};

use crate::{
    problem_document::{pointers, problem},
    short_links::make,
};

async fn send(app: &TestApp, media_type: &str, body: impl Into<bytes::Bytes>) -> TestResponse {
    app.client().post_raw("/v1/links/bulk", media_type, body).await
}

fn error_rows(answer: &Value) -> Vec<(u64, String, String)> {
    let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    let errors = answer["errors"].as_array().unwrap().iter();
    errors
        .map(|error| (error["row"].as_u64().unwrap(), text(error, "pointer"), text(error, "code")))
        .collect()
}

#[tokio::test]
async fn a_broken_row_among_ten_thousand_spoils_no_other() {
    let app = TestApp::start().await;
    let mut table = "url,external_id\n".to_owned();
    for row in 1..=10_000 {
        let url = if row == 7_312 {
            "javascript:alert(1)".to_owned()
        } else {
            format!("https://dest.example/{row}")
        };
        writeln!(table, "{url},crm-{row}").unwrap();
    }
    let answer = send(&app, "text/csv", table).await.expect_status(200).json();
    assert_eq!(
        (&answer["rows_total"], &answer["created"], &answer["failed"]),
        (&json!(10_000), &json!(9_999), &json!(1))
    );
    assert_eq!(error_rows(&answer), [(7_312, "/url".to_owned(), "scheme".to_owned())]);
    let links = answer["links"].as_array().unwrap();
    assert_eq!(
        (links.len(), &links[7_311]["row"], &links[7_311]["external_id"]),
        (9_999, &json!(7_313), &json!("crm-7313"))
    );
    assert_eq!(app.books().rows("links"), 9_999);
    app.finish().await;
}

#[tokio::test]
async fn rows_are_taken_as_array_lines_and_table() {
    let app = TestApp::start().await;
    make(&app, "taken", json!({})).await;
    let array = r#"[{"url":"https://a.example/","slug":"a1"},{"url":"https://a.example/","slug":"taken"},7,{"slug":"x"}]"#;
    let answer = send(&app, "application/json", array).await.expect_status(200).json();
    assert_eq!(answer["created"], 1);
    let told = |row, pointer: &str, code: &str| (row, pointer.to_owned(), code.to_owned());
    assert_eq!(
        error_rows(&answer),
        [told(2, "/slug", "slug_taken"), told(3, "", "type"), told(4, "/url", "required")]
    );
    let lines = "{\"url\":\"https://a.example/\",\"slug\":\"l1\"}\n{\"url\":\n{\"url\":\"https://a.example/\",\"slug\":\"l1\"}\n";
    let answer = send(&app, "application/x-ndjson", lines).await.expect_status(200).json();
    assert_eq!(
        error_rows(&answer),
        [told(2, "", "json"), told(3, "/slug", "slug_taken")],
        "twice in one call"
    );
    let table = "url,slug,tags,utm_source,max_clicks\nhttps://a.example/,t1,\"x,y\",mail,5\nhttps://a.example/\nhttps://a.example/,t2,,,many\n";
    let answer = send(&app, "text/csv", table).await.expect_status(200).json();
    assert_eq!(error_rows(&answer), [told(2, "", "columns"), told(3, "/max_clicks", "type")]);
    let id = answer["links"][0]["id"].as_str().unwrap();
    let link = app.client().get(&format!("/v1/links/{id}")).await.expect_status(200).json();
    assert_eq!(
        (&link["tags"], &link["utm"]["source"], &link["max_clicks"]),
        (&json!(["x", "y"]), &json!("mail"), &json!(5))
    );
    app.finish().await;
}

#[tokio::test]
async fn bodies_that_are_no_rows_are_refused_whole() {
    let app = TestApp::start().await;
    for (media_type, body, pointer) in [
        ("application/json", "{}", ""),
        ("application/json", "[{]", ""),
        ("application/json", "[]", ""),
        ("application/x-ndjson", "\n\n", ""),
        ("text/csv", "", "/url"),
        ("text/csv", "link\nhttps://a.example/\n", "/link"),
    ] {
        let refused = problem(&send(&app, media_type, body).await, 400, "invalid_request");
        assert!(pointers(&refused).contains(&pointer.to_owned()), "{body}: {refused}");
    }
    let many = "{}\n".repeat(10_001);
    let refused = problem(&send(&app, "application/x-ndjson", many).await, 400, "invalid_request");
    assert_eq!(refused["errors"][0]["code"], "too_many");
    problem(&send(&app, "text/plain", "x").await, 415, "unsupported_media_type");
    problem(&send(&app, "text/csv", vec![b'a'; 17 * 1024 * 1024]).await, 413, "payload_too_large");
    assert_eq!(app.books().rows("links"), 0);
    app.finish().await;
}

#[tokio::test]
async fn a_repeated_call_makes_each_link_once() {
    let app = TestApp::start().await;
    let body = "url\nhttps://a.example/\nnowhere\n";
    let call = |body: &'static str| {
        app.client().post_raw("/v1/links/bulk", "text/csv", body).header("idempotency-key", "bulk-1")
    };
    let first = call(body).await.expect_status(200).json();
    let again = call(body).await.expect_status(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let mut told = first.clone();
    told["links"] = json!([]);
    assert_eq!(again.json(), told, "counts and faults are kept, links are told once");
    problem(&call("url\nhttps://b.example/\n").await, 422, "idempotency_key_reused");
    assert_eq!(app.books().rows("links"), 1);
    app.finish().await;
}
