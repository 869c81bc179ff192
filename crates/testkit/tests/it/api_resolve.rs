//! `POST /v1/resolve` and the job it makes: shapes, waiting, caching, what a finished chain means.

use hopline_testkit::{Answer, ServedCertificate, TestApp, WebhookSink};
use serde_json::{Value, json};

use crate::{
    redaction::redacted,
    resolving::{GRANTED, ended, evidence, job, ledger, line, post, queued},
};

#[tokio::test]
async fn a_new_link_is_queued_and_says_where_to_poll() {
    let app = TestApp::start().await;
    let answer = post(&app, json!({"url": app.farm.url("/chain/2")})).await.expect_status(202);
    let body = answer.json();
    assert_eq!(
        redacted(&app, &body),
        json!({"job_id": "[uuid]", "status": "queued", "queue_position": 1, "poll_url": "/v1/jobs/[uuid]"})
    );
    let id = body["job_id"].as_str().unwrap();
    assert_eq!(body["poll_url"], format!("/v1/jobs/{id}"));
    assert_eq!(
        redacted(&app, &job(&app, id).await),
        json!({
            "job_id": "[uuid]", "status": "queued", "credits_charged": 0, "balance": GRANTED - 1,
            "url": "http://farm.test/chain/2",
        })
    );
    let second = post(&app, json!({"url": app.farm.url("/chain/3")})).await.json();
    assert_eq!(second["queue_position"], 2);
    app.finish().await;
}

#[tokio::test]
async fn a_done_job_tells_where_the_link_ends_and_nothing_that_does_not_apply() {
    let app = TestApp::start().await;
    let done = ended(&app, json!({"url": app.farm.url("/chain/2#part")})).await;
    assert_eq!(
        redacted(&app, &done),
        json!({
            "job_id": "[uuid]", "status": "done", "credits_charged": 1, "balance": GRANTED - 1,
            "target_url": "http://farm.test/chain/0#part", "provider": "generic", "tier": "standard",
            "url": "http://farm.test/chain/2#part", "hops_count": 3, "verdicts": done["verdicts"].clone(),
            "checked_at": "2026-06-05T12:00:00.000Z", "evidence_url": "/v1/jobs/[uuid]/evidence",
        })
    );
    app.finish().await;
}

#[tokio::test]
async fn a_failed_job_is_an_ordinary_answer_with_an_error() {
    let app = TestApp::start().await;
    let failed = ended(&app, json!({"url": app.farm.url("/status/500")})).await;
    assert_eq!(
        redacted(&app, &failed),
        json!({
            "job_id": "[uuid]", "status": "failed", "error": "resolve_failed", "reason": "http_status",
            "credits_charged": 0, "balance": GRANTED, "url": "http://farm.test/status/500", "hops_count": 1,
            "verdicts": failed["verdicts"].clone(), "checked_at": "2026-06-05T12:00:00.000Z",
            "evidence_url": "/v1/jobs/[uuid]/evidence",
        })
    );
    app.finish().await;
}

#[tokio::test]
async fn a_fresh_answer_is_served_from_the_cache_free_of_charge() {
    let app = TestApp::start().await;
    let url = app.farm.url("/chain/1");
    ended(&app, json!({"url": url})).await;
    let before = app.books();
    let cached = post(&app, json!({"url": url})).await.expect_status(200);
    assert_eq!(
        redacted(&app, &cached.json()),
        json!({
            "job_id": null, "status": "done", "url": "http://farm.test/chain/1", "target_url": "http://farm.test/chain/0",
            "provider": "generic", "tier": "standard", "credits_charged": 0, "cached": true, "balance": GRANTED - 1,
        })
    );
    assert_eq!(before, app.books(), "a cached answer makes nothing");
    assert_eq!(app.farm.hits("/chain/1"), 1);
    app.finish().await;
}

#[tokio::test]
async fn max_age_decides_what_is_fresh_enough() {
    let app = TestApp::start().await;
    let url = app.farm.url("/chain/1");
    ended(&app, json!({"url": url})).await;
    ended(&app, json!({"url": url, "max_age_s": 0})).await;
    assert_eq!(app.farm.hits("/chain/1"), 2);
    app.clock.advance_ms(100_000);
    post(&app, json!({"url": url, "max_age_s": 100})).await.expect_status(200);
    post(&app, json!({"url": url, "max_age_s": 99})).await.expect_status(202);
    app.finish().await;
}

#[tokio::test]
async fn the_default_age_is_an_hour_and_only_done_is_cached() {
    let app = TestApp::start().await;
    let (good, bad) = (app.farm.url("/chain/1"), app.farm.url("/status/500"));
    ended(&app, json!({"url": good})).await;
    ended(&app, json!({"url": bad})).await;
    post(&app, json!({"url": bad})).await.expect_status(202);
    app.clock.advance_ms(3_600_000);
    post(&app, json!({"url": good})).await.expect_status(200);
    app.clock.advance_ms(1);
    post(&app, json!({"url": good})).await.expect_status(202);
    app.finish().await;
}

#[tokio::test]
async fn the_cache_tells_profiles_browsers_and_fragments_apart() {
    let app = TestApp::start().await;
    let url = app.farm.url("/chain/1");
    ended(&app, json!({"url": url})).await;
    for other in [
        json!({"url": format!("{url}#x")}),
        json!({"url": url, "browser": "never"}),
        json!({"url": url, "profile": {"form_factor": "mobile"}}),
        json!({"url": url, "profile": {"accept_language": "de"}}),
    ] {
        post(&app, other).await.expect_status(202);
    }
    // The same URL in another spelling is the same URL.
    let spelled = url.replace("http://", "HTTP://").replace("/chain/1", "/x/../chain/1");
    post(&app, json!({"url": spelled})).await.expect_status(200);
    app.finish().await;
}

#[tokio::test]
async fn prefer_wait_holds_the_answer_until_the_job_ends() {
    let app = TestApp::builder().live_workers().start().await;
    let request = app.client().post_json("/v1/resolve", &json!({"url": app.farm.url("/chain/2")}));
    let answer = request.header("prefer", "respond-async, wait=300").await.expect_status(200);
    assert_eq!(answer.header("preference-applied"), Some("wait=30"));
    let body = answer.json();
    assert_eq!((&body["status"], &body["target_url"]), (&json!("done"), &json!(app.farm.url("/chain/0"))));
    assert_eq!(body, job(&app, body["job_id"].as_str().unwrap()).await);

    let failing = app.client().post_json("/v1/resolve", &json!({"url": app.farm.url("/status/500")}));
    let answer = failing.header("prefer", "wait=5").await.expect_status(200);
    assert_eq!(answer.header("preference-applied"), Some("wait=5"));
    assert_eq!(answer.json()["status"], "failed");
    app.finish().await;
}

#[tokio::test]
async fn prefer_wait_gives_up_in_time_and_answers_the_job_as_it_is() {
    let app = TestApp::start().await;
    let request = app.client().post_json("/v1/resolve", &json!({"url": app.farm.url("/chain/2")}));
    let body = request.header("prefer", "wait=1").await.expect_status(200).json();
    assert_eq!(body["status"], "queued");
    assert_eq!(body, job(&app, body["job_id"].as_str().unwrap()).await);
    app.finish().await;
}

#[tokio::test]
async fn the_same_body_again_is_the_same_job_while_it_is_unfinished() {
    let app = TestApp::start().await;
    let body = json!({"url": app.farm.url("/chain/1"), "max_age_s": 0});
    let first = queued(&app, body.clone()).await;
    assert_eq!(queued(&app, body.clone()).await, first);
    assert_ne!(queued(&app, json!({"max_age_s": 0, "url": app.farm.url("/chain/1")})).await, first);
    assert_eq!(ledger(&app).await, [line("grant", GRANTED), line("reserve", -1), line("reserve", -1)]);

    let other = app.make_key(json!({"name": "other", "scopes": ["resolve"]})).await;
    let theirs =
        app.client_with(&other.api_key).post_json("/v1/resolve", &body).await.expect_status(202).json();
    assert_ne!(theirs["job_id"], json!(first), "another family's job is its own");
    app.run_until_idle().await;
    assert_ne!(queued(&app, body).await, first);
    app.finish().await;
}

#[tokio::test]
async fn equal_links_share_one_execution_and_are_charged_each() {
    let app = TestApp::start().await;
    let url = app.farm.url("/chain/1");
    let mut ids = Vec::new();
    for attempt in 0..3 {
        ids.push(queued(&app, json!({"url": url, "idempotency_key": format!("k{attempt}")})).await);
    }
    app.run_until_idle().await;
    for id in &ids {
        assert_eq!(job(&app, id).await["credits_charged"], 1);
    }
    assert_eq!(app.farm.hits("/chain/1"), 1);
    assert_eq!(app.balance().await, GRANTED - 3);
    app.finish().await;
}

/// A link, how its job ends, and why.
type Row = (&'static str, String, &'static str, Option<&'static str>);

fn rows(app: &TestApp, refused: &str, untrusted: &str) -> Vec<Row> {
    let farm = |path: &str| app.farm.url(path);
    vec![
        ("a page", farm("/final"), "done", None),
        ("a download", farm("/attachment"), "done", None),
        ("an error page after a hop", farm("/to?url=/status/404"), "done", None),
        ("an error page at once", farm("/status/404"), "failed", Some("http_status")),
        ("a server error at once", farm("/status/503"), "failed", Some("http_status")),
        ("a listed provider's 404", app.link("bit.ly", "/status/404"), "failed", Some("link_removed")),
        ("a listed provider's 410", app.link("bit.ly", "/status/410"), "failed", Some("link_removed")),
        ("a listed provider's 403", app.link("bit.ly", "/status/403"), "failed", Some("http_status")),
        ("204", farm("/status/204"), "failed", Some("no_document")),
        ("205", farm("/status/205"), "failed", Some("no_document")),
        ("304 after a hop", farm("/to?url=/status/304"), "failed", Some("no_document")),
        ("nobody listens", refused.to_owned(), "failed", Some("connect")),
        ("a certificate nobody signed", untrusted.to_owned(), "failed", Some("tls")),
        ("a page that never comes", farm("/hang"), "failed", Some("timeout")),
        ("a loop", farm("/loop"), "failed", Some("loop")),
        ("twenty redirects", farm("/chain/20"), "failed", Some("too_many_hops")),
        ("two locations", farm("/two-locations"), "failed", Some("bad_location")),
        ("an endless page", farm("/endless"), "failed", Some("body_too_large")),
        ("no http", farm("/garbage"), "failed", Some("protocol")),
        ("a mail address", farm("/to?url=mailto:a@b.example"), "invalid", Some("unsupported_scheme")),
        ("a private address", farm("/to?url=http://10.0.0.1/"), "invalid", Some("forbidden_address")),
        ("metadata", farm("/to?url=http://169.254.169.254/"), "invalid", Some("forbidden_address")),
        ("a name inside", "http://inside.test/".to_owned(), "invalid", Some("forbidden_address")),
        ("one bad answer of two", "http://mixed.test/".to_owned(), "invalid", Some("forbidden_address")),
    ]
}

#[tokio::test]
async fn what_a_finished_chain_means_follows_the_table() {
    let app = TestApp::builder().settings(|settings| settings.budgets.hop_ms = 500).start().await;
    let untrusted = WebhookSink::start_tls_with(ServedCertificate::SelfSigned).await;
    let gone = WebhookSink::start().await;
    gone.stop().await;
    for (name, url, status, reason) in rows(&app, &gone.url("/"), &untrusted.url("/")) {
        let balance = app.balance().await;
        let ended = ended(&app, json!({"url": url})).await;
        let error = match status {
            "done" => None,
            "failed" => Some("resolve_failed"),
            _ => Some("unsupported_link"),
        };
        let word = |member: &str| ended.get(member).and_then(Value::as_str);
        assert_eq!(
            (word("status"), word("reason"), word("error")),
            (Some(status), reason, error),
            "{name}: {ended}"
        );
        let charged = i64::from(status == "done");
        assert_eq!(ended["credits_charged"], charged, "{name}");
        assert_eq!(ended.get("target_url").is_some(), status == "done", "{name}: {ended}");
        assert_eq!(app.balance().await, balance - charged, "{name}");
        let chain = evidence(&app, &ended).await.expect_status(200).json();
        assert_eq!((&chain["status"], &chain["reason"]), (&json!(status), &json!(reason)), "{name}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_name_without_an_address_fails_as_dns() {
    let app = TestApp::start().await;
    let failed = ended(&app, json!({"url": "http://no-such-name.invalid/"})).await;
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!("dns")), "{failed}");
    app.finish().await;
}

#[tokio::test]
async fn the_expected_domain_is_judged_and_charged() {
    let app = TestApp::start().await;
    let url = app.link("a.test", &format!("/to?url={}", app.link("b.test", "/final")));
    for (expected, value) in [("b.test", true), ("shop.b.test", true), ("c.test", false)] {
        let done = ended(&app, json!({"url": url, "expected_domain": expected, "max_age_s": 0})).await;
        assert_eq!(done["verdicts"]["expected_domain"]["value"], value, "{expected}: {done}");
        assert_eq!((&done["status"], &done["credits_charged"]), (&json!("done"), &json!(1)));
    }
    let unasked = ended(&app, json!({"url": url, "max_age_s": 0})).await;
    assert_ne!(unasked["verdicts"]["expected_domain"]["value"], json!(false));
    app.finish().await;
}

#[tokio::test]
async fn the_verdicts_of_a_job_are_those_of_its_chain() {
    let app = TestApp::start().await;
    let link = app.link("a.test", "/offer?gclid=1&sub=2&keep=3");
    app.farm.serve("/offer", Answer::redirect(302, app.link("b.test", "/shop?keep=3&awc=9")));
    let done = ended(&app, json!({"url": link})).await;
    let verdicts = &done["verdicts"];
    assert_eq!(verdicts, &evidence(&app, &done).await.json()["verdicts"]);
    let names: Vec<&str> = verdicts.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "expected_domain",
            "https_all_hops",
            "https_downgrade",
            "parallel_tracking_safe",
            "click_ids",
            "params_lost",
            "networks",
            "slow_hops",
            "hop_count",
            "drift"
        ]
    );
    for (name, value) in [
        ("expected_domain", Value::Null),
        ("https_all_hops", json!(false)),
        ("https_downgrade", json!(false)),
        ("parallel_tracking_safe", json!(false)),
        ("params_lost", json!(["gclid", "sub"])),
        ("networks", json!({"met": [], "several": false})),
        ("hop_count", json!(2)),
        ("drift", Value::Null),
    ] {
        assert_eq!(verdicts[name]["value"], value, "{name}: {verdicts}");
    }
    assert_eq!(
        verdicts["click_ids"]["value"],
        json!([
            {"id": "gclid", "added_at": 0, "survived": false, "lost_at": 1, "changed_at": []},
            {"id": "awc", "added_at": 1, "survived": true, "lost_at": null, "changed_at": []},
        ])
    );
    app.finish().await;
}

#[tokio::test]
async fn a_destination_that_moved_is_drift() {
    let app = TestApp::start().await;
    let ask = json!({"url": app.link("a.test", "/offer"), "max_age_s": 0});
    let to = |target: String| app.farm.serve("/offer", Answer::redirect(302, target));
    let drift = async || ended(&app, ask.clone()).await["verdicts"]["drift"]["value"].clone();
    to(app.link("b.test", "/shop?awc=1"));
    assert_eq!(drift().await, Value::Null, "nothing was known");
    app.clock.advance_ms(1);
    to(app.link("b.test", "/shop?awc=2"));
    assert_eq!(drift().await, json!([]), "click ids differ from click to click");
    app.clock.advance_ms(1);
    to(app.link("b.test", "/shop/new"));
    assert_eq!(drift().await, json!(["url"]));
    app.clock.advance_ms(1);
    to(app.link("c.test", "/shop/new"));
    assert_eq!(drift().await, json!(["domain", "url"]));
    app.clock.advance_ms(1);
    app.farm.serve("/offer", Answer::redirect(302, "/loop"));
    assert_eq!(drift().await, json!(["status"]));
    app.finish().await;
}

#[tokio::test]
async fn the_profile_arrives_at_the_link() {
    let app = TestApp::start().await;
    let profile = json!({
        "user_agent": "Probe/1", "accept_language": "de-CH", "referer": "https://ads.example/", "headers": {"X-Asked-By": "us"},
    });
    let done = ended(&app, json!({"url": app.farm.url("/final"), "profile": profile})).await;
    let arrived = app.farm.last_request("/final").unwrap();
    for (name, value) in [
        ("user-agent", "Probe/1"),
        ("accept-language", "de-CH"),
        ("referer", "https://ads.example/"),
        ("x-asked-by", "us"),
    ] {
        assert_eq!(arrived.header(name), Some(value), "{name}");
    }
    let chain = evidence(&app, &done).await.json();
    assert_eq!(chain["profile"]["user_agent"], "Probe/1");

    ended(&app, json!({"url": app.farm.url("/phone"), "profile": {"form_factor": "mobile"}})).await;
    assert!(app.farm.last_request("/phone").unwrap().header("user-agent").unwrap().contains("Mobile"));
    app.finish().await;
}
