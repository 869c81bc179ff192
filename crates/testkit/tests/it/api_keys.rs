//! `/v1/keys…`: making, changing, rotating and revoking keys, and who may do so.

use hopline_domain::{
    plan::{Plan, PlanLimits},
    time::{DAY_MS, HOUR_MS},
};
use hopline_testkit::{MadeKey, TestApp, TestResponse};
use serde_json::{Value, json};

use crate::{
    problem_document::{pointers, problem},
    redaction::redacted,
};

pub(crate) fn named(name: &str, scopes: &[&str]) -> Value {
    json!({"name": name, "scopes": scopes})
}

pub(crate) fn key_path(key: &MadeKey) -> String {
    format!("/v1/keys/{}", key.id)
}

async fn shown(app: &TestApp, key: &MadeKey) -> Value {
    app.client().get(&key_path(key)).await.expect_status(200).json()
}

/// Whether a key opens the door.
async fn account(app: &TestApp, api_key: &str) -> TestResponse {
    app.client_with(api_key).get("/v1/account").await
}

#[tokio::test]
async fn a_made_key_shows_its_secrets_once() {
    let app = TestApp::start().await;
    let made = app.client().post_json("/v1/keys", &named("CRM", &["resolve"])).await.expect_status(201);
    let body = made.json();
    let id = body["id"].as_str().unwrap();
    assert!(made.header("location").unwrap().ends_with(&format!("/v1/keys/{id}")));
    let api_key = body["api_key"].as_str().unwrap();
    assert_eq!(
        redacted(&app, &body),
        json!({
            "id": "[key]", "family_id": "[fam]", "name": "CRM", "display": format!("sk_live_…{}", &api_key[40..]),
            "scopes": ["resolve"], "status": "active", "expires_at": null, "allowed_ips": [],
            "limits": {"creates_per_minute": 60, "daily_quota": null}, "signature_headers": ["X-Hopline-Signature"],
            "created_by": "[key]", "created_at": "2026-06-05T12:00:00.000Z", "last_used_at": null, "last_used_ip": null,
            "api_key": "[sk_live]", "webhook_secret": "[whsec]",
        })
    );
    let mut public = body.clone();
    public.as_object_mut().unwrap().retain(|member, _| member != "api_key" && member != "webhook_secret");
    let read = app.client().get(&format!("/v1/keys/{id}")).await.expect_status(200);
    assert_eq!((read.json(), read.header("etag").is_some()), (public.clone(), true));
    let listed = app.client().get("/v1/keys?limit=1").await.expect_status(200).json();
    assert_eq!(listed["data"], json!([public]));
    app.finish().await;
}

#[tokio::test]
async fn keys_have_the_documented_form() {
    let app = TestApp::start().await;
    for key in [app.key.clone(), app.make_key(named("made", &["resolve"])).await.api_key] {
        assert!(hopline_signing::ApiKeySecret::parse(&key).is_ok(), "{key}");
        assert_eq!((key.len(), key.starts_with("sk_live_")), (44, true));
    }
    app.finish().await;
}

#[tokio::test]
async fn nobody_gives_a_scope_they_lack() {
    let app = TestApp::start().await;
    let maker = app.make_key(named("maker", &["keys:write", "resolve"])).await;
    let maker_client = app.client_with(&maker.api_key);
    maker_client.post_json("/v1/keys", &named("fine", &["resolve"])).await.expect_status(201);
    let before = app.books();
    for scopes in [&["resolve", "webhooks:read"][..], &["*"], &["operator"]] {
        let refused = maker_client.post_json("/v1/keys", &named("greedy", scopes)).await;
        problem(&refused, 403, "forbidden_scope");
    }
    let widened = maker_client.patch(&key_path(&maker), &json!({"scopes": ["*"]})).await;
    problem(&widened, 403, "forbidden_scope");

    let star = app.make_key(named("star", &["*"])).await;
    let operator = app.client_with(&star.api_key).post_json("/v1/keys", &named("op", &["operator"])).await;
    problem(&operator, 403, "forbidden_scope");
    assert_eq!(app.books().rows("keys"), before.rows("keys") + 1);
    app.make_key(named("operator", &["operator", "resolve"])).await;
    app.finish().await;
}

#[tokio::test]
async fn a_stronger_key_is_out_of_reach() {
    let app = TestApp::start().await;
    let weak = app.make_key(named("weak", &["keys:write"])).await;
    let strong = app.make_key(named("strong", &["keys:write", "webhooks:write"])).await;
    let client = app.client_with(&weak.api_key);
    let path = key_path(&strong);
    let rotate = |verb: &str| client.post_json(&format!("{path}/{verb}"), &json!({}));
    for answer in [
        client.patch(&path, &json!({"name": "mine"})).await,
        client.delete(&path).await,
        rotate("rotate").await,
        client.get(&format!("{path}/webhook-secret")).await,
        rotate("webhook-secret/rotate").await,
    ] {
        problem(&answer, 403, "forbidden_scope");
    }
    assert_eq!(shown(&app, &strong).await["name"], "strong");
    account(&app, &strong.api_key).await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn what_a_key_may_be_is_checked() {
    let app = TestApp::start().await;
    for (field, value, pointer) in [
        ("name", json!(""), "/name"),
        ("name", json!("x".repeat(101)), "/name"),
        ("name", json!(null), "/name"),
        ("scopes", json!([]), "/scopes"),
        ("scopes", json!(["resolve", "fly"]), "/scopes/1"),
        ("scopes", json!("resolve"), "/scopes"),
        ("expires_at", json!("tomorrow"), "/expires_at"),
        ("expires_at", json!("2026-06-05T12:00:00.000Z"), "/expires_at"),
        ("allowed_ips", json!(["10.0.0.0/8", "nowhere"]), "/allowed_ips/1"),
        ("limits", json!({"creates_per_minute": 0}), "/limits/creates_per_minute"),
        ("limits", json!({"daily_quota": -1, "x": 1}), "/limits/daily_quota"),
        ("signature_headers", json!(["Content-Type"]), "/signature_headers/0"),
        ("signature_headers", json!(["a b"]), "/signature_headers/0"),
        ("webhook_secret", json!("whsec_short"), "/webhook_secret"),
        ("webhook_secret", json!("secret"), "/webhook_secret"),
        ("status", json!("active"), "/status"),
        ("secret", json!("sk_live_x"), "/secret"),
    ] {
        let mut body = named("made", &["resolve"]);
        body[field] = value.clone();
        let before = app.books();
        let refused = problem(&app.client().post_json("/v1/keys", &body).await, 400, "invalid_request");
        assert!(pointers(&refused).contains(&pointer.to_owned()), "{field} = {value}: {refused}");
        assert_eq!(app.books(), before);
    }
    app.finish().await;
}

#[tokio::test]
async fn rotation_makes_a_successor_and_lets_the_old_key_live_on_for_a_while() {
    let app = TestApp::start().await;
    let old = app.make_key(named("made", &["resolve"])).await;
    let body = app
        .client()
        .post_json(&format!("{}/rotate", key_path(&old)), &json!({}))
        .await
        .expect_status(201)
        .json();
    let (was, api_key) = (shown(&app, &old).await, body["api_key"].as_str().unwrap().to_owned());
    assert_ne!((&body["id"], api_key.as_str()), (&was["id"], old.api_key.as_str()));
    for kept in ["family_id", "name", "scopes", "limits", "allowed_ips", "signature_headers"] {
        assert_eq!(body[kept], was[kept], "{kept}");
    }
    assert_eq!(was["expires_at"], "2026-06-06T12:00:00.000Z");
    app.clock.advance_ms(DAY_MS - 1);
    account(&app, &old.api_key).await.expect_status(200);
    app.clock.advance_ms(1);
    assert_eq!(problem(&account(&app, &old.api_key).await, 401, "invalid_key")["reason"], "expired");
    assert_eq!(shown(&app, &old).await["status"], "expired");
    account(&app, &api_key).await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn the_overlap_is_chosen_within_a_week() {
    let app = TestApp::start().await;
    let old = app.make_key(named("made", &["resolve"])).await;
    let rotate = |body: Value| app.client().post_json(&format!("{}/rotate", key_path(&old)), &body);
    for bad in [json!({"overlap_s": 604_801}), json!({"overlap_s": -1}), json!({"overlap_s": "1"})] {
        let refused = problem(&rotate(bad).await, 400, "invalid_request");
        assert_eq!(pointers(&refused), ["/overlap_s"]);
    }
    rotate(json!({"overlap_s": 0})).await.expect_status(201);
    assert_eq!(problem(&account(&app, &old.api_key).await, 401, "invalid_key")["reason"], "expired");

    let other = app.make_key(named("other", &["resolve"])).await;
    let week =
        app.client().post_json(&format!("{}/rotate", key_path(&other)), &json!({"overlap_s": 604_800}));
    week.await.expect_status(201);
    assert_eq!(shown(&app, &other).await["expires_at"], "2026-06-12T12:00:00.000Z");
    app.finish().await;
}

#[tokio::test]
async fn only_an_active_key_without_a_successor_is_rotated() {
    let app = TestApp::start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    let rotate = || app.client().post_json(&format!("{}/rotate", key_path(&key)), &json!({}));
    app.client().patch(&key_path(&key), &json!({"status": "disabled"})).await.expect_status(200);
    assert_eq!(problem(&rotate().await, 409, "conflict")["reason"], "disabled");
    app.client().patch(&key_path(&key), &json!({"status": "active"})).await.expect_status(200);
    rotate().await.expect_status(201);
    assert_eq!(problem(&rotate().await, 409, "conflict")["reason"], "rotated");
    app.clock.advance_ms(DAY_MS);
    assert_eq!(problem(&rotate().await, 409, "conflict")["reason"], "expired");
    app.client().delete(&key_path(&key)).await.expect_status(204);
    assert_eq!(problem(&rotate().await, 409, "conflict")["reason"], "revoked");
    app.finish().await;
}

#[tokio::test]
async fn rotation_never_lengthens_a_keys_life() {
    let app = TestApp::start().await;
    let mut body = named("short", &["resolve"]);
    body["expires_at"] = json!("2026-06-05T13:00:00.000Z");
    let old = app.make_key(body).await;
    app.client().post_json(&format!("{}/rotate", key_path(&old)), &json!({})).await.expect_status(201);
    assert_eq!(shown(&app, &old).await["expires_at"], "2026-06-05T13:00:00.000Z");
    app.finish().await;
}

#[tokio::test]
async fn revoking_is_final() {
    let app = TestApp::start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    app.client().delete(&key_path(&key)).await.expect_status(204);
    assert_eq!(problem(&account(&app, &key.api_key).await, 401, "invalid_key")["reason"], "revoked");
    assert_eq!(shown(&app, &key).await["status"], "revoked");
    let back = app.client().patch(&key_path(&key), &json!({"status": "active"})).await;
    problem(&back, 409, "conflict");
    let rotated = app.client().post_json(&format!("{}/rotate", key_path(&key)), &json!({})).await;
    problem(&rotated, 409, "conflict");
    app.client().delete(&key_path(&key)).await.expect_status(204);

    let other = app.make_key(named("other", &["resolve"])).await;
    app.client().patch(&key_path(&other), &json!({"status": "revoked"})).await.expect_status(200);
    assert_eq!(problem(&account(&app, &other.api_key).await, 401, "invalid_key")["reason"], "revoked");
    app.finish().await;
}

#[tokio::test]
async fn a_disabled_key_can_return() {
    let app = TestApp::start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    account(&app, &key.api_key).await.expect_status(200);
    let patch = |status: &str| app.client().patch(&key_path(&key), &json!({"status": status}));
    assert_eq!(patch("disabled").await.expect_status(200).json()["status"], "disabled");
    assert_eq!(problem(&account(&app, &key.api_key).await, 401, "invalid_key")["reason"], "disabled");
    assert_eq!(patch("active").await.expect_status(200).json()["status"], "active");
    account(&app, &key.api_key).await.expect_status(200);
    for bad in ["expired", "sleepy"] {
        assert_eq!(pointers(&problem(&patch(bad).await, 400, "invalid_request")), ["/status"]);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_key_is_used_from_its_addresses_only() {
    let app = TestApp::builder().trusted_proxy("127.0.0.1/32").start().await;
    let mut body = named("office", &["resolve"]);
    body["allowed_ips"] = json!(["198.51.100.0/24", "2001:db8::1"]);
    let key = app.make_key(body).await;
    let from =
        |address: &str| app.client_with(&key.api_key).get("/v1/account").header("x-forwarded-for", address);
    from("198.51.100.7").await.expect_status(200);
    from("2001:db8::1").await.expect_status(200);
    from("::ffff:198.51.100.8").await.expect_status(200);
    for elsewhere in ["203.0.113.9", "2001:db8::2", "198.51.100.7, 203.0.113.9"] {
        let refused = from(elsewhere).await;
        assert!(matches!(refused.status, 401 | 403), "{}", refused.text());
        problem(
            &refused,
            refused.status,
            if refused.status == 401 { "invalid_key" } else { "forbidden_scope" },
        );
    }
    app.client().patch(&key_path(&key), &json!({"allowed_ips": null})).await.expect_status(200);
    from("203.0.113.9").await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn expiry_is_set_moved_and_cleared() {
    let app = TestApp::start().await;
    let mut body = named("made", &["resolve"]);
    body["expires_at"] = json!("2026-06-05T14:00:00+01:00");
    let key = app.make_key(body).await;
    assert_eq!(shown(&app, &key).await["expires_at"], "2026-06-05T13:00:00.000Z");
    app.clock.advance_ms(HOUR_MS);
    assert_eq!(problem(&account(&app, &key.api_key).await, 401, "invalid_key")["reason"], "expired");
    app.client().patch(&key_path(&key), &json!({"expires_at": null})).await.expect_status(200);
    account(&app, &key.api_key).await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn a_merge_patch_changes_what_it_names_and_null_clears() {
    let app = TestApp::start().await;
    let mut body = named("made", &["resolve"]);
    body["limits"] = json!({"creates_per_minute": 5, "daily_quota": 9});
    let key = app.make_key(body).await;
    let patch = |body: Value| app.client().patch(&key_path(&key), &body);
    let changed =
        patch(json!({"limits": {"daily_quota": null}, "name": "renamed"})).await.expect_status(200).json();
    assert_eq!(changed["limits"], json!({"creates_per_minute": 5, "daily_quota": null}));
    assert_eq!((&changed["name"], &changed["scopes"]), (&json!("renamed"), &json!(["resolve"])));
    assert_eq!(patch(json!({})).await.expect_status(200).json(), changed, "nothing named, nothing changed");

    for (body, pointer) in [
        (json!({"name": null}), "/name"),
        (json!({"id": "key_x"}), "/id"),
        (json!({"scopes": []}), "/scopes"),
    ] {
        assert_eq!(pointers(&problem(&patch(body).await, 400, "invalid_request")), [pointer]);
    }
    let merge_type = app.client().request(http::Method::PATCH, &key_path(&key));
    let merge_type =
        merge_type.header("content-type", "application/merge-patch+json").body(r#"{"name":"again"}"#);
    assert_eq!(merge_type.await.expect_status(200).json()["name"], "again");
    app.finish().await;
}

#[tokio::test]
async fn if_match_guards_against_changes_in_between() {
    let app = TestApp::start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    let tag = |answer: &TestResponse| answer.header("etag").unwrap().to_owned();
    let read = tag(&app.client().get(&key_path(&key)).await);
    let patch = |name: &str, tag: &str| {
        app.client().patch(&key_path(&key), &json!({"name": name})).header("if-match", tag)
    };
    let changed = patch("one", &read).await.expect_status(200);
    assert_ne!(tag(&changed), read);
    problem(&patch("two", &read).await, 412, "precondition_failed");
    problem(&patch("two", "\"nonsense\"").await, 412, "precondition_failed");
    problem(
        &app.client().delete(&key_path(&key)).header("if-match", &read).await,
        412,
        "precondition_failed",
    );
    assert_eq!(shown(&app, &key).await["name"], "one");
    patch("three", "*").await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn keys_are_listed_newest_first_page_by_page() {
    let app = TestApp::start().await;
    for name in ["a", "b", "c"] {
        app.make_key(named(name, &["resolve"])).await;
    }
    let names = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = app.client().get("/v1/keys?limit=2").await.expect_status(200).json();
    assert_eq!(names(&first), ["c", "b"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    app.make_key(named("d", &["resolve"])).await;
    let last = app.client().get(&format!("/v1/keys?limit=2&cursor={cursor}")).await.expect_status(200).json();
    assert_eq!(
        (names(&last), &last["next_cursor"]),
        (vec!["a".to_owned(), "first key".to_owned()], &Value::Null)
    );
    app.finish().await;
}

#[tokio::test]
async fn when_and_from_where_a_key_was_used_is_kept() {
    let mut app = TestApp::builder().trusted_proxy("127.0.0.1/32").start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    app.clock.advance_ms(HOUR_MS);
    app.client_with(&key.api_key)
        .get("/v1/account")
        .header("x-forwarded-for", "198.51.100.7")
        .await
        .expect_status(200);
    // Uses are written now and then, and at the latest when the server stops.
    app.restart().await;
    let used = shown(&app, &key).await;
    assert_eq!(
        (&used["last_used_at"], &used["last_used_ip"]),
        (&json!("2026-06-05T13:00:00.000Z"), &json!("198.51.100.7"))
    );
    app.finish().await;
}

#[tokio::test]
async fn a_plan_bounds_the_keys_that_are_not_revoked() {
    let plan = Plan { limits: PlanLimits { keys: Some(2), ..PlanLimits::default() }, ..Plan::default() };
    let app = TestApp::builder().plan(plan).start().await;
    let second = app.make_key(named("second", &["resolve"])).await;
    let before = app.books();
    let refused =
        problem(&app.client().post_json("/v1/keys", &named("third", &["resolve"])).await, 403, "plan_limit");
    let told = |member: &str| refused[member].clone();
    assert_eq!([told("limit"), told("used"), told("plan")], [json!(2), json!(2), json!("unlimited")]);
    assert_eq!(app.books(), before);
    app.client().delete(&key_path(&second)).await.expect_status(204);
    app.make_key(named("third", &["resolve"])).await;
    app.finish().await;
}
