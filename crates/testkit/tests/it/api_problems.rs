//! Bad input: each is refused by one document of the catalogue, with pointers, and leaves no trace.

use hopline_domain::{limits::BODY_BYTES_MAX, problem::ProblemCode, time::HOUR_MS};
use hopline_testkit::{TestApp, TestRequest, TestResponse};
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use crate::{
    problem_document::{pointers, problem},
    redaction::redacted,
};

/// Refused, and nothing is stored or charged.
pub(crate) async fn refused(
    app: &TestApp,
    request: TestRequest,
    status: u16,
    code: &str,
) -> (Value, TestResponse) {
    let before = app.books();
    let answer = request.await;
    let document = problem(&answer, status, code);
    assert_eq!(app.books(), before, "a refusal left a trace: {document}");
    let page = document["type"].as_str().expect("a problem has a type").to_owned();
    let path = page.strip_prefix(&app.base_url()).unwrap_or_else(|| panic!("{page} is not this server's"));
    app.anonymous().get(path).await.expect_status(200);
    (document, answer)
}

pub(crate) async fn resolve_refused(app: &TestApp, body: &Value, status: u16, code: &str) -> Value {
    refused(app, app.client().post_json("/v1/resolve", body), status, code).await.0
}

fn long_url(bytes: usize) -> String {
    format!("https://example.com/{}", "x".repeat(bytes - "https://example.com/".len()))
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_with_its_pointer() {
    let app = TestApp::start().await;
    for url in [
        json!(""),
        json!(7),
        json!(null),
        json!(["https://example.com/"]),
        json!(long_url(2_049)),
        json!("https://user@example.com/"),
        json!("https://user:secret@example.com/"),
    ] {
        let document = resolve_refused(&app, &json!({"url": url}), 400, "invalid_request").await;
        assert_eq!(pointers(&document), ["/url"], "{document}");
        assert!(!document.to_string().contains("secret"), "{document}");
    }
    let missing = resolve_refused(&app, &json!({}), 400, "invalid_request").await;
    assert_eq!(pointers(&missing), ["/url"]);
    app.client().post_json("/v1/resolve", &json!({"url": long_url(2_048)})).await.expect_status(202);
    app.finish().await;
}

#[tokio::test]
async fn what_is_no_web_link_is_unsupported() {
    let app = TestApp::start().await;
    for url in [
        "not a url",
        "example.com/path",
        "ftp://example.com/",
        "javascript:alert(1)",
        "mailto:a@b.example",
        "http://",
    ] {
        resolve_refused(&app, &json!({"url": url}), 422, "unsupported_link").await;
    }
    app.finish().await;
}

#[tokio::test]
async fn forbidden_addresses_are_refused_in_every_spelling() {
    let app = TestApp::start().await;
    for url in [
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://172.31.255.255/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://169.254.169.254/latest/meta-data/",
        "http://167772161/",
        "http://0xa.0.0.1/",
        "http://012.0.0.1/",
        "http://10.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://[::1]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:a00:1::]/",
        "http://１０.0.0.1/",
    ] {
        resolve_refused(&app, &json!({"url": url}), 422, "unsupported_link").await;
    }
    app.finish().await;
}

#[tokio::test]
async fn without_allowed_nets_special_names_and_loopback_are_refused_too() {
    let app = TestApp::builder().without_allowed_nets().start().await;
    for url in [
        "http://127.0.0.1:8080/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://a.localhost/",
        "http://db.internal/",
        "http://printer.local/",
        "http://metadata.google.internal/",
    ] {
        resolve_refused(&app, &json!({"url": url}), 422, "unsupported_link").await;
    }
    for webhook_url in
        ["http://example.com/", "https://localhost/", "https://10.0.0.1/", "https://example.com:25/"]
    {
        let body = json!({"url": "https://example.com/", "webhook_url": webhook_url});
        let document = resolve_refused(&app, &body, 400, "invalid_request").await;
        assert_eq!(pointers(&document), ["/webhook_url"], "{webhook_url}: {document}");
    }
    app.finish().await;
}

#[tokio::test]
async fn fields_that_break_the_grammar_are_named() {
    let app = TestApp::start().await;
    let url = app.farm.url("/final");
    for (field, value, pointer) in [
        ("colour", json!("red"), "/colour"),
        ("a/b~c", json!(1), "/a~1b~0c"),
        ("idempotency_key", json!(""), "/idempotency_key"),
        ("idempotency_key", json!("x".repeat(129)), "/idempotency_key"),
        ("idempotency_key", json!("two words"), "/idempotency_key"),
        ("idempotency_key", json!(5), "/idempotency_key"),
        ("webhook_url", json!("not a url"), "/webhook_url"),
        ("webhook_url", json!("ftp://example.com/"), "/webhook_url"),
        ("webhook_url", json!("https://u:p@example.com/"), "/webhook_url"),
        ("webhook_url", json!("http://10.0.0.1/"), "/webhook_url"),
        ("webhook_url", json!(long_url(2_049)), "/webhook_url"),
        ("max_age_s", json!(-1), "/max_age_s"),
        ("max_age_s", json!(1.5), "/max_age_s"),
        ("max_age_s", json!("60"), "/max_age_s"),
        ("expected_domain", json!(true), "/expected_domain"),
        ("browser", json!("maybe"), "/browser"),
        ("runner", json!("moon"), "/runner"),
        ("screenshot", json!("yes"), "/screenshot"),
        ("profile", json!("mobile"), "/profile"),
        ("profile", json!({"form_factor": "watch"}), "/profile/form_factor"),
        ("profile", json!({"headers": {"Cookie": "a=b"}}), "/profile/headers/Cookie"),
        ("profile", json!({"headers": {"X-A": "a\r\nb: c"}}), "/profile/headers/X-A"),
        ("profile", json!({"egress": "http://10.0.0.1:3128"}), "/profile/egress"),
        ("profile", json!({"shoe_size": 42}), "/profile/shoe_size"),
    ] {
        let mut body = json!({"url": url});
        body[field] = value.clone();
        let document = resolve_refused(&app, &body, 400, "invalid_request").await;
        assert_eq!(pointers(&document), [pointer], "{field} = {value}: {document}");
    }
    app.finish().await;
}

#[tokio::test]
async fn every_fault_is_told_at_once() {
    let app = TestApp::start().await;
    let body = json!({"url": 1, "max_age_s": "x", "browser": "maybe", "colour": 1, "profile": {"referer": 5, "size": 1}});
    let document = resolve_refused(&app, &body, 400, "invalid_request").await;
    assert_eq!(
        pointers(&document),
        ["/browser", "/colour", "/max_age_s", "/profile/referer", "/profile/size", "/url"]
    );
    app.finish().await;
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let app = TestApp::start().await;
    for body in [
        &b""[..],
        b"{",
        b"[]",
        b"\"x\"",
        b"null",
        b"{}{}",
        b"{\"url\": \"\xff\"}",
        b"url=https://example.com/",
    ] {
        let request = app.client().post_raw("/v1/resolve", "application/json", body.to_vec());
        refused(&app, request, 400, "invalid_request").await;
    }
    app.finish().await;
}

#[tokio::test]
async fn the_media_type_is_json_and_uncoded() {
    let app = TestApp::start().await;
    let body = json!({"url": app.farm.url("/final")}).to_string();
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
    {
        let request = app.client().post_raw("/v1/resolve", content_type, body.clone());
        let (document, _) = refused(&app, request, 415, "invalid_request").await;
        assert_eq!(document["reason"], "unsupported_media_type");
    }
    let coded = app
        .client()
        .post_raw("/v1/resolve", "application/json", body.clone())
        .header("content-encoding", "gzip");
    assert_eq!(refused(&app, coded, 415, "invalid_request").await.0["reason"], "unsupported_media_type");
    let keys = app.client().post_raw("/v1/keys", "text/plain", "{}");
    refused(&app, keys, 415, "unsupported_media_type").await;

    let spelled = app.client().post_raw("/v1/resolve", "Application/JSON; charset=utf-8", body);
    spelled.await.expect_status(202);
    app.finish().await;
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_too_large() {
    let app = TestApp::start().await;
    let body = |bytes: usize| {
        let bare = json!({"url": "https://example.com/", "x": ""}).to_string().len();
        json!({"url": "https://example.com/", "x": "x".repeat(bytes - bare)}).to_string()
    };
    let post = |bytes: usize| app.client().post_raw("/v1/resolve", "application/json", body(bytes));
    for bytes in [BODY_BYTES_MAX + 1, 2 * BODY_BYTES_MAX] {
        let (document, _) = refused(&app, post(bytes), 413, "invalid_request").await;
        assert_eq!(document["reason"], "payload_too_large");
    }
    // One of just the right size is read, and refused for what it says.
    refused(&app, post(BODY_BYTES_MAX), 400, "invalid_request").await;
    let keys = app.client().post_raw("/v1/keys", "application/json", body(2 * BODY_BYTES_MAX));
    refused(&app, keys, 413, "payload_too_large").await;
    app.finish().await;
}

#[tokio::test]
async fn a_key_that_is_not_ours_is_invalid() {
    let app = TestApp::start().await;
    let mut mistyped = app.key.clone();
    let last = if mistyped.pop() == Some('x') { 'y' } else { 'x' };
    mistyped.push(last);
    let unknown = "sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX";
    for key in [mistyped.as_str(), unknown, "", "sk_live_", "sk_test_1", &format!("{} x", app.key)] {
        let request = app.client_with(key).post_json("/v1/resolve", &json!({"url": app.farm.url("/final")}));
        let (document, _) = refused(&app, request, 401, "invalid_key").await;
        assert_eq!(document.get("reason"), None, "{key}");
    }
    let body = json!({"url": app.farm.url("/final")});
    refused(&app, app.anonymous().post_json("/v1/resolve", &body), 401, "invalid_key").await;
    let basic = app.anonymous().post_json("/v1/resolve", &body).header("authorization", "Basic dTpw");
    refused(&app, basic, 401, "invalid_key").await;
    let twice =
        app.client().post_json("/v1/resolve", &body).header("authorization", &format!("Bearer {}", app.key));
    refused(&app, twice, 401, "invalid_key").await;
    let in_query = app.anonymous().post_json(&format!("/v1/resolve?api_key={}", app.key), &body);
    refused(&app, in_query, 401, "invalid_key").await;
    app.finish().await;
}

#[tokio::test]
async fn a_key_that_was_ours_is_told_why_it_is_refused() {
    let app = TestApp::start().await;
    let make = |name: &str| json!({"name": name, "scopes": ["resolve"]});
    let disabled = app.make_key(make("disabled")).await;
    app.client()
        .patch(&format!("/v1/keys/{}", disabled.id), &json!({"status": "disabled"}))
        .await
        .expect_status(200);
    let revoked = app.make_key(make("revoked")).await;
    app.client().delete(&format!("/v1/keys/{}", revoked.id)).await;
    let mut expiring = make("expired");
    expiring["expires_at"] = json!("2026-06-05T13:00:00.000Z");
    let expired = app.make_key(expiring).await;
    app.client_with(&expired.api_key).get("/v1/account").await.expect_status(200);
    app.clock.advance_ms(HOUR_MS);
    for (key, reason) in [(disabled, "disabled"), (revoked, "revoked"), (expired, "expired")] {
        for path in ["/v1/account", "/v1/jobs"] {
            let request = app.client_with(&key.api_key).get(path);
            let (document, _) = refused(&app, request, 401, "invalid_key").await;
            assert_eq!(document["reason"], reason);
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_key_without_the_scope_is_refused_whatever_the_body() {
    let app = TestApp::start().await;
    let reader = app.make_key(json!({"name": "reader", "scopes": ["tasks:read"]})).await;
    let request =
        app.client_with(&reader.api_key).post_json("/v1/resolve", &json!({"url": app.farm.url("/final")}));
    let (document, _) = refused(&app, request, 403, "forbidden_scope").await;
    assert!(document["detail"].as_str().unwrap().contains("resolve"), "{document}");
    let broken = app.client_with(&reader.api_key).post_raw("/v1/resolve", "application/json", "{");
    refused(&app, broken, 403, "forbidden_scope").await;
    app.client_with(&reader.api_key).get("/v1/account").await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn ids_that_lead_nowhere_are_not_found() {
    let app = TestApp::start().await;
    for id in ["00000000-0000-7000-8000-000000000000", "abc", "a%2Fb%20c%3Fd", "%00", "", &"x".repeat(500)] {
        refused(&app, app.client().get(&format!("/v1/jobs/{id}")), 404, "not_found").await;
    }
    for path in [
        "/v1/keys/key_00000000000070008000000000000000",
        "/v1/keys/abc",
        "/v1/deliveries/dlv_00000000000070008000000000000000",
        "/v1/deliveries/abc",
        "/v1/jobs/abc/evidence",
    ] {
        refused(&app, app.client().get(path), 404, "not_found").await;
    }
    refused(&app, app.client().patch("/v1/keys/abc", &json!({"name": "x"})), 404, "not_found").await;
    refused(&app, app.client().delete("/v1/keys/abc"), 404, "not_found").await;
    refused(&app, app.client().post_json("/v1/keys/abc/rotate", &json!({})), 404, "not_found").await;
    app.finish().await;
}

#[tokio::test]
async fn routes_and_methods_that_do_not_exist_answer_problems() {
    let app = TestApp::start().await;
    for path in ["/v1/nothing", "/v1/", "/v1", "/v1/resolve/", "/v1/resolve/x", "/v1//resolve", "/metrics"] {
        refused(&app, app.client().get(path), 404, "not_found").await;
    }
    let allow = |answer: &TestResponse| {
        let mut methods: Vec<String> = answer
            .header("allow")
            .unwrap_or_default()
            .split(',')
            .map(|method| method.trim().to_owned())
            .collect();
        methods.sort();
        methods
    };
    let (document, answer) = refused(&app, app.client().delete("/v1/resolve"), 405, "invalid_request").await;
    assert_eq!(
        (&document["reason"], allow(&answer)),
        (&json!("method_not_allowed"), vec!["POST".to_owned()])
    );
    let (_, answer) = refused(&app, app.client().delete("/v1/keys"), 405, "method_not_allowed").await;
    assert_eq!(allow(&answer), ["GET", "HEAD", "POST"]);
    app.finish().await;
}

#[tokio::test]
async fn an_idempotency_key_is_for_one_request() {
    let app = TestApp::start().await;
    let post = |path: &str| {
        let body = json!({"url": app.farm.url(path), "idempotency_key": "once"});
        app.client().post_json("/v1/resolve", &body)
    };
    post("/a").await.expect_status(202);
    let (document, _) = refused(&app, post("/b"), 422, "invalid_request").await;
    assert_eq!(document["reason"], "idempotency_key_reused");

    let make = |name: &str| {
        let body = json!({"name": name, "scopes": ["resolve"]});
        app.client().post_json("/v1/keys", &body).header("idempotency-key", "keys-once")
    };
    make("a").await.expect_status(201);
    refused(&app, make("b"), 422, "idempotency_key_reused").await;
    app.finish().await;
}

#[tokio::test]
async fn list_questions_have_bounds() {
    let app = TestApp::start().await;
    for path in ["/v1/jobs", "/v1/keys", "/v1/deliveries", "/v1/credits"] {
        for (query, pointer) in [
            ("limit=0", "?limit"),
            ("limit=101", "?limit"),
            ("limit=x", "?limit"),
            ("cursor=nonsense", "?cursor"),
        ] {
            let request = app.client().get(&format!("{path}?{query}"));
            let (document, _) = refused(&app, request, 400, "invalid_request").await;
            assert_eq!(pointers(&document), [pointer], "{path}?{query}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_problem_document_reads_like_this() {
    let app = TestApp::start().await;
    let body = json!({"url": 1, "colour": "red"});
    let faulty = resolve_refused(&app, &body, 400, "invalid_request").await;
    insta::assert_json_snapshot!(redacted(&app, &faulty), @r#"
    {
      "type": "http://hopline/docs/problems/invalid_request",
      "title": "Invalid request",
      "status": 400,
      "code": "invalid_request",
      "detail": "the request has 2 faults, see `errors`",
      "request_id": "[req]",
      "errors": [
        {
          "pointer": "/url",
          "code": "type",
          "detail": "give a string"
        },
        {
          "pointer": "/colour",
          "code": "unknown",
          "detail": "there is no such member here"
        }
      ]
    }
    "#);
    let unsupported =
        resolve_refused(&app, &json!({"url": "http://10.0.0.1/"}), 422, "unsupported_link").await;
    insta::assert_json_snapshot!(redacted(&app, &unsupported), @r#"
    {
      "type": "http://hopline/docs/problems/unsupported_link",
      "title": "Unsupported link",
      "status": 422,
      "code": "unsupported_link",
      "detail": "10.0.0.1 is a private address",
      "request_id": "[req]",
      "reason": "literal_address"
    }
    "#);
    app.set_balance(0);
    let broke = resolve_refused(&app, &json!({"url": app.farm.url("/a")}), 402, "out_of_credits").await;
    insta::assert_json_snapshot!(redacted(&app, &broke), @r#"
    {
      "type": "http://hopline/docs/problems/out_of_credits",
      "title": "Out of credits",
      "status": 402,
      "code": "out_of_credits",
      "detail": "this costs 1, and 0 is left",
      "request_id": "[req]",
      "balance": 0
    }
    "#);
    app.finish().await;
}

#[tokio::test]
async fn every_problem_has_its_page() {
    let app = TestApp::start().await;
    for code in ProblemCode::iter() {
        let page = app.anonymous().get(&format!("/docs/problems/{}", code.as_str())).await.expect_status(200);
        assert!(
            page.text().contains(code.title()) && page.text().contains(code.as_str()),
            "{}",
            code.as_str()
        );
    }
    app.anonymous().get("/docs/problems/no_such_code").await.expect_status(404);
    app.finish().await;
}

#[tokio::test]
async fn no_value_of_any_field_breaks_the_server() {
    let app = TestApp::start().await;
    let nested = (0..200).fold(json!({}), |inner, _| json!({"x": inner}));
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}\u{202e}\u{1f980}"),
        json!("http://[::1"),
        json!("http://a.test:99999/"),
        json!("x".repeat(100_000)),
        json!([]),
        json!([[], {}]),
        json!({"": {"": ""}}),
        json!({"user_agent": "\r\n", "headers": {"": "\r\n", "Host": "x"}, "egress": {}}),
        nested,
    ];
    let calls = [
        (
            "/v1/resolve",
            json!({"url": "http://a.test/"}),
            &[
                "url",
                "webhook_url",
                "idempotency_key",
                "expected_domain",
                "max_age_s",
                "runner",
                "profile",
                "browser",
                "screenshot",
                "",
            ][..],
        ),
        (
            "/v1/keys",
            json!({"name": "made", "scopes": ["resolve"]}),
            &["name", "scopes", "expires_at", "allowed_ips", "limits", "signature_headers", "webhook_secret"],
        ),
        ("/v1/credits/grants", json!({"amount": 1}), &["workspace_id", "amount", "pool", "note"]),
    ];
    for (path, body, fields) in calls {
        for (field, value) in fields.iter().flat_map(|field| values.iter().map(move |value| (field, value))) {
            let mut body = body.clone();
            body[*field] = value.clone();
            let answer = app.client().post_json(path, &body).await;
            assert!(answer.status < 500, "{path} {field} {value}: {}", answer.text());
            if answer.status >= 400 {
                problem(&answer, answer.status, answer.json()["code"].as_str().unwrap());
            }
        }
    }
    app.finish().await;
}
