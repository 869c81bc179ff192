//! What a page's scripts get of other origins, and what those are told: the real engine before the real host.

use hopline_domain::chain::{Chain, ChainStatus};
use hopline_domain::outcome::Reason;
use hopline_testkit::{Answer, LinkFarm, ReceivedRequest};

use crate::peeling::{chain_of, request_for};
use crate::peeling_scripts::{at, final_url, running, script};

async fn chain_from(farm: &LinkFarm, text: &str) -> Chain {
    farm.serve("/page", script(text));
    chain_of(&running(farm), &at(farm, "a.test", "/page")).await
}

#[tokio::test]
async fn the_caller_s_headers_are_for_pages_alone() {
    let farm = LinkFarm::start().await;
    farm.serve(
        "/own.js",
        Answer::status(200).header("Content-Type", "text/javascript").body("location = '/end'"),
    );
    farm.serve("/page", Answer::html("<!doctype html><script src=/own.js></script>"));
    let mut request = request_for(&farm.url("/page"));
    request.profile.headers.insert("X-Tracker-Key".to_owned(), "mine".to_owned());
    let chain = running(&farm).peel(&request).await.chain;
    assert_eq!(final_url(&chain), farm.url("/end"));
    let key_at = |path: &str| farm.last_request(path).unwrap().header("x-tracker-key").map(str::to_owned);
    assert_eq!([key_at("/page"), key_at("/end")], [Some("mine".to_owned()), Some("mine".to_owned())]);
    assert_eq!(key_at("/own.js"), None);
}

/// As common frameworks answer: a preflight is let by what it asks for, and by nothing else.
fn api(request: &ReceivedRequest) -> Answer {
    let asked = |name: &str| request.header(name).unwrap_or_default().to_owned();
    if request.method != "OPTIONS" {
        let body = format!("{{\"to\":\"/end?{}\"}}", asked("content-type").len());
        return Answer::status(200)
            .header("Content-Type", "application/json")
            .header("Access-Control-Allow-Origin", "*")
            .body(body);
    }
    let is_asked = asked("access-control-request-method") == "PUT"
        && asked("access-control-request-headers") == "content-type,x-step";
    Answer::status(if is_asked { 204 } else { 403 })
        .header("Access-Control-Allow-Origin", asked("origin"))
        .header("Access-Control-Allow-Methods", "PUT")
        .header("Access-Control-Allow-Headers", asked("access-control-request-headers"))
}

#[tokio::test]
async fn another_origin_is_asked_for_leave_and_told_for_what() {
    let farm = LinkFarm::start().await;
    farm.serve_with("/api", api);
    let url = at(&farm, "api.test", "/api");
    let ask = |init: &str| format!("fetch('{url}',{init}).then(r=>r.json()).then(j=>location=j.to)");
    let put = "{method:'PUT',body:'{}',headers:{'Content-Type':'application/json','X-Step':'1'}}";
    let chain = chain_from(&farm, &ask(put)).await;
    assert_eq!(final_url(&chain), at(&farm, "a.test", "/end?16"));
    assert_eq!(farm.hits("/api"), 2, "the preflight, then the request");
    assert_eq!(farm.last_request("/api").unwrap().header("origin"), Some(at(&farm, "a.test", "").as_str()));
    let refused = chain_from(&farm, &ask("{method:'DELETE'}")).await;
    assert_eq!(final_url(&refused), at(&farm, "a.test", "/page"));
    assert_eq!(farm.last_request("/api").unwrap().method, "OPTIONS", "what is not let is not sent");
}

#[tokio::test]
async fn an_own_request_led_elsewhere_says_who_asks_and_needs_no_cookies_shared() {
    let farm = LinkFarm::start().await;
    let shared = |origin: &str| {
        Answer::status(200).header("Access-Control-Allow-Origin", origin).body("end".to_owned())
    };
    farm.serve("/own", Answer::redirect(302, at(&farm, "api.test", "/data")));
    for (allowed, expected) in
        [("*", "/end"), (&*at(&farm, "a.test", ""), "/end"), ("http://b.test", "/page")]
    {
        farm.serve("/data", shared(allowed));
        let chain = chain_from(&farm, "fetch('/own').then(r=>r.text()).then(t=>location='/'+t)").await;
        assert_eq!(final_url(&chain), at(&farm, "a.test", expected), "{allowed}");
        let received = farm.last_request("/data").unwrap();
        assert_eq!(received.header("origin"), Some(at(&farm, "a.test", "").as_str()));
    }
}

#[tokio::test]
async fn of_another_origin_s_image_only_its_being_there_is_known() {
    let farm = LinkFarm::start().await;
    let show = format!(
        "var i=new Image();i.onload=()=>location='/end';i.onerror=()=>location='/none';i.src='{}'",
        at(&farm, "cdn.test", "/pixel")
    );
    farm.serve(
        "/pixel",
        Answer::status(200).header("Content-Type", "image/png").body(&b"\x89PNG\r\n\x1a\n"[..]),
    );
    assert_eq!(final_url(&chain_from(&farm, &show).await), at(&farm, "a.test", "/end"));
    farm.serve("/pixel", Answer::page("no image"));
    assert_eq!(final_url(&chain_from(&farm, &show).await), at(&farm, "a.test", "/none"));
}

#[tokio::test]
async fn a_sandboxed_page_owns_nothing() {
    let farm = LinkFarm::start().await;
    farm.serve("/secret", Answer::status(200).body("end".to_owned()));
    let text = "fetch('/secret').then(r=>r.text()).then(t=>location='/'+t)";
    farm.serve("/page", script(text).header("Content-Security-Policy", "sandbox allow-scripts"));
    let chain = chain_of(&running(&farm), &farm.url("/page")).await;
    assert_eq!(final_url(&chain), farm.url("/page"));
    assert_eq!(farm.last_request("/secret").unwrap().header("origin"), Some("null"));
}

#[tokio::test]
async fn a_redirect_of_a_subresource_may_keep_the_page_s_address_back() {
    let farm = LinkFarm::start().await;
    let led = Answer::redirect(302, at(&farm, "cdn.test", "/code")).header("Referrer-Policy", "no-referrer");
    farm.serve("/led", led);
    farm.serve(
        "/code",
        Answer::status(200).header("Content-Type", "text/javascript").body("location='/end'"),
    );
    farm.serve("/page", Answer::html("<script src=/led></script>"));
    let chain = chain_of(&running(&farm), &at(&farm, "a.test", "/page")).await;
    assert_eq!(final_url(&chain), at(&farm, "a.test", "/end"));
    assert!(farm.last_request("/led").unwrap().header("referer").is_some());
    assert_eq!(farm.last_request("/code").unwrap().header("referer"), None);
}

#[tokio::test]
async fn a_page_that_leads_to_no_document_stays() {
    let farm = LinkFarm::start().await;
    farm.serve("/nothing", Answer::status(204));
    farm.serve("/to-nothing", Answer::redirect(302, "/nothing"));
    let title = "<!doctype html><title>here</title>";
    for way in [
        "<meta http-equiv=refresh content='0;url=/nothing'>",
        "<meta http-equiv=refresh content='0;url=/to-nothing'>",
        "<script>location='/nothing'</script>",
        "<form method=post action=/nothing></form><script>document.forms[0].submit()</script>",
    ] {
        farm.serve("/page", Answer::html(&format!("{title}{way}")));
        let chain = chain_of(&running(&farm), &farm.url("/page")).await;
        assert_eq!(final_url(&chain), farm.url("/page"), "{way}");
        assert_eq!((chain.status, chain.title.as_deref()), (ChainStatus::Done, Some("here")), "{way}");
    }
    let first = chain_of(&running(&farm), &farm.url("/to-nothing")).await;
    assert_eq!((first.status, first.reason), (ChainStatus::Failed, Some(Reason::NoDocument)));
}

#[tokio::test]
async fn a_refusal_whose_scripts_would_show_a_box_is_verification() {
    let farm = LinkFarm::start().await;
    farm.serve("/1/api.js", Answer::status(200).header("Content-Type", "text/javascript"));
    let box_maker = "<div id=root></div><script src='/hcaptcha.com/1/api.js'></script>";
    farm.serve("/page", Answer::redirect(302, "/gate"));
    let refusal = |status| Answer::status(status).header("Content-Type", "text/html").body(box_maker);
    for (status, reason) in [(403, Some(Reason::HumanVerification)), (200, None)] {
        farm.serve("/gate", refusal(status));
        let chain = chain_of(&running(&farm), &farm.url("/page")).await;
        assert_eq!(chain.reason, reason, "{status}");
    }
}
