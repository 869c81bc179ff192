//! Pages that must stay what they are, though a search for patterns would find a destination in each of them.

use hopline_domain::chain::ChainStatus;
use hopline_testkit::{Answer, LinkFarm};

use crate::peeling::chain_of;
use crate::peeling_scripts::running;

/// Documents that a browser does not leave.
const STAYING: [&str; 44] = [
    "<script>function go(){location='/never'}</script>",
    "<script>// location='/never'</script>",
    "<script>/* location.href='/never' */</script>",
    "<script>var s=\"location='/never'\"</script>",
    "<script>var s=`window.location.replace('/never')`</script>",
    "<script>if(false)location='/never'</script>",
    "<script>if(navigator.webdriver)location='/never'</script>",
    "<script>if(location.hash==='#go')location='/never'</script>",
    "<script>var location2='/never';</script>",
    "<script>(function(location){location='/never'})({})</script>",
    "<script>var o={location:''};o.location='/never'</script>",
    "<script>throw 1;location='/never'</script>",
    "<script>location='/never' syntax error</script>",
    "<script type='text/template'>location='/never'</script>",
    "<script type='application/json'>{\"location\":\"/never\"}</script>",
    "<script type='application/ld+json'>{\"url\":\"/never\"}</script>",
    "<template><script>location='/never'</script></template>",
    "<noscript><meta http-equiv=refresh content='0;url=/never'></noscript>",
    "<textarea><script>location='/never'</script></textarea>",
    "<title><script>location='/never'</script></title>",
    "<style>/*<script>location='/never'</script>*/</style>",
    "<xmp><script>location='/never'</script></xmp>",
    "<!-- <script>location='/never'</script> -->",
    "<p>&lt;script&gt;location='/never'&lt;/script&gt;",
    "<a href='/never' onclick=\"location='/never'\">go</a>",
    "<button onclick=\"location='/never'\">go</button>",
    "<body onmouseover=\"location='/never'\">",
    "<form action='/never'><input></form>",
    "<form action='/never'><input></form><script>document.forms[0].addEventListener('submit',function(){})</script>",
    "<script>setTimeout(function(){location='/never'},3600000)</script>",
    "<script>document.addEventListener('click',function(){location='/never'})</script>",
    "<script>window.addEventListener('keydown',function(){location='/never'})</script>",
    "<script>var t=setTimeout(function(){location='/never'},10);clearTimeout(t)</script>",
    "<script>document.createElement('a').href='/never'</script>",
    "<script>fetch('/nope').catch(function(){location='/never'})</script>",
    "<script>new URL('/never',location.href)</script>",
    "<script>history.pushState({},'','');</script>",
    "<link rel=canonical href='/never'>",
    "<meta property='og:url' content='/never'>",
    "<meta name=refresh content='0;url=/never'>",
    "<meta http-equiv=Location content='/never'>",
    "<iframe srcdoc=\"<script>location='/never'</script>\"></iframe>",
    "<iframe sandbox srcdoc=\"<script>top.location='/never'</script>\"></iframe>",
    "<iframe srcdoc=\"<meta http-equiv=refresh content='0;url=/never'>\"></iframe>",
];

/// Policies under which `location='/never'` in a script does nothing.
const FORBIDDING: [&str; 5] = [
    "script-src 'none'",
    "default-src 'none'",
    "script-src 'self'",
    "script-src 'nonce-abc'",
    "sandbox allow-forms",
];

#[tokio::test]
async fn no_page_is_given_a_destination_it_does_not_have() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    let mut wrong = Vec::new();
    for (at, body) in STAYING.iter().enumerate() {
        let path = format!("/stay/{at}");
        farm.serve(&path, Answer::html(&format!("<!doctype html><title>here</title>{body}")));
        let chain = chain_of(&peeler, &farm.url(&path)).await;
        if chain.status != ChainStatus::Done || chain.final_url != Some(farm.url(&path)) {
            wrong.push((body, chain.final_url, chain.reason));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_policy_that_forbids_scripts_is_kept() {
    let farm = LinkFarm::start().await;
    let peeler = running(&farm);
    let page = Answer::html("<script>location='/never'</script>");
    for policy in FORBIDDING {
        farm.serve("/policed", page.clone().header("Content-Security-Policy", policy));
        let chain = chain_of(&peeler, &farm.url("/policed")).await;
        assert_eq!(chain.final_url, Some(farm.url("/policed")), "{policy}");
    }
    for content_type in ["text/plain", "application/json", "text/css", "image/png"] {
        let body = Answer::status(200)
            .header("Content-Type", content_type)
            .body("<script>location='/never'</script>");
        farm.serve("/typed", body);
        assert_eq!(
            chain_of(&peeler, &farm.url("/typed")).await.final_url,
            Some(farm.url("/typed")),
            "{content_type}"
        );
    }
    assert_eq!(farm.hits("/never"), 0);
}
