//! Pages that stand in the way, by themselves: interstitials, app links, human verification, frames, and what a link's
//! own text says. Nothing is run here.

use hopline_domain::chain::{Chain, ChainStatus, HopKind};
use hopline_domain::outcome::Reason;
use hopline_testkit::{Answer, LinkFarm};

use crate::peeling::{chain_of, ended, failed, kinds, peeler, request_for};

const INTENT: &str = "intent://open/#Intent;scheme=x;package=com.x;S.browser_fallback_url=http%3A%2F%2Fdest.example%3APORT%2Fend;end";

/// The URL of `path` on a name that means the farm.
fn at(farm: &LinkFarm, name: &str, path: &str) -> String {
    format!("http://{name}:{}{path}", farm.address().port())
}

fn final_url(chain: &Chain) -> &str {
    chain.final_url.as_deref().unwrap_or_else(|| panic!("no destination: {:?}", chain.reason))
}

#[tokio::test]
async fn interstitials_lead_on_by_their_recipe_alone() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    let dest = at(&farm, "dest.example", "/end");
    farm.serve("/abc", Answer::html(&format!("<a class=biglink href='{dest}'>go</a>")));
    farm.serve(
        "/dXyz",
        Answer::html(&format!("<a data-tracking-control-name=external_url_click href='{dest}'>go</a>")),
    );
    let leaving = format!("<a href='/home'>Home</a> <a href='{dest}'>Go on</a>");
    farm.serve("/url", Answer::html(&leaving));
    farm.serve("/away.php", Answer::html(&leaving));
    farm.serve("/linkfilter/", Answer::html(&leaving));
    let encoded: String = url::form_urlencoded::byte_serialize(dest.as_bytes()).collect();
    for (link, rule) in [
        (at(&farm, "v.gd", "/abc"), "isgd_preview"),
        (at(&farm, "lnkd.in", "/dXyz"), "linkedin_short"),
        (at(&farm, "www.google.com", &format!("/url?q={encoded}")), "google_notice"),
        (at(&farm, "vk.com", &format!("/away.php?to={encoded}")), "vk_away"),
        (at(&farm, "steamcommunity.com", &format!("/linkfilter/?u={encoded}")), "steam_linkfilter"),
    ] {
        let chain = chain_of(&peeler, &link).await;
        assert_eq!(final_url(&chain), dest, "{link}");
        assert_eq!(kinds(&chain), [HopKind::Start, HopKind::Link], "{link}");
        assert_eq!(chain.hops[1].rule.as_deref(), Some(rule));
        assert_eq!(chain.hops[0].location.as_deref(), Some(dest.as_str()));
    }
    let origin = at(&farm, "v.gd", "/");
    chain_of(&peeler, &at(&farm, "v.gd", "/abc")).await;
    assert_eq!(farm.last_request("/end").unwrap().header("referer"), Some(origin.as_str()));
    for (name, path) in
        [("a.test", "/abc"), ("vk.com", "/away.php?to=http://other.example/"), ("vk.com", "/url")]
    {
        let link = at(&farm, name, path);
        assert_eq!(final_url(&chain_of(&peeler, &link).await), link, "no recipe, or it does not agree");
    }
}

#[tokio::test]
async fn app_links_lead_to_the_web_page_they_name() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    let intent = INTENT.replace("PORT", &farm.address().port().to_string());
    let dest = at(&farm, "dest.example", "/end");
    farm.serve("/app-redirect", Answer::redirect(302, &intent));
    farm.serve(
        "/app-refresh",
        Answer::html(&format!("<meta http-equiv=refresh content=\"0;url={intent}\">")),
    );
    for path in ["/app-redirect", "/app-refresh"] {
        let chain = chain_of(&peeler, &farm.url(path)).await;
        assert_eq!(final_url(&chain), dest, "{path}");
        assert_eq!(kinds(&chain), [HopKind::Start, HopKind::AppLink], "{path}");
        assert_eq!(chain.hops[0].location.as_deref(), Some(intent.as_str()));
    }
    for target in
        ["intent://x#Intent;package=com.x;end", "market://details?id=com.x", "itms-apps://x/app/id1"]
    {
        farm.serve("/app-only", Answer::redirect(302, target));
        assert_eq!(
            ended(&chain_of(&peeler, &farm.url("/app-only")).await),
            failed(Reason::UnsupportedScheme)
        );
    }
}

fn verification(vendor: &str) -> (ChainStatus, Option<Reason>, Option<String>, Option<String>) {
    (ChainStatus::Invalid, Some(Reason::HumanVerification), Some(vendor.to_owned()), None)
}

fn judged(chain: Chain) -> (ChainStatus, Option<Reason>, Option<String>, Option<String>) {
    (chain.status, chain.reason, chain.vendor, chain.final_url)
}

#[tokio::test]
async fn human_verification_is_named_and_never_a_destination() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    let html = |status: u16, body: &str| {
        Answer::status(status).header("Content-Type", "text/html").body(body.to_owned())
    };
    let refresh = "<meta http-equiv=refresh content='0;url=/never'>";
    for (answer, vendor) in [
        (html(403, refresh).header("cf-mitigated", "challenge"), "cloudflare"),
        (html(503, "<title>Just a moment...</title>").header("cf-mitigated", "challenge"), "cloudflare"),
        (html(405, "").header("x-amzn-waf-action", "captcha"), "aws_waf"),
        (html(202, "").header("x-amzn-waf-action", "challenge"), "aws_waf"),
        (html(403, "<script src='https://ct.captcha-delivery.com/c.js'></script>"), "datadome"),
        (html(403, "<div id=px-captcha></div>"), "human"),
        (html(429, "x").header("x-kpsdk-ct", "1"), "kasada"),
        (html(200, "<div id=sec-if-cpt-container></div>"), "akamai"),
        (html(200, "<iframe src='/_Incapsula_Resource?x=1'></iframe>"), "imperva"),
        (html(200, "<p>Are you human?</p><div class=h-captcha></div>"), "hcaptcha"),
        (html(200, "<form method=post><div class=g-recaptcha></div></form>"), "recaptcha"),
        (html(200, "<div class=cf-turnstile></div><meta http-equiv=refresh content=300>"), "cloudflare"),
    ] {
        farm.serve("/gate", answer);
        for path in ["/gate", "/to?url=/gate"] {
            assert_eq!(
                judged(chain_of(&peeler, &farm.url(path)).await),
                verification(vendor),
                "{vendor} {path}"
            );
        }
    }
    assert_eq!(farm.hits("/never"), 0);
    let sorry = at(&farm, "www.google.com", "/sorry/index?continue=x");
    assert_eq!(judged(chain_of(&peeler, &sorry).await), verification("google"));
    let loaded = "<script src='https://www.google.com/recaptcha/api.js?render=k'></script><p>ad";
    farm.serve("/gated", Answer::html(loaded));
    assert_eq!(judged(chain_of(&peeler, &at(&farm, "ouo.io", "/gated")).await), verification("recaptcha"));
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/gated")).await), farm.url("/gated"));
}

#[tokio::test]
async fn a_box_on_a_page_that_goes_on_or_has_content_is_no_verification() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    farm.serve(
        "/box",
        Answer::html("<div class=g-recaptcha></div><meta http-equiv=refresh content='3;url=/end'>"),
    );
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/box")).await), farm.url("/end"));
    farm.serve(
        "/login",
        Answer::html("<form><input name=user><input type=password><div class=g-recaptcha></div></form>"),
    );
    assert_eq!(final_url(&chain_of(&peeler, &farm.url("/login")).await), farm.url("/login"));
}

#[tokio::test]
async fn a_masking_frame_is_told_beside_the_destination() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    farm.serve(
        "/set",
        Answer::html("<frameset rows='100%,*'><frame src='http://dest.example/seen'></frameset>"),
    );
    farm.serve(
        "/full",
        Answer::html("<body style='margin:0'><iframe src=seen style='width:100%;height:100vh'></iframe>"),
    );
    farm.serve("/part", Answer::html("<p>An article<iframe src=seen width='100%' height='100%'></iframe>"));
    for (path, framed) in [
        ("/set", Some("http://dest.example/seen".to_owned())),
        ("/full", Some(farm.url("/seen"))),
        ("/part", None),
    ] {
        let chain = chain_of(&peeler, &farm.url(path)).await;
        assert_eq!(
            (final_url(&chain), chain.framed_url.clone()),
            (farm.url(path).as_str(), framed),
            "{path}"
        );
    }
    assert_eq!(farm.hits("/seen"), 0);
}

#[tokio::test]
async fn the_links_own_text_is_told_beside_what_the_network_says() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    let link = at(&farm, "www.youtube.com", "/redirect?event=x&q=https%3A%2F%2Fexample.com%2Fp");
    farm.serve("/redirect", Answer::redirect(302, "/elsewhere"));
    let offline = chain_of(&peeler, &link).await.offline.unwrap();
    assert_eq!((offline.url.as_str(), offline.agrees), ("https://example.com/p", Some(false)));
    assert_eq!(chain_of(&peeler, &farm.url("/end")).await.offline, None);

    let visits = farm.hits("/redirect");
    let decoded = peeler.decode(&request_for(&link));
    assert_eq!((final_url(&decoded), decoded.engine), ("https://example.com/p", None));
    assert_eq!(kinds(&decoded), [HopKind::Start, HopKind::Offline]);
    assert_eq!((decoded.hops[1].status, decoded.hops[1].rule.clone()), (None, Some(offline.rule)));
    assert_eq!(farm.hits("/redirect"), visits, "nothing was asked");
}
