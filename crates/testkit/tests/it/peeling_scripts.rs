//! Pages that are left by their own scripts, run by the real engine: what moves them, what is sent, what is kept, and
//! which of several ways out wins.

use std::sync::Arc;

use hopline_domain::chain::{Chain, ChainStatus, Engine, HopKind};
use hopline_domain::outcome::Reason;
use hopline_peel::{Budgets, PageRunner, Peeler, PeelerParts, ScriptBudgets};
use hopline_script::{ScriptEngine, ScriptLimits};
use hopline_testkit::{Answer, LinkFarm, script_command};

use crate::peeling::{chain_of, ended, failed, kinds, peeler_parts};

/// A peeler that runs pages.
pub(crate) fn running(farm: &LinkFarm) -> Peeler {
    running_with(farm, Budgets::default())
}

fn running_with(farm: &LinkFarm, budgets: Budgets) -> Peeler {
    let engine = ScriptEngine::new(script_command(), ScriptLimits::default());
    let scripts: Option<Arc<dyn PageRunner>> = Some(Arc::new(engine));
    Peeler::new(PeelerParts { scripts, budgets, ..peeler_parts(farm) })
}

pub(crate) fn script(text: &str) -> Answer {
    Answer::html(&format!("<!doctype html><title>p</title><script>{text}</script><body>x"))
}

pub(crate) fn at(farm: &LinkFarm, name: &str, path: &str) -> String {
    format!("http://{name}:{}{path}", farm.address().port())
}

pub(crate) fn final_url(chain: &Chain) -> &str {
    chain.final_url.as_deref().unwrap_or_else(|| panic!("no destination: {:?}", chain.reason))
}

#[tokio::test]
async fn a_script_is_a_hop_with_its_engine_and_its_referer() {
    let farm = LinkFarm::start().await;
    farm.serve("/go", Answer::redirect(302, "/page#kept"));
    farm.serve("/page", script("setTimeout(function(){ location.href = '/end' }, 2500)"));
    let chain = chain_of(&running(&farm), &farm.url("/go")).await;
    assert_eq!(final_url(&chain), farm.url("/end"));
    assert_eq!(kinds(&chain), [HopKind::Start, HopKind::HttpRedirect, HopKind::Script]);
    assert_eq!(chain.engine, Some(Engine::Script));
    assert_eq!(
        (chain.hops[1].location.as_deref(), chain.hops[1].delay_s),
        (Some(farm.url("/end").as_str()), 2)
    );
    assert_eq!(farm.last_request("/end").unwrap().header("referer"), Some(farm.url("/page").as_str()));
    let plain = chain_of(&running(&farm), &farm.url("/to?url=/plain-end")).await;
    assert_eq!((plain.engine, plain.status), (Some(Engine::Http), ChainStatus::Done));
}

#[tokio::test]
async fn cookies_and_storage_pass_gates() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    let gate = "if(!document.cookie.match(/seen=1/)){document.cookie='seen=1;path=/';location.reload()}else{location='/end'}";
    farm.serve("/cookie", script(gate).header("Set-Cookie", "secret=1; HttpOnly; Path=/"));
    let chain = chain_of(&peeler, &farm.url("/cookie")).await;
    assert_eq!(final_url(&chain), farm.url("/end"));
    assert_eq!(kinds(&chain), [HopKind::Start, HopKind::Script, HopKind::Script]);
    assert!(chain.hops[0].cookies_set.iter().any(|cookie| cookie.name == "seen"));
    assert_eq!(farm.last_request("/end").unwrap().header("cookie"), Some("secret=1; seen=1"));
    for area in ["sessionStorage", "localStorage"] {
        let gate = format!("if(!{area}.seen){{{area}.seen=1;location.reload()}}else{{location='/end'}}");
        farm.serve("/storage", script(&gate));
        assert_eq!(final_url(&chain_of(&peeler, &farm.url("/storage")).await), farm.url("/end"), "{area}");
    }
    farm.serve(
        "/hidden",
        script("location='/end?'+document.cookie").header("Set-Cookie", "secret=1; HttpOnly"),
    );
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/hidden")).await), farm.url("/end?"));
}

#[tokio::test]
async fn forms_are_sent_and_redirects_keep_or_drop_them() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    let action = at(&farm, "b.test", "/receive");
    let form = format!(
        "<body onload='document.forms[0].submit()'><form method=post action='{action}'><input type=hidden name=SAMLResponse value='a b'></form>"
    );
    farm.serve("/sso", Answer::html(&form));
    let link = at(&farm, "a.test", "/sso");
    for (status, method, body) in [
        (302, "GET", ""),
        (303, "GET", ""),
        (307, "POST", "SAMLResponse=a+b"),
        (308, "POST", "SAMLResponse=a+b"),
    ] {
        farm.serve("/receive", Answer::redirect(status, at(&farm, "c.test", "/landed")));
        let chain = chain_of(&peeler, &link).await;
        assert_eq!(kinds(&chain), [HopKind::Start, HopKind::Form, HopKind::HttpRedirect], "{status}");
        assert_eq!(
            (chain.hops[1].method.as_str(), chain.hops[2].method.as_str()),
            ("POST", method),
            "{status}"
        );
        let sent = chain.hops[1].request_body.as_ref().unwrap();
        assert_eq!(
            (sent.bytes, sent.content_type.as_deref()),
            (16, Some("application/x-www-form-urlencoded"))
        );
        let received = farm.last_request("/receive").unwrap();
        let origin = at(&farm, "a.test", "");
        assert_eq!(received.header("origin"), Some(origin.as_str()));
        assert_eq!(received.header("referer"), Some(format!("{origin}/").as_str()));
        let landed = farm.last_request("/landed").unwrap();
        assert_eq!((landed.method.as_str(), &landed.body[..]), (method, body.as_bytes()), "{status}");
        assert_eq!(landed.header("content-type").is_some(), method == "POST", "{status}");
        let tainted = (method == "POST").then_some("null");
        assert_eq!(landed.header("origin"), tainted, "two foreign origins in a row");
    }
}

#[tokio::test]
async fn a_form_is_not_led_where_its_page_forbids() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    let form = Answer::html(
        "<title>here</title><form action='/hop'><input name=k value=v></form><script>document.forms[0].submit()</script>",
    );
    farm.serve("/own", form.clone().header("Content-Security-Policy", "form-action 'self'"));
    farm.serve("/any", form);
    farm.serve("/hop", Answer::redirect(302, at(&farm, "b.test", "/end")));
    let chain = chain_of(&peeler, &farm.url("/any")).await;
    assert_eq!(final_url(&chain), at(&farm, "b.test", "/end"));
    let visits = farm.hits("/end");
    let chain = chain_of(&peeler, &farm.url("/own")).await;
    assert_eq!((final_url(&chain), chain.title.as_deref()), (farm.url("/own").as_str(), Some("here")));
    assert_eq!((farm.hits("/hop"), farm.hits("/end")), (2, visits));
}

#[tokio::test]
async fn a_frame_of_the_same_origin_may_move_the_page() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    farm.serve("/inner", script("top.location='/end'"));
    farm.serve("/outer", Answer::html("<iframe src=/inner></iframe>"));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/outer")).await), farm.url("/end"));
    let foreign = format!("<iframe src='{}'></iframe>", at(&farm, "b.test", "/inner"));
    farm.serve("/foreign", Answer::html(&foreign));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/foreign")).await), farm.url("/foreign"));
}

#[tokio::test]
async fn the_first_way_out_wins() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    let page = |timer_ms: u32, refresh_s: u32| {
        Answer::html(&format!(
            "<meta http-equiv=refresh content='{refresh_s};url=/refreshed'><script>setTimeout(()=>location='/scripted',{timer_ms})</script>"
        ))
    };
    for (timer_ms, refresh_s, winner, kind) in [
        (1_000, 5, "/scripted", HopKind::Script),
        (1_000, 1, "/scripted", HopKind::Script),
        (9_000, 5, "/refreshed", HopKind::MetaRefresh),
        (60_000, 5, "/refreshed", HopKind::MetaRefresh),
    ] {
        farm.serve("/both", page(timer_ms, refresh_s));
        let chain = chain_of(&peeler, &farm.url("/both")).await;
        assert_eq!(final_url(&chain), farm.url(winner), "{timer_ms} ms, {refresh_s} s");
        assert_eq!(chain.hops[1].kind, kind);
    }
    farm.serve("/late", script("setTimeout(()=>location='/never',31000)"));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/late")).await), farm.url("/late"));
    let inserted = "var m=document.createElement('meta');m.httpEquiv='refresh';m.content='0;url=/end';document.head.appendChild(m)";
    farm.serve("/inserted", script(inserted));
    let chain = chain_of(&peeler, &farm.url("/inserted")).await;
    assert_eq!((final_url(&chain), chain.hops[1].kind), (farm.url("/end").as_str(), HopKind::MetaRefresh));
    assert_eq!(farm.hits("/never"), 0);
}

#[tokio::test]
async fn history_and_titles_change_the_page_without_a_hop() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    farm.serve("/push", script("history.pushState({},'','/pushed?a=1');document.title='New'"));
    let chain = chain_of(&peeler, &farm.url("/push")).await;
    assert_eq!((final_url(&chain), chain.hops.len()), (farm.url("/pushed?a=1").as_str(), 1));
    assert_eq!(chain.title.as_deref(), Some("New"));
    farm.serve("/hash", script("location.hash='here'"));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/hash")).await), farm.url("/hash#here"));
    farm.serve("/foreign", script("try{history.pushState({},'','http://b.test/x')}catch(e){}"));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/foreign")).await), farm.url("/foreign"));
}

#[tokio::test]
async fn what_a_script_asks_goes_through_the_guarded_way_out() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    farm.serve(
        "/api",
        Answer::status(200).header("Content-Type", "application/json").body("{\"url\":\"/end\"}"),
    );
    farm.serve("/moved", Answer::redirect(302, "/api"));
    farm.serve("/fetch", script("fetch('/moved').then(r=>r.json()).then(j=>location=j.url)"));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/fetch")).await), farm.url("/end"));
    farm.serve(
        "/lib.js",
        Answer::status(200).header("Content-Type", "text/javascript").body("location='/end'"),
    );
    farm.serve(
        "/lib",
        Answer::html(&format!("<script src='{}'></script>", at(&farm, "cdn.test", "/lib.js"))),
    );
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/lib")).await), farm.url("/end"));
    assert_eq!(
        farm.last_request("/lib.js").unwrap().header("referer"),
        Some(format!("{}/", farm.url("")).as_str())
    );
    for url in ["http://10.0.0.1/x.js", "http://169.254.169.254/latest/", "file:///etc/passwd"] {
        let page = format!(
            "<script src='{url}'></script><script>fetch('{url}').then(()=>location='/never',()=>location='/refused')</script>"
        );
        farm.serve("/inside", Answer::html(&page));
        assert_eq!(final_url(&chain_of(&peeler, &farm.url("/inside")).await), farm.url("/refused"), "{url}");
    }
    assert_eq!(farm.hits("/never"), 0);
}

#[tokio::test]
async fn app_links_of_scripts_lead_to_their_web_page_and_other_programs_nowhere() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    let fallback = at(&farm, "dest.example", "/end");
    let encoded: String = url::form_urlencoded::byte_serialize(fallback.as_bytes()).collect();
    farm.serve("/app", script(&format!("location='intent://x#Intent;S.browser_fallback_url={encoded};end'")));
    let chain = chain_of(&peeler, &farm.url("/app")).await;
    assert_eq!((final_url(&chain), chain.hops[1].kind), (fallback.as_str(), HopKind::AppLink));
    farm.serve("/mail", script("location='mailto:a@b.example'"));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/mail")).await), farm.url("/mail"));
    farm.serve("/blank", script("location='about:blank'"));
    assert_eq!(ended(&chain_of(&peeler, &farm.url("/blank")).await), failed(Reason::UnsupportedScheme));
}

#[tokio::test]
async fn verification_pages_are_not_run() {
    let farm = LinkFarm::start().await;
    farm.serve("/gate", Answer::html("<div class=h-captcha></div><script src=/solve.js></script>"));
    let chain = chain_of(&running(&farm), &farm.url("/gate")).await;
    assert_eq!((chain.vendor.as_deref(), chain.engine), (Some("hcaptcha"), Some(Engine::Http)));
    assert_eq!(farm.hits("/solve.js"), 0);
}

#[tokio::test]
async fn hostile_pages_stay_and_the_next_link_works() {
    let farm = LinkFarm::start().await;
    let scripts = ScriptBudgets { page_ms: 6_000, fetches_max: 5, ..ScriptBudgets::default() };
    let peeler = running_with(&farm, Budgets { scripts, ..Budgets::default() });
    farm.serve("/loop-forever", script("for(;;){}"));
    farm.serve("/memory", script("var a=[];for(;;)a.push(new Array(1e6).fill(a.length))"));
    farm.serve("/many", script("for(var i=0;i<50;i++){var x=new XMLHttpRequest();x.open('GET','/part',false);try{x.send()}catch(e){}}"));
    farm.serve("/reloads", script("location='/reloads?'+Math.random()"));
    farm.serve("/cookies", script("for(var i=0;i<10000;i++)document.cookie='c'+i+'=1'"));
    for path in ["/loop-forever", "/memory", "/many", "/cookies"] {
        let chain = chain_of(&peeler, &farm.url(path)).await;
        assert_eq!(final_url(&chain), farm.url(path));
    }
    assert!(farm.hits("/part") <= 5, "{}", farm.hits("/part"));
    let chain = chain_of(&peeler, &farm.url("/reloads")).await;
    assert_ne!(chain.status, ChainStatus::Done);
    farm.serve("/fine", script("location='/end'"));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/fine")).await), farm.url("/end"));
}

#[tokio::test]
async fn a_slow_part_costs_the_page_its_scripts_and_not_the_chain() {
    let farm = LinkFarm::start().await;
    let scripts = ScriptBudgets { fetch_ms: 200, ..ScriptBudgets::default() };
    let peeler = running_with(&farm, Budgets { scripts, ..Budgets::default() });
    farm.serve("/waits", Answer::html("<title>here</title><script src=/drip></script><script src=/hang></script><script>document.title='ran'</script>"));
    let chain = chain_of(&peeler, &farm.url("/waits")).await;
    assert_eq!((final_url(&chain), chain.title.as_deref()), (farm.url("/waits").as_str(), Some("ran")));
}
