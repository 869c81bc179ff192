//! The document of the API is the API: same routes, same scopes, same problems.

use std::collections::{BTreeMap, BTreeSet};

use hopline_domain::{key::Scope, problem::ProblemCode};
use hopline_testkit::{HoplineProcess, TestApp};
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use crate::problem_document::problem;

/// Paths that answer without a key.
const KEYLESS: [&str; 2] = ["/v1/meta", "/v1/domains/allowed"];
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every route, and the scope it needs; an empty one is any key.
const ROUTES: [(&str, Option<&str>); 60] = [
    ("POST /v1/resolve", Some("resolve")),
    ("GET /v1/jobs", Some("")),
    ("GET /v1/jobs/{job_id}", Some("")),
    ("GET /v1/jobs/{job_id}/evidence", Some("")),
    ("GET /v1/jobs/{job_id}/screenshot", Some("")),
    ("GET /v1/account", Some("")),
    ("GET /v1/providers", Some("")),
    ("GET /v1/meta", None),
    ("GET /v1/keys", Some("keys:write")),
    ("POST /v1/keys", Some("keys:write")),
    ("GET /v1/keys/{key_id}", Some("keys:write")),
    ("PATCH /v1/keys/{key_id}", Some("keys:write")),
    ("DELETE /v1/keys/{key_id}", Some("keys:write")),
    ("POST /v1/keys/{key_id}/rotate", Some("keys:write")),
    ("GET /v1/keys/{key_id}/webhook-secret", Some("keys:write")),
    ("POST /v1/keys/{key_id}/webhook-secret/rotate", Some("keys:write")),
    ("GET /v1/deliveries", Some("webhooks:read")),
    ("GET /v1/deliveries/{delivery_id}", Some("webhooks:read")),
    ("POST /v1/deliveries/{delivery_id}/retry", Some("webhooks:write")),
    ("POST /v1/deliveries/{delivery_id}/cancel", Some("webhooks:write")),
    ("GET /v1/links", Some("links:read")),
    ("POST /v1/links", Some("links:create")),
    ("POST /v1/links/bulk", Some("links:create")),
    ("GET /v1/links/by-slug/{domain}/{slug}", Some("links:read")),
    ("PUT /v1/links/by-external-id/{external_id}", Some("links:create")),
    ("GET /v1/links/{link_id}", Some("links:read")),
    ("PATCH /v1/links/{link_id}", Some("links:write")),
    ("DELETE /v1/links/{link_id}", Some("links:write")),
    ("GET /v1/domains", Some("links:read")),
    ("POST /v1/domains", Some("links:write")),
    ("GET /v1/domains/allowed", None),
    ("GET /v1/domains/{domain_id}", Some("links:read")),
    ("PATCH /v1/domains/{domain_id}", Some("links:write")),
    ("DELETE /v1/domains/{domain_id}", Some("links:write")),
    ("POST /v1/domains/{domain_id}/verify", Some("links:write")),
    ("GET /v1/tags", Some("links:read")),
    ("POST /v1/tags", Some("links:write")),
    ("PATCH /v1/tags/{tag_id}", Some("links:write")),
    ("DELETE /v1/tags/{tag_id}", Some("links:write")),
    ("GET /v1/analytics", Some("analytics:read")),
    ("GET /v1/clicks", Some("analytics:read")),
    ("DELETE /v1/clicks", Some("links:write")),
    ("GET /v1/events", Some("webhooks:read")),
    ("GET /v1/events/stream", Some("webhooks:read")),
    ("GET /v1/events/{event_id}", Some("webhooks:read")),
    ("GET /v1/links/{link_id}/qr.png", Some("links:read")),
    ("GET /v1/links/{link_id}/qr.svg", Some("links:read")),
    ("GET /v1/links/{link_id}/qr.webp", Some("links:read")),
    ("GET /v1/replays/{replay_id}", Some("webhooks:read")),
    ("POST /v1/replays/{replay_id}/cancel", Some("webhooks:write")),
    ("GET /v1/webhooks", Some("webhooks:read")),
    ("POST /v1/webhooks", Some("webhooks:write")),
    ("GET /v1/webhooks/{webhook_id}", Some("webhooks:read")),
    ("DELETE /v1/webhooks/{webhook_id}", Some("webhooks:write")),
    ("PATCH /v1/webhooks/{webhook_id}", Some("webhooks:write")),
    ("POST /v1/webhooks/{webhook_id}/replay", Some("webhooks:write")),
    ("POST /v1/webhooks/{webhook_id}/test", Some("webhooks:write")),
    ("POST /v1/webhooks/{webhook_id}/webhook-secret/rotate", Some("webhooks:write")),
    ("GET /v1/credits", Some("workspace:read")),
    ("POST /v1/credits/grants", Some("operator")),
];

async fn document(app: &TestApp) -> Value {
    app.anonymous().get("/openapi.json").await.expect_status(200).json()
}

/// Method, path and operation of every call of the API.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("a document has paths");
    let of_path = |(path, item): (&String, &Value)| {
        let calls = item.as_object().expect("a path has operations").clone();
        let calls = calls.into_iter().filter(|(method, _)| METHODS.contains(&method.as_str()));
        calls.map(|(method, operation)| (method.to_uppercase(), path.clone(), operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// What a call needs: a scope, any key (an empty text), or nothing.
fn needed(operation: &Value) -> Option<String> {
    let security = operation.get("security").and_then(Value::as_array)?.first()?.as_object()?;
    let scopes = security.get("bearer")?.as_array()?;
    Some(scopes.first().and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// The path, asked so that its answer has an end: a stream with a parameter that it refuses.
fn ending(path: &str, operation: &Value) -> String {
    let is_stream = operation["responses"]["200"]["content"]["text/event-stream"].is_object();
    if is_stream { format!("{path}?after=nothing") } else { filled(path) }
}

/// The path with ids of nothing.
fn filled(path: &str) -> String {
    let mut parts = path.split('/').map(|part| match part {
        "{job_id}" => "00000000-0000-7000-8000-000000000000",
        "{key_id}" => "key_00000000000070008000000000000000",
        "{link_id}" => "lnk_00000000000070008000000000000000",
        "{domain_id}" => "dom_00000000000070008000000000000001",
        "{tag_id}" => "tag_00000000000070008000000000000000",
        "{domain}" => "a.example",
        "{slug}" | "{external_id}" => "a",
        "{webhook_id}" => "whe_00000000000070008000000000000000",
        "{replay_id}" => "rpl_00000000000070008000000000000000",
        "{event_id}" => "evt_00000000000070008000000000000000",
        "{delivery_id}" => "dlv_00000000000070008000000000000000",
        other => other,
    });
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| format!("{path}/{part}"))
}

#[tokio::test]
async fn the_served_document_is_the_printed_one() {
    let app = TestApp::start().await;
    let served = document(&app).await;
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"), "{}", served["openapi"]);
    let printed = HoplineProcess::new(["openapi"]).output().await.expect_code(0);
    let mut printed: Value = serde_json::from_str(&printed.stdout).unwrap();
    // Only the running server knows where it is.
    let mut served = served;
    for document in [&mut served, &mut printed] {
        document.as_object_mut().unwrap().remove("servers");
    }
    assert!(served == printed, "`hopline openapi` and /openapi.json differ");
    app.finish().await;
}

#[tokio::test]
async fn the_routes_are_the_contracts() {
    let app = TestApp::start().await;
    let documented: BTreeMap<String, Option<String>> = operations(&document(&app).await)
        .into_iter()
        .map(|(method, path, operation)| (format!("{method} {path}"), needed(&operation)))
        .collect();
    let expected = ROUTES.map(|(route, needs)| (route.to_owned(), needs.map(str::to_owned)));
    assert_eq!(documented, BTreeMap::from(expected));
    app.finish().await;
}

#[tokio::test]
async fn every_documented_route_answers_and_undocumented_methods_do_not() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let mut methods_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path, _) in operations(&document) {
        methods_of.entry(path).or_default().insert(method);
    }
    for (path, methods) in methods_of {
        for method in METHODS.map(str::to_uppercase) {
            let request = app.anonymous().request(method.parse().unwrap(), &filled(&path));
            let status = request.json(&json!({})).await.status;
            assert_eq!(status == 405, !methods.contains(&method), "{method} {path} answered {status}");
            assert!(
                status == 405 || status == 401 || KEYLESS.contains(&path.as_str()),
                "{method} {path} answered {status} without a key"
            );
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn every_route_refuses_every_key_without_its_scope() {
    let app = TestApp::start().await;
    let mut keys = Vec::new();
    for scope in Scope::iter() {
        let limits = json!({"creates_per_minute": null});
        let body = json!({"name": scope.as_str(), "scopes": [scope.as_str()], "limits": limits});
        keys.push((scope, app.make_key(body).await.api_key));
    }
    let before = app.books();
    let mut asked = 0;
    for (method, path, operation) in operations(&document(&app).await) {
        let Some(needed) = needed(&operation) else { continue };
        for (scope, key) in &keys {
            let is_enough = needed.is_empty()
                || needed == scope.as_str()
                || (needed == "links:create" && *scope == Scope::LinksWrite)
                || (*scope == Scope::All && needed != "operator");
            let request = app.client_with(key).request(method.parse().unwrap(), &ending(&path, &operation));
            let request = if method == "GET" { request } else { request.json(&json!({"nonsense": true})) };
            let answer = request.await;
            asked += 1;
            if is_enough {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{method} {path} with {scope:?}: {}",
                    answer.text()
                );
            } else {
                problem(&answer, 403, "forbidden_scope");
            }
        }
    }
    assert!(asked > 300, "{asked}");
    assert_eq!(app.books(), before, "no refused call leaves a trace");
    app.finish().await;
}

#[tokio::test]
async fn documented_problems_are_in_the_catalogue_and_every_route_names_its_own() {
    let app = TestApp::start().await;
    let known: BTreeSet<&str> = ProblemCode::iter().map(ProblemCode::as_str).collect();
    for (method, path, operation) in operations(&document(&app).await) {
        let responses = operation["responses"].as_object().unwrap();
        let refusals: Vec<&String> =
            responses.keys().filter(|status| status.starts_with(['4', '5'])).collect();
        let told = format!("{method} {path}: {refusals:?}");
        for status in &refusals {
            let content = responses[*status]["content"]
                .as_object()
                .unwrap_or_else(|| panic!("{told}: {status} has no body"));
            assert!(content.contains_key("application/problem+json"), "{told}");
        }
        let is_open = needed(&operation).is_none();
        assert!(is_open || responses.contains_key("401") && responses.contains_key("429"), "{told}");
        for code in operation.get("x-problems").and_then(Value::as_array).into_iter().flatten() {
            assert!(known.contains(code.as_str().unwrap()), "{told}: {code}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn operations_are_named_once_and_described() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no name"));
        assert!(names.insert(name.to_owned()), "{name} is there twice");
        assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{method} {path}");
    }
    app.finish().await;
}
