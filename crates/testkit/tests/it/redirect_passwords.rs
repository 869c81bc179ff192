//! Links with a password: the page, the tries, the cookie.

use serde_json::json;

use crate::short_links::{PERSON, change, clicks, location_of, make, visit};
use hopline_testkit::{TestApp, TestRequest, TestResponse};

const FORM: &str = "application/x-www-form-urlencoded";

fn say(app: &TestApp, path: &str, password: &str) -> TestRequest {
    app.anonymous().post_raw(path, FORM, format!("password={password}")).header("User-Agent", PERSON)
}

fn cookie(answer: &TestResponse) -> String {
    let set = answer.header("set-cookie").expect("a cookie is set");
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Max-Age=3600"),
        "{set}"
    );
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_opens_the_link_for_an_hour() {
    let app = TestApp::start().await;
    let link =
        make(&app, "locked", json!({"password": "open sesame", "url": "https://secret.example/"})).await;
    let page = visit(&app, "/locked").await.expect_status(200);
    assert!(page.text().contains("type=\"password\"") && !page.text().contains("secret.example"));
    assert!(!visit(&app, "/locked+").await.expect_status(200).text().contains("secret.example"));
    say(&app, "/locked", "wrong").await.expect_status(403);
    say(&app, "/locked", "").await.expect_status(400);
    let opened = say(&app, "/locked?a=b", "open+sesame").await.expect_status(303);
    assert_eq!(location_of(&opened), "./locked?a=b");
    let cookie = cookie(&opened);
    let with_cookie = || visit(&app, "/locked").header("Cookie", &format!("x=y; {cookie}"));
    assert_eq!(location_of(&with_cookie().await.expect_status(302)), "https://secret.example/");
    assert_eq!(clicks(&app, &link).await, 1);
    app.clock.advance_ms(3_600_000);
    with_cookie().await.expect_status(200);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_opens_its_link_and_password_only() {
    let app = TestApp::start().await;
    let link = make(&app, "one", json!({"password": "first"})).await;
    make(&app, "two", json!({"password": "first"})).await;
    let cookie = cookie(&say(&app, "/one", "first").await.expect_status(303));
    let (_, value) = cookie.split_once('=').unwrap();
    let two = app.client().get("/v1/links/by-slug/127.0.0.1/two").await;
    // Under the other link's name it is worth nothing.
    let other =
        if two.status == 200 { two.json()["id"].as_str().unwrap().to_owned() } else { "lnk_x".to_owned() };
    visit(&app, "/two").header("Cookie", &format!("hopline_{other}={value}")).await.expect_status(200);
    visit(&app, "/one").header("Cookie", &cookie).await.expect_status(302);
    change(&app, &link, json!({"password": "second"})).await;
    visit(&app, "/one").header("Cookie", &cookie).await.expect_status(200);
    change(&app, &link, json!({"password": null})).await;
    visit(&app, "/one").await.expect_status(302);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_tries_a_minute() {
    let app = TestApp::start().await;
    make(&app, "guess", json!({"password": "right"})).await;
    for _ in 0..5 {
        say(&app, "/guess", "wrong").await.expect_status(403);
    }
    let refused = say(&app, "/guess", "right").await.expect_status(429);
    assert_eq!(refused.header("retry-after"), Some("60"));
    app.clock.advance_ms(60_000);
    say(&app, "/guess", "right").await.expect_status(303);
    app.finish().await;
}
