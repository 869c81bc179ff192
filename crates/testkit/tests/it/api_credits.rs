//! `/v1/credits…`: the ledger, what moves it, and grants by the operator.

use hopline_domain::{
    plan::{Plan, PlanLimits},
    time::Timestamp,
};
use hopline_testkit::TestApp;
use serde_json::{Value, json};

use crate::{
    problem_document::{pointers, problem},
    redaction::redacted,
    resolving::{GRANTED, ended, ledger, line, queued_link},
};

#[tokio::test]
async fn credits_are_reserved_then_settled_or_released() {
    let app = TestApp::start().await;
    let granted = line("grant", GRANTED);
    assert_eq!(ledger(&app).await, std::slice::from_ref(&granted));

    queued_link(&app, &app.farm.url("/final")).await;
    assert_eq!(ledger(&app).await, [granted.clone(), line("reserve", -1)]);
    assert_eq!(app.balance().await, GRANTED - 1);
    app.run_until_idle().await;
    assert_eq!(ledger(&app).await, [granted.clone(), line("reserve", -1), line("settle", 0)]);
    assert_eq!(app.balance().await, GRANTED - 1);

    ended(&app, json!({"url": app.farm.url("/status/500")})).await;
    let lines = ledger(&app).await;
    assert_eq!(lines[3..], [line("reserve", -1), line("release", 1)]);
    assert_eq!(app.balance().await, GRANTED - 1);
    assert_eq!(lines.iter().map(|(_, amount)| amount).sum::<i64>(), GRANTED - 1);
    app.finish().await;
}

#[tokio::test]
async fn the_price_is_that_of_the_submitted_links_provider() {
    let app = TestApp::start().await;
    let premium = app.link("adf.ly", "/final");
    for (body, price, provider, tier) in [
        (json!({"url": premium}), 2, "adfly", "premium"),
        (json!({"url": premium, "browser": "never"}), 1, "adfly", "premium"),
        (json!({"url": app.link("bit.ly", "/final")}), 1, "bitly", "standard"),
        (json!({"url": app.farm.url(&format!("/to?url={premium}"))}), 1, "generic", "standard"),
    ] {
        let done = ended(&app, body.clone()).await;
        let told = (&done["credits_charged"], &done["provider"], &done["tier"]);
        assert_eq!(told, (&json!(price), &json!(provider), &json!(tier)), "{body}");
    }
    assert_eq!(app.balance().await, GRANTED - 5);
    app.finish().await;
}

#[tokio::test]
async fn a_ledger_line_says_what_it_was_for() {
    let app = TestApp::start().await;
    let done = ended(&app, json!({"url": app.farm.url("/final")})).await;
    let page = app.client().get("/v1/credits?limit=2").await.expect_status(200).json();
    assert!(page["next_cursor"].is_string(), "{page}");
    let settled = &page["data"][0];
    for (member, expected) in
        [("kind", json!("settle")), ("amount", json!(0)), ("job_id", done["job_id"].clone())]
    {
        assert_eq!(settled[member], expected, "{settled}");
    }
    assert_eq!(settled["created_at"], "2026-06-05T12:00:00.000Z");
    app.finish().await;
}

#[tokio::test]
async fn the_operator_grants_credits_and_nobody_else() {
    let app = TestApp::start().await;
    let workspace = app.client().get("/v1/account").await.json()["workspace_id"].clone();
    let grant = json!({"workspace_id": workspace, "amount": 25, "note": "voucher 7"});
    let path = "/v1/credits/grants";
    let made =
        app.client().post_json(path, &grant).header("idempotency-key", "g1").await.expect_status(201).json();
    let told = |member: &str| made[member].clone();
    assert_eq!(
        [told("kind"), told("amount"), told("pool"), told("note")],
        [json!("grant"), json!(25), json!("pack"), json!("voucher 7")],
        "{}",
        redacted(&app, &made)
    );
    assert_eq!(app.balance().await, GRANTED + 25);
    let again = app.client().post_json(path, &grant).header("idempotency-key", "g1").await.expect_status(201);
    assert_eq!((again.header("idempotent-replayed"), again.json()["id"].clone()), (Some("true"), told("id")));
    assert_eq!(app.balance().await, GRANTED + 25);

    let star = app.make_key(json!({"name": "all", "scopes": ["*"]})).await;
    problem(&app.client_with(&star.api_key).post_json(path, &grant).await, 403, "forbidden_scope");
    app.client_with(&star.api_key).get("/v1/credits").await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn a_grant_is_positive_and_goes_to_a_workspace_there_is() {
    let app = TestApp::start().await;
    let workspace = app.client().get("/v1/account").await.json()["workspace_id"].clone();
    let before = app.books();
    for (body, faults) in [
        (json!({"workspace_id": workspace, "amount": 0}), vec!["/amount"]),
        (json!({"workspace_id": workspace, "amount": -5}), vec!["/amount"]),
        (json!({"workspace_id": workspace, "amount": "5"}), vec!["/amount"]),
        (json!({"workspace_id": workspace, "amount": 5, "note": 1, "for": "fun"}), vec!["/for", "/note"]),
    ] {
        let refused =
            problem(&app.client().post_json("/v1/credits/grants", &body).await, 400, "invalid_request");
        assert_eq!(pointers(&refused), faults, "{refused}");
    }
    let nowhere = json!({"workspace_id": "ws_00000000000070008000000000000000", "amount": 5});
    problem(&app.client().post_json("/v1/credits/grants", &nowhere).await, 404, "not_found");
    assert_eq!(app.books(), before);
    app.finish().await;
}

#[tokio::test]
async fn a_plans_credits_are_used_first_and_turn_with_the_month() {
    let limits = PlanLimits { credits_per_month: Some(3), ..PlanLimits::default() };
    let plan = Plan { features: ["webhooks".to_owned()].into(), limits };
    let app = TestApp::builder().plan(plan).start().await;
    app.run_until_idle().await;
    let start = app.balance().await;
    for path in ["/a", "/b"] {
        ended(&app, json!({"url": app.farm.url(path)})).await;
    }
    let pools = |page: &Value| -> Vec<Value> {
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| json!([line["kind"], line["pool"], line["amount"]]))
            .collect()
    };
    let page = app.client().get("/v1/credits?limit=2").await.json();
    assert_eq!(pools(&page)[1], json!(["reserve", "plan", -1]), "{page}");
    // Credits that were in use when the month turned stay used.
    app.clock.set(Timestamp::parse("2026-07-01T00:00:00.000Z").unwrap());
    app.run_until_idle().await;
    let page = app.client().get("/v1/credits?limit=2").await.json();
    assert_eq!(pools(&page), [json!(["grant", "plan", 3]), json!(["expire", "plan", -1])], "{page}");
    assert_eq!(app.balance().await, start - 2 - 1 + 3);
    app.run_until_idle().await;
    assert_eq!(app.balance().await, start - 2 - 1 + 3, "a month turns once");
    app.finish().await;
}
