//! Events as Chromium 148 and 156 sent them, shortened to what is read, and what the recorder makes of them.

use serde_json::{Value, json};

use super::*;
use crate::cdp::Event;

const MAIN: &str = "F1";

struct Feed(Recorder);

impl Feed {
    fn start() -> Self {
        Self::with(Limits { hops_max: 30, hosts_max: 16 })
    }

    fn with(limits: Limits) -> Self {
        Self(Recorder::new(MAIN.to_owned(), limits))
    }

    fn event(&mut self, method: &str, params: &Value) -> Move {
        // As the queue keeps it.
        let kept = if Seen::reads(method) { params } else { &Value::Null };
        let params = serde_json::value::to_raw_value(kept).unwrap();
        let seen = Seen::of(&Event { place: 1, method: method.to_owned(), params });
        seen.map_or(Move::Other, |seen| self.0.note(seen))
    }

    fn ask(&mut self, id: &str, method: &str, url: &str) -> Move {
        self.event("Network.requestWillBeSent", &request(id, method, url))
    }

    /// The answer to the newest request of `id` redirects to `url`.
    fn redirect(&mut self, id: &str, status: u16, url: &str) -> Move {
        self.raw(id, status, &json!({"Location": url}));
        let mut params = request(id, "GET", url);
        params["redirectResponse"] =
            json!({"status": status, "headers": {"Location": url}, "protocol": "http/1.1"});
        params["redirectHasExtraInfo"] = json!(true);
        self.event("Network.requestWillBeSent", &params)
    }

    fn cookies(&mut self, id: &str, cookies: &[(&str, &str)]) {
        let cookies: Vec<Value> = cookies
            .iter()
            .map(|(name, value)| json!({"blockedReasons": [], "cookie": {"name": name, "value": value}}))
            .collect();
        self.event(
            "Network.requestWillBeSentExtraInfo",
            &json!({"requestId": id, "associatedCookies": cookies, "headers": {}}),
        );
    }

    fn raw(&mut self, id: &str, status: u16, headers: &Value) {
        self.event(
            "Network.responseReceivedExtraInfo",
            &json!({"requestId": id, "statusCode": status, "headers": headers, "blockedCookies": []}),
        );
    }

    fn answer(&mut self, id: &str, status: u16) {
        let response = json!({"status": status, "headers": {"a": "b"}, "protocol": "h2"});
        self.event(
            "Network.responseReceived",
            &json!({"requestId": id, "type": "Document", "response": response, "hasExtraInfo": true}),
        );
        self.raw(id, status, &json!({"a": "b"}));
    }

    fn commit(&mut self, id: &str, url: &str) -> Move {
        self.event("Page.frameNavigated", &json!({"frame": {"id": MAIN, "loaderId": id, "url": url}}))
    }

    fn reason(&mut self, reason: &str, url: &str) {
        let mut params = json!({"frameId": MAIN, "reason": reason, "url": url, "disposition": "currentTab"});
        self.event("Page.frameRequestedNavigation", &params);
        params["delay"] = json!(3);
        self.event("Page.frameScheduledNavigation", &params);
    }

    fn fail(&mut self, id: &str, error: &str) -> Move {
        self.event("Network.loadingFailed", &json!({"requestId": id, "errorText": error, "type": "Document"}))
    }

    /// A page that was asked for, answered and shown.
    fn page(id: &str, url: &str) -> Self {
        let mut feed = Self::start();
        feed.load(id, url);
        feed
    }

    fn load(&mut self, id: &str, url: &str) {
        assert_eq!(self.ask(id, "GET", url), Move::Started);
        self.cookies(id, &[]);
        self.answer(id, 200);
        assert_eq!(self.commit(id, url), Move::Committed);
        self.event("Page.domContentEventFired", &json!({"timestamp": 1.0}));
    }

    fn hops(self) -> Vec<(HopKind, String, Option<u16>)> {
        let (hops, _) = self.0.into_hops();
        hops.into_iter().map(|hop| (hop.kind, hop.url, hop.status)).collect()
    }

    fn end(&self) -> Option<&End> {
        self.0.end()
    }

    fn shown(&self) -> String {
        self.0.page().unwrap().0
    }
}

fn request(id: &str, method: &str, url: &str) -> Value {
    let (url, fragment) =
        url.split_once('#').map_or((url, None), |(url, after)| (url, Some(format!("#{after}"))));
    json!({
        "requestId": id, "loaderId": id, "frameId": MAIN, "type": "Document", "wallTime": 1_700_000_000.5,
        "request": {"url": url, "urlFragment": fragment, "method": method, "headers": {}},
    })
}

fn hop(kind: HopKind, url: &str, status: u16) -> (HopKind, String, Option<u16>) {
    (kind, url.to_owned(), Some(status))
}

#[test]
fn redirects_and_refreshes_become_hops_with_their_kinds() {
    let mut feed = Feed::start();
    feed.ask("A", "GET", "http://a.test/s#x");
    feed.cookies("A", &[]);
    assert_eq!(feed.redirect("A", 302, "http://a.test/r#x"), Move::Other);
    feed.cookies("A", &[("seen", "1")]);
    feed.answer("A", 200);
    assert!(feed.0.is_underway());
    feed.commit("A", "http://a.test/r");
    assert!(!feed.0.is_underway());
    feed.reason("metaTagRefresh", "http://b.test/end");
    feed.ask("B", "GET", "http://b.test/end");
    feed.answer("B", 404);
    feed.event(
        "Page.frameNavigated",
        &json!({"frame": {"id": MAIN, "loaderId": "B", "url": "http://b.test/end", "urlFragment": "#here"}}),
    );
    assert_eq!(feed.shown(), "http://b.test/end#here");
    let (hops, _) = feed.0.into_hops();
    assert_eq!(hops[1].cookies_sent, ["seen"]);
    assert_eq!((hops[1].location.as_deref(), hops[1].delay_s), (Some("http://b.test/end"), 3));
    assert_eq!(hops[2].http_version.as_deref(), Some("HTTP/2"));
    let shown: Vec<_> = hops.iter().map(|hop| (hop.index, hop.kind, hop.url.as_str(), hop.status)).collect();
    assert_eq!(
        shown,
        [
            (0, HopKind::Start, "http://a.test/s#x", Some(302)),
            (1, HopKind::HttpRedirect, "http://a.test/r#x", Some(200)),
            (2, HopKind::MetaRefresh, "http://b.test/end", Some(404)),
        ]
    );
}

#[test]
fn only_the_main_frame_counts() {
    let mut feed = Feed::page("A", "http://a.test/");
    let mut frame = request("B", "GET", "http://b.test/frame");
    frame["frameId"] = json!("F2");
    assert_eq!(feed.event("Network.requestWillBeSent", &frame), Move::Other);
    let mut script = request("7.1", "GET", "http://b.test/x.js");
    script["type"] = json!("Script");
    feed.event("Network.requestWillBeSent", &script);
    feed.answer("7.1", 200);
    let committed = json!({"frame": {"id": "F2", "loaderId": "B", "url": "http://b.test/frame"}});
    assert_eq!(feed.event("Page.frameNavigated", &committed), Move::Other);
    feed.event(
        "Page.frameRequestedNavigation",
        &json!({"frameId": "F2", "reason": "metaTagRefresh", "url": "x"}),
    );
    feed.event("Page.navigatedWithinDocument", &json!({"frameId": "F2", "url": "http://b.test/#f"}));
    assert_eq!(feed.shown(), "http://a.test/");
    feed.load("C", "http://c.test/");
    assert_eq!(
        feed.hops(),
        [hop(HopKind::Start, "http://a.test/", 200), hop(HopKind::Script, "http://c.test/", 200)]
    );
}

#[test]
fn a_redirect_of_the_browsers_own_is_hsts_and_has_no_raw_headers() {
    let mut feed = Feed::start();
    feed.ask("A", "GET", "http://a.test/");
    let mut upgraded = request("A", "GET", "https://a.test/");
    upgraded["redirectResponse"] = json!({
        "status": 307, "protocol": null,
        "headers": {"Location": "https://a.test/", "Non-Authoritative-Reason": "HSTS"},
    });
    feed.event("Network.requestWillBeSent", &upgraded);
    feed.cookies("A", &[("c", "1")]);
    feed.answer("A", 200);
    feed.commit("A", "https://a.test/");
    let (hops, _) = feed.0.into_hops();
    assert_eq!((hops[0].kind, hops[0].status), (HopKind::Start, Some(307)));
    assert!(hops[0].cookies_sent.is_empty());
    assert_eq!((hops[1].kind, hops[1].status, hops[1].cookies_sent.len()), (HopKind::Hsts, Some(200), 1));
    assert_eq!(hops[1].headers, [("a".to_owned(), "b".to_owned())]);
}

#[test]
fn history_and_fragments_move_the_page_and_add_no_hop() {
    let mut feed = Feed::page("A", "http://a.test/");
    feed.reason("scriptInitiated", "http://a.test/#f");
    assert!(feed.0.is_announced());
    feed.event("Page.navigatedWithinDocument", &json!({"frameId": MAIN, "url": "http://a.test/pushed#f"}));
    assert!(!feed.0.is_announced());
    assert_eq!(feed.shown(), "http://a.test/pushed#f");
    assert_eq!(feed.hops().len(), 1);
}

#[test]
fn a_navigation_replaced_before_its_answer_is_no_hop() {
    let mut feed = Feed::page("A", "http://a.test/");
    feed.reason("scriptInitiated", "http://a.test/1");
    feed.ask("B", "GET", "http://a.test/1");
    feed.reason("scriptInitiated", "http://a.test/2");
    assert_eq!(feed.fail("B", "net::ERR_ABORTED"), Move::Aborted);
    feed.load("C", "http://a.test/2");
    assert_eq!(
        feed.hops(),
        [hop(HopKind::Start, "http://a.test/", 200), hop(HopKind::Script, "http://a.test/2", 200)]
    );
}

#[test]
fn addresses_of_other_programs_are_told_and_not_followed() {
    let intent = "intent://x#Intent;scheme=foo;end";
    let mut asked = Feed::page("A", "http://a.test/");
    asked.reason("scriptInitiated", intent);
    assert!(!asked.0.is_announced(), "no page will come of it");
    assert_eq!(asked.ask("B", "GET", intent), Move::Other);
    assert_eq!(asked.fail("B", "net::ERR_ABORTED"), Move::Aborted);
    assert_eq!((asked.end(), asked.shown().as_str()), (None, "http://a.test/"));
    let (hops, external_url) = asked.0.into_hops();
    assert_eq!((hops.len(), external_url.as_deref()), (1, Some(intent)));

    let mut redirected = Feed::start();
    redirected.ask("A", "GET", "http://a.test/");
    redirected.redirect("A", 302, "mailto:a@b.c");
    redirected.fail("A", "net::ERR_ABORTED");
    assert_eq!(redirected.end(), Some(&End::Refused(Reason::UnsupportedScheme)));
    let (hops, external_url) = redirected.0.into_hops();
    assert_eq!((hops.len(), hops[0].status, external_url.as_deref()), (1, Some(302), Some("mailto:a@b.c")));
}

#[test]
fn downloads_end_a_visit_unless_a_frame_or_a_link_made_them() {
    let begin =
        |frame: &str, url: &str| json!({"frameId": frame, "guid": "g", "url": url, "suggestedFilename": "x"});
    let mut feed = Feed::page("A", "http://a.test/");
    feed.event("Page.downloadWillBegin", &begin("F2", "http://a.test/"));
    feed.event("Page.downloadWillBegin", &begin(MAIN, "http://a.test/other.bin"));
    assert_eq!(feed.end(), None);
    feed.ask("B", "GET", "http://a.test/x.bin#f");
    feed.answer("B", 200);
    assert_eq!(feed.fail("B", "net::ERR_ABORTED"), Move::Aborted);
    feed.event("Page.downloadWillBegin", &begin(MAIN, "http://a.test/x.bin"));
    assert_eq!(feed.end(), Some(&End::Download { url: "http://a.test/x.bin#f".to_owned() }));
    assert_eq!(feed.hops().len(), 2);
}

#[test]
fn what_an_abort_without_a_page_means() {
    for (status, reason) in [
        (204, Reason::NoDocument),
        (304, Reason::NoDocument),
        (302, Reason::UnsupportedScheme),
        (200, Reason::Protocol),
    ] {
        let mut feed = Feed::start();
        feed.ask("A", "GET", "http://a.test/");
        feed.raw("A", status, &json!({}));
        assert_eq!(feed.fail("A", "net::ERR_ABORTED"), Move::Aborted);
        assert_eq!((feed.end(), feed.0.has_page(), feed.0.no_page()), (None, false, reason), "{status}");
    }
}

#[test]
fn failures_are_of_the_address_that_failed() {
    let mut feed = Feed::start();
    feed.ask("A", "GET", "http://a.test/");
    feed.redirect("A", 302, "http://nowhere.test/");
    feed.fail("A", "net::ERR_SOCKS_CONNECTION_FAILED");
    let error = "net::ERR_SOCKS_CONNECTION_FAILED".to_owned();
    assert_eq!(feed.end(), Some(&End::Failed { url: "http://nowhere.test/".to_owned(), error }));
    assert_eq!(feed.hops()[1], (HopKind::HttpRedirect, "http://nowhere.test/".to_owned(), None));
}

#[test]
fn an_error_without_a_body_is_the_servers_page() {
    let mut feed = Feed::start();
    feed.ask("A", "GET", "http://a.test/x");
    feed.answer("A", 404);
    assert_eq!(feed.fail("A", "net::ERR_HTTP_RESPONSE_CODE_FAILURE"), Move::Other);
    let frame = json!({
        "id": MAIN, "loaderId": "A", "url": "chrome-error://chromewebdata/", "unreachableUrl": "http://a.test/x",
    });
    assert_eq!(feed.event("Page.frameNavigated", &json!({"frame": frame})), Move::Committed);
    feed.event("Network.dataReceived", &json!({"requestId": "A", "dataLength": 9_999}));
    assert_eq!((feed.end(), feed.shown().as_str()), (None, "http://a.test/x"));
    let (hops, _) = feed.0.into_hops();
    assert_eq!((hops[0].status, hops[0].body_bytes), (Some(404), 0));
}

#[test]
fn a_page_that_refreshes_itself_is_where_the_link_leads() {
    let mut feed = Feed::page("A", "http://a.test/");
    feed.reason("metaTagRefresh", "http://a.test/");
    feed.ask("B", "GET", "http://a.test/");
    assert_eq!(feed.end(), None, "its cookies are not known yet");
    feed.cookies("B", &[]);
    assert_eq!(feed.end(), Some(&End::Stay));
    assert_eq!(feed.hops().len(), 1);

    let mut gate = Feed::page("A", "http://a.test/");
    gate.reason("metaTagRefresh", "http://a.test/");
    gate.ask("B", "GET", "http://a.test/");
    gate.cookies("B", &[("gate", "open")]);
    assert_eq!(gate.end(), None, "a cookie is progress");
}

#[test]
fn cookies_may_be_told_before_the_request_they_went_with() {
    let mut feed = Feed::page("A", "http://a.test/");
    feed.reason("metaTagRefresh", "http://a.test/");
    feed.cookies("B", &[]);
    feed.ask("B", "GET", "http://a.test/");
    assert_eq!(feed.end(), Some(&End::Stay));
    assert_eq!(feed.hops().len(), 1);
}

#[test]
fn the_steps_of_a_form_on_one_address_are_told_apart_by_what_they_send() {
    let mut feed = Feed::page("A", "http://a.test/");
    let post = |id: &str, bytes: &str| {
        let mut post = request(id, "POST", "http://a.test/");
        post["request"]["postDataEntries"] = json!([{"bytes": bytes}]);
        post
    };
    for (id, bytes) in [("B", "YQ=="), ("C", "Yg=="), ("D", "Yw=="), ("E", "ZA=="), ("F", "ZQ==")] {
        feed.reason("formSubmissionPost", "http://a.test/");
        feed.event("Network.requestWillBeSent", &post(id, bytes));
        feed.cookies(id, &[]);
        feed.answer(id, 200);
        feed.commit(id, "http://a.test/");
        assert_eq!(feed.end(), None, "step {id}");
    }
    for id in ["G", "H", "I"] {
        feed.reason("formSubmissionPost", "http://a.test/");
        feed.event("Network.requestWillBeSent", &post(id, "ZQ=="));
        feed.cookies(id, &[]);
    }
    assert_eq!(feed.end(), Some(&End::Stay), "the same again is no step");
}

#[test]
fn notices_are_closed_and_questions_are_not_answered_with_yes() {
    let mut feed = Feed::page("A", "http://a.test/");
    for (kind, reply) in [
        ("alert", Reply::Accept),
        ("beforeunload", Reply::Accept),
        ("confirm", Reply::Dismiss),
        ("prompt", Reply::Dismiss),
    ] {
        let asked =
            json!({"url": "http://a.test/", "message": "?", "type": kind, "hasBrowserHandler": false});
        assert_eq!(feed.event("Page.javascriptDialogOpening", &asked), Move::Dialog(reply), "{kind}");
    }
}

#[test]
fn of_the_requests_that_wait_only_the_tabs_own_navigation_is_one() {
    let mut feed = Feed::page("A", "http://a.test/");
    let headers = json!({"Accept": "text/html"});
    for (frame, kind, is_navigation) in
        [(MAIN, "Document", true), ("F2", "Document", false), (MAIN, "Script", false)]
    {
        let paused = json!({
            "requestId": "interception-1", "frameId": frame, "resourceType": kind, "networkId": "A",
            "request": {"url": "http://a.test/", "method": "GET", "headers": headers},
        });
        let Move::Paused(held) = feed.event("Fetch.requestPaused", &paused) else { panic!("it waits") };
        assert_eq!(held.id, "interception-1");
        let expected = [("Accept".to_owned(), "text/html".to_owned())].into();
        let expected = if is_navigation { HeldOf::Navigation(expected) } else { HeldOf::Other };
        assert_eq!(held.of, expected, "{frame} {kind}");
    }
}

#[test]
fn going_round_is_a_loop_and_scripts_get_a_second_chance() {
    let mut round = Feed::page("A", "http://a.test/");
    round.reason("metaTagRefresh", "http://b.test/");
    round.load("B", "http://b.test/");
    round.reason("metaTagRefresh", "http://a.test/");
    round.ask("C", "GET", "http://a.test/");
    round.cookies("C", &[]);
    assert_eq!(round.end(), Some(&End::Refused(Reason::Loop)));

    let mut script = Feed::page("A", "http://a.test/");
    for id in ["B", "C"] {
        script.reason("reload", "http://a.test/");
        script.load(id, "http://a.test/");
        assert_eq!(script.end(), None);
    }
    script.reason("reload", "http://a.test/");
    script.ask("D", "GET", "http://a.test/");
    script.cookies("D", &[]);
    assert_eq!(script.end(), Some(&End::Stay));
}

#[test]
fn the_browsers_limit_on_redirects_tells_loops_from_long_ways() {
    for (paths, reason) in [(["/1", "/2", "/3"], Reason::TooManyHops), (["/1", "/2", "/1"], Reason::Loop)] {
        let mut feed = Feed::start();
        feed.ask("A", "GET", "http://a.test/0");
        for path in paths {
            feed.cookies("A", &[]);
            feed.redirect("A", 302, &format!("http://a.test{path}"));
        }
        feed.cookies("A", &[]);
        feed.fail("A", "net::ERR_TOO_MANY_REDIRECTS");
        assert_eq!(feed.end(), Some(&End::Refused(reason)), "{paths:?}");
    }
}

#[test]
fn hops_and_hosts_are_bounded() {
    for limits in [Limits { hops_max: 2, hosts_max: 16 }, Limits { hops_max: 30, hosts_max: 2 }] {
        let mut feed = Feed::with(limits);
        feed.load("A", "http://a.test/");
        feed.load("B", "http://b.test/");
        assert_eq!(feed.end(), None);
        feed.ask("C", "GET", "http://c.test/");
        assert_eq!(feed.end(), Some(&End::Refused(Reason::TooManyHops)));
        assert_eq!(feed.hops().len(), 2);
    }
}

#[test]
fn forms_tell_what_they_sent() {
    let mut feed = Feed::page("A", "http://a.test/");
    feed.reason("formSubmissionPost", "http://b.test/");
    let mut post = request("B", "POST", "http://b.test/");
    post["request"]["headers"] = json!({"Content-Type": "application/x-www-form-urlencoded"});
    post["request"]["postDataEntries"] = json!([{"bytes": "az12"}]);
    feed.event("Network.requestWillBeSent", &post);
    let (hops, _) = feed.0.into_hops();
    let body = hops[1].request_body.as_ref().unwrap();
    assert_eq!((hops[1].kind, hops[1].method.as_str(), body.bytes), (HopKind::Form, "POST", 3));
    assert_eq!(body.content_type.as_deref(), Some("application/x-www-form-urlencoded"));
    // SHA-256 of `k=v`.
    assert_eq!(body.sha256, hex(&Sha256::digest("k=v")));
}

#[test]
fn digests_are_of_bytes_never_of_decoded_text() {
    let source = |text: &str, bytes: usize| {
        let mut feed = Feed::page("A", "http://a.test/");
        feed.event("Network.dataReceived", &json!({"requestId": "A", "dataLength": bytes}));
        assert_eq!(
            feed.event("Network.loadingFinished", &json!({"requestId": "A", "timestamp": 1.0})),
            Move::Body("A".to_owned())
        );
        feed.0.body("A", Some(text.to_owned()));
        let html = feed.0.page().unwrap().1;
        (feed.0.into_hops().0[0].body_sha256.is_some(), html)
    };
    assert_eq!(source("abc", 3), (true, "abc".to_owned()));
    assert_eq!(source("\u{e9}", 2), (true, "\u{e9}".to_owned()));
    assert_eq!(source("\u{e9}", 1), (false, "\u{e9}".to_owned()), "it was Latin-1");
    assert_eq!(source("\u{fffd}", 3), (false, "\u{fffd}".to_owned()), "it may have been anything");
    let long = "é".repeat(HTML_BYTES_MAX);
    assert_eq!(source(&long, long.len()).1.len(), HTML_BYTES_MAX);
}

#[test]
fn pages_that_are_no_web_pages_end_a_visit() {
    for url in ["about:blank", "blob:http://a.test/1"] {
        let mut feed = Feed::page("A", "http://a.test/");
        feed.commit("B", url);
        assert_eq!(feed.end(), Some(&End::Refused(Reason::UnsupportedScheme)), "{url}");
    }
    let mut feed = Feed::start();
    assert_eq!(feed.commit("0", "about:blank"), Move::Other, "the tab's first page");
}

#[test]
fn events_that_read_otherwise_than_they_should_are_of_no_interest() {
    let mut feed = Feed::page("A", "http://a.test/");
    for method in ["Network.requestWillBeSent", "Network.loadingFailed", "Page.frameNavigated", "No.such"] {
        assert_eq!(feed.event(method, &json!({"requestId": 7})), Move::Other);
        assert_eq!(feed.event(method, &json!([])), Move::Other);
    }
    assert_eq!(feed.end(), None);
}
