//! `PATCH` and `DELETE /v1/links/{link_id}`: merge patches, `If-Match`, publishing, archiving, blocking.

use hopline_domain::time::HOUR_MS;
use hopline_testkit::TestApp;
use serde_json::{Value, json};

use crate::{
    problem_document::{pointers, problem},
    short_links::{change, make, path_of},
};

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let app = TestApp::start().await;
    let more = json!({"title": "T", "note": "N", "tags": ["a", "b"], "og": {"title": "O", "description": "D"}, "password": "x"});
    let link = make(&app, "sale", more).await;
    let patch =
        json!({"note": null, "og": {"title": null, "image": "https://i.example/i.png"}, "tags": ["c"]});
    let after = change(&app, &link, patch).await;
    assert_eq!((&after["title"], &after["note"], &after["tags"]), (&json!("T"), &Value::Null, &json!(["c"])));
    let preview = json!({"title": null, "description": "D", "image": "https://i.example/i.png"});
    assert_eq!((&after["og"], &after["has_password"]), (&preview, &json!(true)));
    let open = change(&app, &link, json!({"password": null, "slug": "sale-2"})).await;
    assert_eq!((&open["has_password"], &open["slug"]), (&json!(false), &json!("sale-2")));
    for (patch, pointer) in [
        (json!({"url": null}), "/url"),
        (json!({"slug": null}), "/slug"),
        (json!({"sluggg": null}), "/sluggg"),
        (json!({"id": "x"}), "/id"),
        (json!({"domain": "a.example"}), "/domain"),
        (json!({"utm": {"sauce": null}}), "/utm/sauce"),
        (json!({"expires_at": "2020-01-01T00:00:00Z"}), "/expires_at"),
    ] {
        let refused = problem(&app.client().patch(&path_of(&link), &patch).await, 400, "invalid_request");
        assert!(pointers(&refused).contains(&pointer.to_owned()), "{patch}: {refused}");
    }
    assert_eq!(app.client().get(&path_of(&link)).await.json(), open, "refusals changed nothing");
    app.finish().await;
}

#[tokio::test]
async fn what_has_passed_meanwhile_may_stay() {
    let app = TestApp::start().await;
    let link = make(&app, "sale", json!({"expires_at": "2026-06-05T12:30:00Z"})).await;
    app.clock.advance_ms(HOUR_MS);
    let after = change(&app, &link, json!({"title": "over"})).await;
    assert_eq!((&after["title"], &after["expires_at"]), (&json!("over"), &link["expires_at"]));
    app.finish().await;
}

#[tokio::test]
async fn if_match_lets_only_the_first_change_pass() {
    let app = TestApp::start().await;
    let link = make(&app, "sale", json!({})).await;
    let path = path_of(&link);
    let read = app.client().get(&path).await.expect_status(200);
    let tag = read.header("etag").unwrap();
    let patch = |title: &str| app.client().patch(&path, &json!({"title": title})).header("if-match", tag);
    let changed = patch("one").await.expect_status(200);
    assert_ne!(changed.header("etag"), Some(tag));
    problem(&patch("two").await, 412, "precondition_failed");
    problem(&app.client().delete(&path).header("if-match", tag).await, 412, "precondition_failed");
    let upsert = app.client().request(http::Method::PUT, "/v1/links/by-external-id/none");
    let upsert = upsert.json(&json!({"url": "https://a.example/"})).header("if-match", tag);
    problem(&upsert.await, 412, "precondition_failed");
    app.client().delete(&path).header("if-match", changed.header("etag").unwrap()).await.expect_status(204);
    problem(&app.client().delete(&path).await, 404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn a_draft_is_published_and_an_archived_link_comes_back() {
    let app = TestApp::start().await;
    let link = make(&app, "sale", json!({"status": "draft"})).await;
    assert_eq!(link["status"], "draft");
    assert_eq!(change(&app, &link, json!({"status": "active"})).await["status"], "active");
    change(&app, &link, json!({"status": "archived"})).await;
    let listed = async |query: &str| {
        let page = app.client().get(&format!("/v1/links{query}")).await.expect_status(200).json();
        page["data"].as_array().unwrap().len()
    };
    assert_eq!((listed("").await, listed("?status=archived").await), (0, 1));
    change(&app, &link, json!({"status": "active"})).await;
    assert_eq!((listed("").await, listed("?status=archived").await), (1, 0));
    app.finish().await;
}

#[tokio::test]
async fn only_the_operator_blocks() {
    let app = TestApp::start().await;
    let link = make(&app, "sale", json!({})).await;
    let path = path_of(&link);
    let owner = app.make_key(json!({"name": "owner", "scopes": ["links:read", "links:write"]})).await;
    let owner = app.client_with(&owner.api_key);
    let block = json!({"status": "blocked", "blocked_reason": "phishing"});
    problem(&owner.patch(&path, &block).await, 403, "forbidden_scope");
    for wrong in [json!({"status": "blocked"}), json!({"blocked_reason": "x", "title": "y"})] {
        problem(&app.client().patch(&path, &wrong).await, 400, "invalid_request");
    }
    let blocked = change(&app, &link, block).await;
    assert_eq!((&blocked["status"], &blocked["blocked_reason"]), (&json!("blocked"), &json!("phishing")));
    let lifted = problem(&owner.patch(&path, &json!({"status": "disabled"})).await, 409, "conflict");
    assert_eq!(lifted["reason"], "blocked");
    let free = change(&app, &link, json!({"blocked_reason": null})).await;
    assert_eq!((&free["status"], &free["blocked_reason"]), (&json!("active"), &Value::Null));
    app.finish().await;
}

/// There is one workspace yet, so a link is given to a stranger by hand.
#[tokio::test]
async fn another_workspaces_link_is_not_found() {
    let app = TestApp::start().await;
    let link = make(&app, "sale", json!({})).await;
    app.database("hopline.db").execute("update links set workspace_id = randomblob(16)", []).unwrap();
    let (client, path) = (app.client(), path_of(&link));
    problem(&client.get(&path).await, 404, "not_found");
    problem(&client.patch(&path, &json!({"title": "mine"})).await, 404, "not_found");
    problem(&client.delete(&path).await, 404, "not_found");
    let host = link["domain"].as_str().unwrap();
    problem(&client.get(&format!("/v1/links/by-slug/{host}/sale")).await, 404, "not_found");
    assert_eq!(client.get("/v1/links").await.json()["data"], json!([]));
}

#[tokio::test]
async fn changes_are_told_to_subscribers_and_noted() {
    let app = TestApp::start().await;
    let link = make(&app, "sale", json!({})).await;
    change(&app, &link, json!({"title": "T"})).await;
    change(&app, &link, json!({"title": "T"})).await;
    app.client().delete(&path_of(&link)).await.expect_status(204);
    let events = app.client().get("/v1/events").await.expect_status(200).json();
    let names: Vec<&str> =
        events["data"].as_array().unwrap().iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(names, ["link.deleted", "link.updated", "link.created"], "a change of nothing is none");
    app.finish().await;
}
