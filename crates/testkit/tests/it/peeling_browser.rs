//! When a link is opened in a browser, and what becomes of its visit: the rules, with a browser that says what it is told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hopline_browser::{BrowserError, Visit, VisitEnd, VisitReport};
use hopline_domain::chain::{Chain, ChainStatus, Engine, Hop, HopKind};
use hopline_domain::job::BrowserUse;
use hopline_domain::outcome::Reason;
use hopline_peel::{LinkBrowser, PageRunner, PeelRequest, Peeled, Peeler, PeelerParts, Standing};
use hopline_script::{PageHost, PageReport, PageTask, ScriptError};
use hopline_testkit::{Answer, LinkFarm};
use serde_json::json;

use crate::peeling::{ended, failed, kinds, peeler_parts, request_for};

/// Gives prepared reports in turn and keeps what it was asked.
#[derive(Debug, Default)]
struct ScriptedBrowser {
    reports: Mutex<Vec<Result<VisitReport, BrowserError>>>,
    asked: Mutex<Vec<Visit>>,
}

#[async_trait]
impl LinkBrowser for ScriptedBrowser {
    async fn visit(&self, visit: &Visit) -> Result<VisitReport, BrowserError> {
        self.asked.lock().unwrap().push(visit.clone());
        self.reports.lock().unwrap().remove(0)
    }
}

/// Says of every page that it needs a browser.
#[derive(Debug)]
struct NeedyRunner;

#[async_trait]
impl PageRunner for NeedyRunner {
    async fn run(&self, task: PageTask, _host: &mut dyn PageHost) -> Result<PageReport, ScriptError> {
        Ok(PageReport { url: task.url, needs: vec!["canvas".to_owned()], ..PageReport::default() })
    }
}

fn hop(url: &str, kind: HopKind, status: u16) -> Hop {
    let mut hop: Hop = serde_json::from_value(json!({
        "index": 0, "url": url, "method": "GET", "kind": kind, "status": status, "http_version": null,
        "remote_addr": null, "tls": null, "headers": [["content-type", "text/html"]], "cookies_set": [],
        "cookies_sent": [], "location": null, "location_raw_b64": null, "delay_s": 0, "body_sha256": null,
        "body_bytes": 0, "timings_ms": null, "provider": null, "rule": null
    }))
    .unwrap();
    hop.index = 0;
    hop
}

fn stayed(url: &str, html: &str) -> VisitReport {
    let end = VisitEnd::Page {
        url: url.to_owned(),
        title: Some("seen".to_owned()),
        framed_url: None,
        html: html.to_owned(),
    };
    let hops = vec![hop(url, HopKind::Start, 200)];
    VisitReport { hops, end, external_url: None, screenshot: Some(b"png".to_vec()) }
}

struct Room {
    farm: LinkFarm,
    browser: Arc<ScriptedBrowser>,
    peeler: Peeler,
}

async fn room(reports: Vec<Result<VisitReport, BrowserError>>) -> Room {
    let farm = LinkFarm::start().await;
    let browser = Arc::new(ScriptedBrowser { reports: Mutex::new(reports), ..ScriptedBrowser::default() });
    let peeler = Peeler::new(PeelerParts {
        scripts: Some(Arc::new(NeedyRunner)),
        browser: Some(Arc::clone(&browser) as Arc<dyn LinkBrowser>),
        ..peeler_parts(&farm)
    });
    farm.serve("/needy", Answer::html("<title>needy</title><script>x</script>"));
    Room { farm, browser, peeler }
}

impl Room {
    async fn peel(&self, url: &str, browser: BrowserUse) -> Peeled {
        self.peeler.peel(&PeelRequest { browser, ..request_for(url) }).await
    }

    fn visits(&self) -> Vec<String> {
        self.browser.asked.lock().unwrap().iter().map(|visit| visit.url.clone()).collect()
    }
}

fn final_url(chain: &Chain) -> &str {
    chain.final_url.as_deref().unwrap_or_else(|| panic!("no destination: {:?}", chain.reason))
}

#[tokio::test]
async fn auto_opens_a_browser_only_where_the_scripts_need_one() {
    let room = room(vec![Ok(stayed("http://dest.example/end", "x"))]).await;
    let plain = room.peel(&room.farm.url("/plain"), BrowserUse::Auto).await.chain;
    assert_eq!((plain.engine, room.visits().len()), (Some(Engine::Http), 0));
    let never = room.peel(&room.farm.url("/needy"), BrowserUse::Never).await.chain;
    assert_eq!((never.engine, room.visits().len()), (Some(Engine::Script), 0));
    let auto = room.peel(&room.farm.url("/needy"), BrowserUse::Auto).await.chain;
    assert_eq!((final_url(&auto), auto.engine), ("http://dest.example/end", Some(Engine::Browser)));
    assert_eq!(auto.title.as_deref(), Some("seen"));
    assert_eq!(room.visits(), [room.farm.url("/needy")]);
}

#[tokio::test]
async fn a_browser_that_fails_leaves_auto_what_it_had_and_ends_always() {
    let room = room(vec![Err(BrowserError::Crashed), Err(BrowserError::Crashed)]).await;
    let link = room.farm.url("/needy");
    let auto = room.peel(&link, BrowserUse::Auto).await.chain;
    assert_eq!((final_url(&auto), auto.engine), (link.as_str(), Some(Engine::Script)));
    assert_eq!(ended(&room.peel(&link, BrowserUse::Always).await.chain), failed(Reason::Browser));
    let without = Peeler::new(peeler_parts(&room.farm));
    let always = PeelRequest { browser: BrowserUse::Always, ..request_for(&link) };
    assert_eq!(ended(&without.peel(&always).await.chain), failed(Reason::Browser));
}

#[tokio::test]
async fn a_visit_is_judged_like_any_page() {
    let gate = stayed("http://a.test/gate", "<p>Human?</p><div class='h-captcha'></div>");
    let framed =
        stayed("http://a.test/f", "<iframe src='http://b.test/in' width='100%' height='100%'></iframe>");
    let mut missing = stayed("http://a.test/gone", "gone");
    missing.hops[0].status = Some(404);
    let room = room(vec![Ok(gate), Ok(framed), Ok(missing)]).await;
    let gate = room.peel("http://a.test/gate", BrowserUse::Always).await.chain;
    assert_eq!((gate.status, gate.vendor.as_deref()), (ChainStatus::Invalid, Some("hcaptcha")));
    let framed = room.peel("http://a.test/f", BrowserUse::Always).await.chain;
    assert_eq!(
        (final_url(&framed), framed.framed_url.as_deref()),
        ("http://a.test/f", Some("http://b.test/in"))
    );
    let missing = room.peel("http://a.test/gone", BrowserUse::Always).await.chain;
    assert_eq!(ended(&missing), failed(Reason::HttpStatus));
}

#[tokio::test]
async fn interstitials_and_app_links_are_visits_of_their_own() {
    let preview = stayed("http://v.gd/abc", "<a class=biglink href='http://b.test/x'>x</a>");
    let mut app = stayed("http://b.test/x", "");
    app.end = VisitEnd::Failure(Reason::UnsupportedScheme);
    app.external_url =
        Some("intent://x#Intent;S.browser_fallback_url=http%3A%2F%2Fexample.com%2Fend;end".to_owned());
    let room = room(vec![Ok(preview), Ok(app), Ok(stayed("http://example.com/end", "end"))]).await;
    let chain = room.peel("http://v.gd/abc", BrowserUse::Always).await.chain;
    assert_eq!(final_url(&chain), "http://example.com/end");
    assert_eq!(kinds(&chain), [HopKind::Start, HopKind::Link, HopKind::AppLink]);
    assert_eq!(chain.hops.iter().map(|hop| hop.index).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(chain.hops[0].provider.as_deref(), Some("vgd"));
    assert!(chain.hops[1].rule.is_some());
}

fn pictured(url: &str, browser: BrowserUse) -> PeelRequest {
    PeelRequest { screenshot: true, browser, ..request_for(url) }
}

#[tokio::test]
async fn a_picture_is_taken_where_the_chain_ended() {
    let room = room(Vec::new()).await;
    let (link, end) = (room.farm.url("/to?url=/end"), room.farm.url("/end"));
    room.farm.serve("/end", Answer::page("end"));
    *room.browser.reports.lock().unwrap() =
        vec![Ok(stayed(&format!("{end}#top"), "x")), Ok(stayed("http://a.test/p", "p"))];
    let peeled = room.peeler.peel(&pictured(&link, BrowserUse::Auto)).await;
    assert_eq!((peeled.chain.engine, peeled.screenshot.as_deref()), (Some(Engine::Http), Some(&b"png"[..])));
    assert_eq!(room.visits(), [end]);
    let peeled = room.peeler.peel(&pictured("http://a.test/p", BrowserUse::Always)).await;
    assert_eq!((room.visits().len(), peeled.screenshot.is_some()), (2, true), "taken on the way");
    let never = room.peeler.peel(&pictured(&link, BrowserUse::Never)).await;
    assert_eq!((room.visits().len(), never.screenshot), (2, None));
}

#[tokio::test]
async fn a_picture_of_another_page_is_not_kept() {
    let room = room(Vec::new()).await;
    let end = room.farm.url("/end");
    room.farm.serve("/end", Answer::page("end"));
    let elsewhere = stayed(&room.farm.url("/login"), "x");
    let mut refused = stayed(&end, "x");
    refused.hops[0].status = Some(403);
    let mut failed = stayed(&end, "x");
    failed.end = VisitEnd::Failure(Reason::Timeout);
    *room.browser.reports.lock().unwrap() = vec![Ok(elsewhere), Ok(refused), Ok(failed)];
    for why in ["another address", "another answer", "no page"] {
        let peeled = room.peeler.peel(&pictured(&end, BrowserUse::Auto)).await;
        assert_eq!((final_url(&peeled.chain), peeled.screenshot), (end.as_str(), None), "{why}");
    }
    assert_eq!(room.visits().len(), 3);
}

#[tokio::test]
async fn a_browser_that_was_asked_is_not_asked_again_for_a_picture() {
    let without_picture = VisitReport { screenshot: None, ..stayed("http://a.test/p", "p") };
    let room = room(vec![Err(BrowserError::Crashed), Ok(without_picture)]).await;
    let needy = room.peeler.peel(&pictured(&room.farm.url("/needy"), BrowserUse::Auto)).await;
    assert_eq!((needy.chain.status, needy.screenshot), (ChainStatus::Done, None));
    let always = room.peeler.peel(&pictured("http://a.test/p", BrowserUse::Always)).await;
    assert_eq!((final_url(&always.chain), always.screenshot), ("http://a.test/p", None));
    assert_eq!(room.visits().len(), 2);
}

#[tokio::test]
async fn a_link_the_browser_had_no_place_for_is_worth_another_try() {
    let room = room((0..3).map(|_| Err(BrowserError::Busy)).collect()).await;
    let always = room.peel("http://a.test/", BrowserUse::Always).await;
    assert_eq!((always.standing, ended(&always.chain)), (Standing::Crowded, failed(Reason::Browser)));
    let auto = room.peel(&room.farm.url("/needy"), BrowserUse::Auto).await;
    assert_eq!((auto.standing, auto.chain.status), (Standing::Crowded, ChainStatus::Done));
    let picture = room.peeler.peel(&pictured(&room.farm.url("/final"), BrowserUse::Auto)).await;
    assert_eq!((picture.standing, picture.screenshot), (Standing::Crowded, None));
    *room.browser.reports.lock().unwrap() = vec![Err(BrowserError::Crashed)];
    let crashed = room.peel("http://a.test/", BrowserUse::Always).await;
    assert_eq!((crashed.standing, ended(&crashed.chain)), (Standing::Final, failed(Reason::Browser)));
}

#[tokio::test]
async fn addresses_that_are_too_long_are_not_kept() {
    let long = |start: &str| format!("{start}?{}", "x".repeat(40_000));
    let mut moved = stayed("http://a.test/moved", "x");
    let VisitEnd::Page { url, framed_url, .. } = &mut moved.end else { panic!("a page") };
    *url = long("http://a.test/pushed");
    *framed_url = Some(long("http://b.test/framed"));
    let mut hopped = stayed("http://a.test/hop", "x");
    hopped.hops.push(hop(&long("http://b.test/"), HopKind::HttpRedirect, 200));
    let mut saved = stayed("http://a.test/save", "x");
    saved.end = VisitEnd::Download { url: long("http://a.test/file") };
    let far = format!("<a class=biglink href='{}'>x</a>", long("http://b.test/"));
    let preview = stayed("http://v.gd/abc", &far);
    let room = room(vec![Ok(moved), Ok(hopped), Ok(saved), Ok(preview)]).await;
    let moved = room.peel("http://a.test/moved", BrowserUse::Always).await.chain;
    assert_eq!((final_url(&moved), &moved.framed_url), ("http://a.test/moved", &None));
    let hopped = room.peel("http://a.test/hop", BrowserUse::Always).await.chain;
    assert_eq!((ended(&hopped), hopped.hops.len()), (failed(Reason::BadLocation), 1));
    for url in ["http://a.test/save", "http://v.gd/abc"] {
        let chain = room.peel(url, BrowserUse::Always).await.chain;
        assert_eq!(ended(&chain), failed(Reason::BadLocation), "{url}");
    }
    assert_eq!(room.visits().len(), 4);
}
