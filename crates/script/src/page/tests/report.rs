//! What a report carries beside the destination, and what goes in and out of a page.

use std::{cell::Cell, rc::Rc};

use super::fake::{World, run_in, run_page, task};
use crate::task::{
    FetchClient, FetchCredentials, FetchKind, FetchMode, NavigationCause, PageStorage, PageTask,
};

fn world() -> Rc<World> {
    Rc::new(World { patience: Cell::new(1_000_000), ..World::default() })
}

#[test]
fn a_timer_advances_the_page_s_clock_without_waiting() {
    let report = run_page(
        "<script>var t=Date.now();setTimeout(()=>location='/final?'+(Date.now()-t>=1500),1500)</script>",
    );
    let navigation = report.navigation.unwrap();
    assert_eq!(navigation.url, "http://a.test:18080/final?true");
    assert!((1500..1510).contains(&navigation.at_ms), "{}", navigation.at_ms);
}

#[test]
fn a_timer_beyond_the_bound_is_not_run() {
    let report = run_page("<script>setTimeout(()=>location='/other',60000)</script>");
    assert_eq!(report.navigation, None);
}

#[test]
fn title_and_address_are_those_after_the_scripts() {
    let report = run_page(
        "<title> a\n b </title><script>document.title+=' c';history.replaceState(0,'','/x#y')</script>",
    );
    assert_eq!(report.title.as_deref(), Some("a b c"));
    assert_eq!(report.url, "http://a.test:18080/x#y");
}

#[test]
fn links_and_documents_may_keep_the_referer_back() {
    let with = |html: &str| run_page(html).navigation.unwrap().no_referrer;
    assert!(!with("<a id=a href=/final>x</a><script>a.click()</script>"));
    assert!(with("<a id=a rel=noreferrer href=/final>x</a><script>a.click()</script>"));
    assert!(with("<meta name=referrer content=no-referrer><script>location='/final'</script>"));
}

#[test]
fn an_inserted_refresh_is_told_with_its_base_and_one_of_the_source_is_not() {
    let html = "<base href=/b/><meta http-equiv=refresh content='9;url=own'>\
        <script>document.write('<meta http-equiv=refresh content=\"5; url=x\">')</script>";
    let report = run_page(html);
    let told: Vec<_> = report
        .refreshes
        .iter()
        .map(|refresh| (refresh.content.as_str(), refresh.base_url.as_str()))
        .collect();
    assert_eq!(told, [("5; url=x", "http://a.test:18080/b/")]);
}

#[test]
fn storage_and_the_window_s_name_are_handed_on() {
    let first = run_page("<script>localStorage.a='1';sessionStorage.setItem('b',2);name='n'</script>");
    let expected = PageStorage {
        local: vec![("a".to_owned(), "1".to_owned())],
        session: vec![("b".to_owned(), "2".to_owned())],
        window_name: "n".to_owned(),
    };
    assert_eq!(first.storage, expected);
    let html = "<script>location='/final?'+localStorage.a+sessionStorage.b+name</script>";
    let second = run_in(&world(), &PageTask { storage: first.storage, ..task(html) });
    assert_eq!(second.navigation.unwrap().url, "http://a.test:18080/final?12n");
}

#[test]
fn cookies_go_to_the_caller_s_jar() {
    let world = world();
    run_in(
        &world,
        &task("<script>document.cookie='k=v; path=/';document.cookie='hidden=1; HttpOnly'</script>"),
    );
    assert_eq!(*world.cookies.borrow(), [("k".to_owned(), "v".to_owned())]);
}

#[test]
fn the_same_seed_runs_alike() {
    let html = "<script>location='/final?'+Math.random()+crypto.getRandomValues(new Uint8Array(4))</script>";
    let run = |seed| run_in(&world(), &PageTask { seed, ..task(html) }).navigation.unwrap().url;
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn requests_tell_their_kind_origin_and_body() {
    let world = world();
    let html = "<script src=/a.js></script><script>fetch('/d',{method:'POST',body:'x',headers:{'X-A':'1',Cookie:'no'}});\
        fetch('http://b.test:18080/cors/e')</script>";
    run_in(&world, &task(html));
    let requests = world.requests.borrow();
    let kinds: Vec<_> = requests.iter().map(|request| (request.kind, request.method.as_str())).collect();
    assert_eq!(kinds, [(FetchKind::Script, "GET"), (FetchKind::Data, "POST"), (FetchKind::Data, "GET")]);
    assert_eq!((requests[0].mode, requests[0].credentials), (FetchMode::NoCors, FetchCredentials::Include));
    assert_eq!(requests[1].body, b"x");
    assert_eq!(
        requests[1].headers,
        [
            ("content-type".to_owned(), "text/plain;charset=UTF-8".to_owned()),
            ("x-a".to_owned(), "1".to_owned())
        ]
    );
    for request in &requests[1..] {
        assert_eq!((request.mode, request.credentials), (FetchMode::Cors, FetchCredentials::SameOrigin));
        assert_eq!(request.client, FetchClient::Page);
    }
}

#[test]
fn a_document_of_no_origin_says_so() {
    let world = world();
    let frame = "<iframe sandbox='allow-scripts' srcdoc=\"<script>fetch('http://a.test:18080/cors/e')</script>\"></iframe>";
    run_in(&world, &task(frame));
    assert_eq!(world.requests.borrow()[0].client, FetchClient::Opaque);
}

#[test]
fn form_factor_and_languages_are_the_profile_s() {
    let html = "<script>location='/final?'+(innerWidth<600)+matchMedia('(max-width: 600px)').matches+navigator.languages</script>";
    let mobile = PageTask { is_mobile: true, ..task(html) };
    let url = |task: &PageTask| run_in(&world(), task).navigation.unwrap().url;
    assert_eq!(url(&mobile), "http://a.test:18080/final?truetrueen-US,en");
    assert_eq!(url(&task(html)), "http://a.test:18080/final?falsefalseen-US,en");
}

#[test]
fn what_the_engine_lacks_is_named_when_a_page_fails_for_it() {
    for (html, need) in [
        ("<script>new Worker('/w.js')</script>", "worker"),
        ("<script>new WebSocket('ws://a.test/')</script>", "web_socket"),
        ("<canvas id=c></canvas><script>c.getContext('2d')</script>", "canvas"),
        ("<script>undefined.x</script>", "script_error"),
    ] {
        assert_eq!(run_page(html).needs, [need], "{html}");
    }
    let asked = run_page("<script>if(window.Worker)new Worker('/w.js')</script>");
    assert!(asked.needs.is_empty(), "a page that asks first has what it needs");
}

#[test]
fn a_departure_to_another_program_is_told_unless_the_page_goes_on() {
    let stays = run_page("<script>location='myapp://open'</script>").navigation.unwrap();
    assert_eq!((stays.url.as_str(), stays.cause), ("myapp://open", NavigationCause::Script));
    let goes_on = run_page("<script>location='myapp://open';setTimeout(()=>location='/final',800)</script>");
    assert_eq!(goes_on.navigation.unwrap().url, "http://a.test:18080/final");
}
