//! Short links as visitors meet them: where they lead, what their answers say, and when there is none.

use http::Method;
use serde_json::json;

use crate::short_links::{
    PERSON, PHONE, PREVIEW_BOT, change, clicks, location, location_of, make, path_of, visit,
};
use hopline_testkit::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_says_what_it_must_and_no_more() {
    let app = TestApp::start().await;
    make(&app, "plain", json!({"url": "https://dest.example/a?b=c#d"})).await;
    let answer = visit(&app, "/plain").await.expect_status(302);
    assert_eq!(location_of(&answer), "https://dest.example/a?b=c#d");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("strict-origin-when-cross-origin"));
    for absent in ["x-request-id", "ratelimit", "ratelimit-policy", "set-cookie"] {
        assert_eq!(answer.header(absent), None, "{absent}");
    }
    assert!(answer.body.is_empty());
    let asked = visit(&app, "/plain").header("X-Request-Id", "mine-1").await.expect_status(302);
    assert_eq!(asked.header("x-request-id"), Some("mine-1"));
    for status in [301, 302, 307, 308] {
        let slug = format!("s{status}");
        make(&app, &slug, json!({"redirect_status": status, "cache_max_age_s": 60})).await;
        let answer = visit(&app, &format!("/{slug}")).await.expect_status(status);
        assert_eq!(answer.header("cache-control"), Some("private, max-age=60"));
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_people_are_counted() {
    let app = TestApp::start().await;
    let link = make(&app, "who", json!({"cache_max_age_s": 60})).await;
    let client = app.anonymous();
    let head = client.request(Method::HEAD, "/who").header("User-Agent", PERSON).await.expect_status(302);
    assert_eq!(location_of(&head), "https://dest.example/");
    let prefetch = visit(&app, "/who").header("Sec-Purpose", "prefetch;prerender").await.expect_status(302);
    // Else the person who follows would be served by the browser alone.
    assert_eq!(prefetch.header("cache-control"), Some("private, no-store"));
    for agent in [PREVIEW_BOT, "curl/8.5.0", "Googlebot/2.1 (+http://www.google.com/bot.html)"] {
        client.get("/who").header("User-Agent", agent).await.expect_status(302);
    }
    client.get("/who").await.expect_status(302);
    assert_eq!(clicks(&app, &link).await, 0);
    visit(&app, "/who").await.expect_status(302);
    assert_eq!(clicks(&app, &link).await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_do_not_redirect_say_why_by_their_status() {
    let app = TestApp::start().await;
    visit(&app, "/never-made").await.expect_status(404);
    for status in ["draft", "disabled"] {
        make(&app, status, json!({"status": status})).await;
        visit(&app, &format!("/{status}")).await.expect_status(404);
    }
    let archived = make(&app, "kept", json!({})).await;
    change(&app, &archived, json!({"status": "archived"})).await;
    visit(&app, "/kept").await.expect_status(302);
    let blocked = make(&app, "bad", json!({})).await;
    change(&app, &blocked, json!({"status": "blocked", "blocked_reason": "phishing"})).await;
    visit(&app, "/bad").await.expect_status(451);
    change(&app, &blocked, json!({"blocked_reason": null})).await;
    visit(&app, "/bad").await.expect_status(302);
    let deleted = make(&app, "gone", json!({})).await;
    app.client().delete(&path_of(&deleted)).await.expect_status(204);
    visit(&app, "/gone").await.expect_status(410);
    let fallen = make(&app, "fallen", json!({"expired_url": "https://later.example/"})).await;
    app.client().delete(&path_of(&fallen)).await.expect_status(204);
    assert_eq!(location(&app, "/fallen").await, "https://later.example/");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_begin_and_end_by_the_clock() {
    let app = TestApp::start().await;
    let at = |seconds: i64| {
        use hopline_domain::time::Clock;
        json!(app.clock.now().plus_ms(seconds * 1_000))
    };
    make(&app, "window", json!({"starts_at": at(60), "expires_at": at(120)})).await;
    make(&app, "sale", json!({"expires_at": at(120), "expired_url": "https://over.example/"})).await;
    visit(&app, "/window").await.expect_status(404);
    app.clock.advance_ms(60_000);
    visit(&app, "/window").await.expect_status(302);
    app.clock.advance_ms(60_000);
    visit(&app, "/window").await.expect_status(410);
    let over = visit(&app, "/sale").await.expect_status(302);
    assert_eq!(location_of(&over), "https://over.example/");
    assert_eq!(over.header("cache-control"), Some("private, no-store"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_seen_by_the_next_visit() {
    let app = TestApp::start().await;
    visit(&app, "/later").await.expect_status(404);
    let link = make(&app, "later", json!({})).await;
    assert_eq!(location(&app, "/later").await, "https://dest.example/");
    change(&app, &link, json!({"url": "https://other.example/"})).await;
    assert_eq!(location(&app, "/later").await, "https://other.example/");
    visit(&app, "/later-still").await.expect_status(404);
    change(&app, &link, json!({"slug": "later-still"})).await;
    assert_eq!(location(&app, "/later-still").await, "https://other.example/");
    assert_ne!(visit(&app, "/later").await.status, 302);
    visit(&app, "/bulk-1").await.expect_status(404);
    let rows = json!([{"slug": "bulk-1", "url": "https://dest.example/1"}]);
    app.client().post_json("/v1/links/bulk", &rows).await.expect_status(200);
    assert_eq!(location(&app, "/bulk-1").await, "https://dest.example/1");
    visit(&app, "/ext").await.expect_status(404);
    let named = json!({"slug": "ext", "url": "https://dest.example/ext"});
    app.client().request(Method::PUT, "/v1/links/by-external-id/crm-7").json(&named).await.expect_status(201);
    assert_eq!(location(&app, "/ext").await, "https://dest.example/ext");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn query_and_path_are_handed_on_as_the_link_says() {
    let app = TestApp::start().await;
    make(
        &app,
        "on",
        json!({"url": "https://dest.example/?a=1", "forward_query": true, "utm": {"source": "mail"}}),
    )
    .await;
    assert_eq!(location(&app, "/on?b=2&src=qr").await, "https://dest.example/?a=1&utm_source=mail&b=2");
    assert_eq!(location(&app, "/on?a=9").await, "https://dest.example/?utm_source=mail&a=9");
    make(&app, "off", json!({"forward_query": false})).await;
    assert_eq!(location(&app, "/off?b=2").await, "https://dest.example/");
    make(&app, "docs2", json!({"url": "https://dest.example/base", "forward_path": true})).await;
    assert_eq!(location(&app, "/docs2/x/y.html?z=1").await, "https://dest.example/base/x/y.html?z=1");
    assert_eq!(location(&app, "/docs2").await, "https://dest.example/base");
    // The exact slug wins over the prefix, and other paths go on as before.
    make(&app, "docs2/x", json!({"url": "https://exact.example/"})).await;
    assert_eq!(location(&app, "/docs2/x").await, "https://exact.example/");
    assert_eq!(location(&app, "/docs2/x/y.html").await, "https://dest.example/base/x/y.html");
    visit(&app, "/docs2/../admin").await.expect_status(404);
    visit(&app, "/docs2/%2e%2e/admin").await.expect_status(404);
    visit(&app, "/off/x").await.expect_status(404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_rule_that_holds_wins() {
    let app = TestApp::start().await;
    let rules = json!([
        {"when": {"query": {"promo": "x"}}, "url": "https://promo.example/"},
        {"when": {"device": ["mobile"]}, "url": "https://phone.example/"},
        {"when": {"language": ["de"]}, "url": "https://deutsch.example/"},
        {"when": {"percent": 100}, "url": "https://everybody.example/"},
    ]);
    make(&app, "ruled", json!({"rules": rules})).await;
    let to = async |path: &str, agent: &str, language: &str| {
        let visit = app.anonymous().get(path).header("User-Agent", agent).header("Accept-Language", language);
        location_of(&visit.await.expect_status(302))
    };
    assert_eq!(to("/ruled?promo=x", PHONE, "de").await, "https://promo.example/?promo=x");
    assert_eq!(to("/ruled", PHONE, "de").await, "https://phone.example/");
    assert_eq!(to("/ruled", PERSON, "de-AT,de;q=0.9,en;q=0.5").await, "https://deutsch.example/");
    assert_eq!(to("/ruled", PERSON, "en").await, "https://everybody.example/");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_show_where_a_link_leads_and_count_nothing() {
    let app = TestApp::start().await;
    let link = make(&app, "look", json!({"title": "<Sale>", "url": "https://dest.example/?a=1&b=2"})).await;
    let page = visit(&app, "/look+").await.expect_status(200);
    assert!(page.text().contains("https://dest.example/?a=1&amp;b=2"), "{}", page.text());
    assert!(page.text().contains("&lt;Sale&gt;"));
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    visit(&app, "/never+").await.expect_status(404);
    let og = json!({"og": {"title": "A card", "image": "https://img.example/i.png"}});
    let carded = make(&app, "card", og).await;
    let card = app.anonymous().get("/card").header("User-Agent", PREVIEW_BOT).await.expect_status(200);
    assert!(card.text().contains("<meta property=\"og:title\" content=\"A card\">"), "{}", card.text());
    assert_eq!(location(&app, "/card").await, "https://dest.example/");
    assert_eq!((clicks(&app, &link).await, clicks(&app, &carded).await), (0, 1));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_refused_and_the_api_stays_the_apis() {
    let app = TestApp::start().await;
    make(&app, "plain", json!({})).await;
    for method in [Method::PUT, Method::DELETE, Method::POST, Method::OPTIONS] {
        let refused = app.anonymous().request(method, "/plain").await.expect_status(405);
        assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    }
    for path in ["/v1/nothing", "/v1", "/api", "/app/x", "/assets/x", "/_x", "/.well-known/acme"] {
        let problem = visit(&app, path).await.expect_status(404);
        assert_eq!(problem.json()["code"], "not_found", "{path}");
    }
    assert!(visit(&app, "/robots.txt").await.expect_status(200).text().starts_with("User-agent: *"));
    visit(&app, "/favicon.ico").await.expect_status(204);
    assert!(visit(&app, "/").await.expect_status(200).text().contains("Hopline"));
    app.finish().await;
}

/// The store is gone for a while: what is known goes on, what is not is not guessed.
#[tokio::test(flavor = "multi_thread")]
async fn known_links_outlive_the_store() {
    let app = TestApp::start().await;
    let link = make(&app, "known", json!({})).await;
    make(&app, "unknown", json!({})).await;
    location(&app, "/known").await;
    let database = app.database("hopline.db");
    let rename = |from: &str, to: &str| {
        database
            .execute_batch(&format!("alter table {from} rename to {to}"))
            .expect("a table can be renamed");
    };
    rename("links", "links_away");
    // Older than what is kept without asking.
    app.clock.advance_ms(600_000);
    for _ in 0..3 {
        assert_eq!(location(&app, "/known").await, "https://dest.example/");
        app.clock.advance_ms(10_000);
    }
    let refused = visit(&app, "/unknown").await.expect_status(503);
    assert!(refused.header("retry-after").is_some());
    rename("links_away", "links");
    app.clock.advance_ms(10_000);
    location(&app, "/unknown").await;
    assert_eq!(clicks(&app, &link).await, 4);
    drop(database);
    app.finish().await;
}
