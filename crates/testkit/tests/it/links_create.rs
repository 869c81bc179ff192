//! `POST /v1/links` and `PUT /v1/links/by-external-id/…`: what a link may be, and what is refused with which pointer.

use futures_util::future::join_all;
use hopline_testkit::{TestApp, TestResponse};
use http::Method;
use serde_json::{Value, json};

use crate::{
    problem_document::{pointers, problem},
    redaction::redacted,
    short_links::{make, path_of},
};

async fn post(app: &TestApp, body: &Value) -> TestResponse {
    app.client().post_json("/v1/links", body).await
}

async fn put(app: &TestApp, external_id: &str, body: &Value) -> TestResponse {
    let path = format!("/v1/links/by-external-id/{external_id}");
    app.client().request(Method::PUT, &path).json(body).await
}

#[tokio::test]
async fn a_made_link_is_shown_whole() {
    let app = TestApp::start().await;
    let body = json!({"url": "HTTPS://Dest.example/a b", "slug": "Sale/Summer", "tags": ["News", "news"], "password": "sesame"});
    let made = post(&app, &body).await.expect_status(201);
    let link = made.json();
    assert!(made.header("location").unwrap().ends_with(&path_of(&link)));
    let host = app.base_url().replace("http://", "");
    assert_eq!(
        redacted(&app, &link),
        json!({
            "id": "[lnk]", "domain": host, "slug": "Sale/Summer", "short_url": "http://hopline/Sale/Summer",
            "url": "https://dest.example/a%20b", "title": null, "tags": ["News"], "status": "active", "blocked_reason": null,
            "starts_at": null, "expires_at": null, "expired_url": null, "max_clicks": null, "limit_url": null,
            "has_password": true, "redirect_status": 302, "cache_max_age_s": null, "forward_query": true,
            "forward_path": false, "rules": [],
            "utm": {"source": null, "medium": null, "campaign": null, "term": null, "content": null},
            "external_id": null, "note": null, "og": {"title": null, "description": null, "image": null}, "qr": null,
            "watch": null, "health": {"status": "unknown", "reason": null, "checked_at": null, "final_url": null},
            "created_at": "2026-06-05T12:00:00.000Z", "updated_at": "2026-06-05T12:00:00.000Z", "created_by": "[key]",
            "clicks": 0, "last_clicked_at": null,
        })
    );
    let read = app.client().get(&path_of(&link)).await.expect_status(200);
    assert_eq!((read.json(), read.header("etag")), (link.clone(), made.header("etag")));
    for slug in ["Sale/Summer", "Sale%2FSummer"] {
        let path = format!("/v1/links/by-slug/{host}/{slug}");
        assert_eq!(app.client().get(&path).await.expect_status(200).json(), link);
    }
    problem(&app.client().get(&format!("/v1/links/by-slug/{host}/sale/summer")).await, 404, "not_found");
    let stored: String =
        app.database("hopline.db").query_row("select password from links", [], |row| row.get(0)).unwrap();
    assert!(stored.starts_with("$argon2id$") && !stored.contains("sesame"), "{stored}");
    app.finish().await;
}

#[tokio::test]
async fn random_slugs_are_short_and_cannot_be_misread() {
    let app = TestApp::start().await;
    for _ in 0..20 {
        let link = post(&app, &json!({"url": "https://dest.example/"})).await.expect_status(201).json();
        let slug = link["slug"].as_str().unwrap();
        assert!(slug.len() == 7 && !slug.contains(['0', 'O', 'o', '1', 'l', 'I']), "{slug}");
    }
    app.finish().await;
}

#[tokio::test]
async fn every_bad_member_is_told_with_its_place() {
    let app = TestApp::builder()
        .settings(|settings| settings.links.blocked_hosts.push("bad.example".to_owned()))
        .start()
        .await;
    let own = format!("{}/x", app.base_url());
    let rule = |when: Value| json!([{"when": when, "url": "https://a.example/"}]);
    for (member, value, pointer, code) in [
        ("url", json!("ftp://a.example/"), "/url", "scheme"),
        ("url", json!(own), "/url", "own_domain"),
        ("url", json!(format!("https://a.example/{}", "x".repeat(2_048))), "/url", "too_long"),
        ("url", json!("https://sub.bad.example/"), "/url", "blocked_host"),
        ("url", json!("https://me@a.example/"), "/url", "userinfo"),
        ("url", json!(null), "/url", "type"),
        ("slug", json!("-a"), "/slug", "bad_slug"),
        ("slug", json!("a/b/c/d/e/f"), "/slug", "bad_slug"),
        ("slug", json!("v1/x"), "/slug", "reserved_slug"),
        ("slug", json!("_x"), "/slug", "bad_slug"),
        ("slug", json!("sh1t"), "/slug", "offensive_slug"),
        ("domain", json!("go.nobody.example"), "/domain", "domain_unknown"),
        ("expires_at", json!("2026-06-05T11:59:59Z"), "/expires_at", "in_the_past"),
        ("expires_at", json!("tomorrow"), "/expires_at", "malformed"),
        ("rules", rule(json!({"country": ["ZZ"]})), "/rules/0/when/country/0", "invalid_value"),
        ("rules", rule(json!({"cidr": ["10.0.0.0/33"]})), "/rules/0/when/cidr/0", "invalid_value"),
        ("rules", json!([{"when": {"device": ["mobile"]}}]), "/rules/0/url", "required"),
        ("max_clicks", json!(0), "/max_clicks", "out_of_range"),
        ("redirect_status", json!(303), "/redirect_status", "unknown_word"),
        ("status", json!("blocked"), "/status", "unknown_word"),
        ("tags", json!(["a", ""]), "/tags/1", "malformed"),
        ("watch", json!({"interval_s": 60}), "/watch/interval_s", "out_of_range"),
        ("og", json!({"image": "nowhere"}), "/og/image", "not_a_url"),
        ("clicks", json!(5), "/clicks", "unknown"),
        ("external_id", json!("a b"), "/external_id", "invalid_value"),
    ] {
        let mut body = json!({"url": "https://dest.example/"});
        body[member] = value.clone();
        let before = app.books();
        let refused = problem(&post(&app, &body).await, 400, "invalid_request");
        let faults = refused["errors"].as_array().unwrap();
        let told = |fault: &Value| fault["pointer"] == pointer && fault["code"] == code;
        assert!(faults.iter().any(told), "{member} = {value}: {refused}");
        assert_eq!(app.books(), before, "{member} = {value}");
    }
    app.finish().await;
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let app = TestApp::start().await;
    let body = json!({
        "slug": "a b", "starts_at": "2026-07-02T00:00:00Z", "expires_at": "2026-07-01T00:00:00Z",
        "rules": [{"when": {"percent": 101}, "url": "x"}], "surprise": 1,
    });
    let refused = problem(&post(&app, &body).await, 400, "invalid_request");
    let expected = ["/expires_at", "/rules/0/url", "/rules/0/when/percent", "/slug", "/surprise", "/url"];
    assert_eq!(pointers(&refused), expected);
    app.finish().await;
}

#[tokio::test]
async fn a_slug_is_taken_once_and_stays_the_workspaces() {
    let app = TestApp::start().await;
    let first = make(&app, "sale", json!({})).await;
    let taken =
        problem(&post(&app, &json!({"url": "https://dest.example/", "slug": "sale"})).await, 409, "conflict");
    assert_eq!((&taken["reason"], pointers(&taken)), (&json!("slug_taken"), vec!["/slug".to_owned()]));
    app.client().delete(&path_of(&first)).await.expect_status(204);
    problem(&app.client().get(&path_of(&first)).await, 404, "not_found");
    let again = make(&app, "sale", json!({})).await;
    assert_ne!(again["id"], first["id"]);
    app.finish().await;
}

#[tokio::test]
async fn a_repeated_request_makes_one_link() {
    let app = TestApp::start().await;
    let body = json!({"url": "https://dest.example/"});
    let send = || app.client().post_json("/v1/links", &body).header("idempotency-key", "once");
    let first = send().await.expect_status(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = send().await.expect_status(201);
    assert_eq!((again.json(), again.header("idempotent-replayed")), (first.json(), Some("true")));
    let other = app.client().post_json("/v1/links", &json!({"url": "https://other.example/"}));
    problem(&other.header("idempotency-key", "once").await, 422, "idempotency_key_reused");
    app.client().delete(&path_of(&first.json())).await.expect_status(204);
    assert_eq!(send().await.expect_status(201).json(), json!({"id": first.json()["id"], "deleted": true}));
    app.finish().await;
}

#[tokio::test]
async fn an_external_id_names_one_link() {
    let app = TestApp::start().await;
    let made = put(&app, "crm-7", &json!({"url": "https://a.example/", "title": "A", "slug": "a"})).await;
    let link = made.expect_status(201).json();
    assert_eq!((&link["external_id"], &link["slug"]), (&json!("crm-7"), &json!("a")));
    let replaced = put(&app, "crm-7", &json!({"url": "https://b.example/"})).await.expect_status(200).json();
    assert_eq!(
        (&replaced["id"], &replaced["slug"]),
        (&link["id"], &link["slug"]),
        "the link and its slug stay"
    );
    assert_eq!((&replaced["url"], &replaced["title"]), (&json!("https://b.example/"), &Value::Null));
    let other = put(&app, "crm-7", &json!({"url": "https://b.example/", "external_id": "crm-8"})).await;
    assert_eq!(pointers(&problem(&other, 400, "invalid_request")), ["/external_id"]);
    let second = json!({"url": "https://c.example/", "external_id": "crm-7"});
    let taken = problem(&post(&app, &second).await, 409, "conflict");
    assert_eq!(taken["reason"], "external_id_taken");
    let found = app.client().get("/v1/links?external_id=crm-7").await.expect_status(200).json();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn upserts_at_once_make_one_link() {
    let app = TestApp::start().await;
    let calls = (0..12).map(|number| {
        let app = &app;
        async move { put(app, "crm-1", &json!({"url": format!("https://a.example/{number}")})).await }
    });
    let answers = join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((made, answers.iter().filter(|answer| answer.status == 200).count()), (1, 11));
    assert_eq!(app.books().rows("links"), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_plan_counts_links_and_saved_designs() {
    use hopline_domain::plan::{Plan, PlanLimits};

    let limits = PlanLimits { links: Some(2), qr_codes: Some(1), ..PlanLimits::default() };
    let app = TestApp::builder().plan(Plan { limits, ..Plan::default() }).start().await;
    let design = json!({"foreground": "#000000"});
    make(&app, "one", json!({"qr": design})).await;
    let second = json!({"url": "https://dest.example/", "qr": design});
    let refused = problem(&post(&app, &second).await, 403, "plan_limit");
    assert_eq!(
        (&refused["limit"], &refused["used"], &refused["plan"]),
        (&json!(1), &json!(1), &json!("unlimited"))
    );
    make(&app, "two", json!({})).await;
    let third = problem(&post(&app, &json!({"url": "https://dest.example/"})).await, 403, "plan_limit");
    assert_eq!((&third["limit"], &third["used"]), (&json!(2), &json!(2)));
    app.finish().await;
}
