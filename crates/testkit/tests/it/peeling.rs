//! The resolver against real sockets: what it follows, what it records, what it refuses and what it may cost.
#![expect(clippy::unwrap_used, reason = "what cannot be set up must fail the test at once")]

use std::sync::Arc;

use hopline_domain::address::AddressPolicy;
use hopline_domain::chain::{Chain, ChainStatus, HopKind};
use hopline_domain::job::BrowserUse;
use hopline_domain::outcome::Reason;
use hopline_domain::profile::Profile;
use hopline_domain::provider::Catalogue;
use hopline_outbound::{Outbound, OutboundConfig, PolitenessLimits, StaticName};
use hopline_peel::{Budgets, PeelRequest, Peeler, PeelerParts};
use hopline_testkit::{Answer, LinkFarm, ManualClock, Step};

/// Names that all mean the farm.
const NAMES: [&str; 18] = [
    "a.test",
    "b.test",
    "c.test",
    "b.test.",
    "xn--bcher-kva.test",
    "bit.ly",
    "dest.example",
    "forum.example",
    "lnkd.in",
    "ouo.io",
    "steamcommunity.com",
    "v.gd",
    "vk.com",
    "www.google.com",
    "www.googleadservices.com",
    "www.youtube.com",
    "cdn.test",
    "api.test",
];

/// Reads pages and runs none.
pub(crate) fn peeler(farm: &LinkFarm) -> Peeler {
    peeler_with(farm, Budgets::default())
}

fn peeler_with(farm: &LinkFarm, budgets: Budgets) -> Peeler {
    Peeler::new(PeelerParts { budgets, ..peeler_parts(farm) })
}

/// A peeler without a script engine and without a browser, whose names all mean `farm`.
pub(crate) fn peeler_parts(farm: &LinkFarm) -> PeelerParts {
    polite_parts(farm, None)
}

fn polite_parts(farm: &LinkFarm, politeness: Option<PolitenessLimits>) -> PeelerParts {
    let port = farm.address().port();
    let entry = |name: &&str| format!("{name}:{port}:127.0.0.1").parse::<StaticName>().unwrap();
    let outbound = Outbound::new(OutboundConfig {
        policy: AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]),
        static_names: NAMES.iter().map(entry).collect(),
        politeness,
        ..OutboundConfig::default()
    });
    PeelerParts {
        outbound: outbound.unwrap(),
        catalogue: Catalogue::builtin(),
        clock: Arc::new(ManualClock::default()),
        budgets: Budgets::default(),
        scripts: None,
        browser: None,
    }
}

pub(crate) fn request_for(url: &str) -> PeelRequest {
    PeelRequest {
        url: url.to_owned(),
        profile: Profile::default(),
        runner: "server".to_owned(),
        browser: BrowserUse::Auto,
        screenshot: false,
    }
}

pub(crate) async fn chain_of(peeler: &Peeler, url: &str) -> Chain {
    peeler.peel(&request_for(url)).await.chain
}

pub(crate) fn ended(chain: &Chain) -> (ChainStatus, Option<Reason>, Option<&str>) {
    (chain.status, chain.reason, chain.final_url.as_deref())
}

pub(crate) fn failed(reason: Reason) -> (ChainStatus, Option<Reason>, Option<&'static str>) {
    (reason.status(), Some(reason), None)
}

pub(crate) fn kinds(chain: &Chain) -> Vec<HopKind> {
    chain.hops.iter().map(|hop| hop.kind).collect()
}

#[tokio::test]
async fn a_chain_of_every_mechanism_is_followed_and_recorded() {
    let farm = LinkFarm::start().await;
    let b = format!("http://b.test:{}", farm.address().port());
    farm.serve(
        "/start",
        Answer::redirect(302, format!("{b}/header")).header("Set-Cookie", "seen=1; Path=/; Max-Age=60"),
    );
    farm.serve("/header", Answer::page("h").header("Refresh", "0;url=/meta"));
    farm.serve("/meta", Answer::html("<meta http-equiv=refresh content='3;url=/end#here'><title>m</title>"));
    farm.serve("/end", Answer::page("The End"));
    let asked = format!("http://a.test:{}/start#x", farm.address().port());
    let chain = chain_of(&peeler(&farm), &asked).await;

    assert_eq!(ended(&chain), (ChainStatus::Done, None, Some(format!("{b}/end#here").as_str())));
    assert_eq!(chain.title.as_deref(), Some("The End"));
    assert_eq!(
        kinds(&chain),
        [HopKind::Start, HopKind::HttpRedirect, HopKind::RefreshHeader, HopKind::MetaRefresh]
    );
    let [start, header, meta, end] = &chain.hops[..] else { panic!("four hops") };
    assert_eq!((start.url.as_str(), start.status, start.method.as_str()), (asked.as_str(), Some(302), "GET"));
    assert_eq!(start.location.as_deref(), Some(format!("{b}/header").as_str()));
    assert_eq!(start.http_version.as_deref(), Some("HTTP/1.1"));
    assert_eq!(start.remote_addr.as_deref(), Some(farm.address().to_string().as_str()));
    assert_eq!(start.cookies_set[0].name, "seen");
    assert!(start.cookies_set[0].expires.is_some());
    assert_eq!(header.url, format!("{b}/header#x"));
    assert!(header.cookies_sent.is_empty(), "cookies of a.test stay there");
    assert_eq!((meta.location.as_deref(), meta.delay_s), (Some("/end#here"), 3));
    assert!(end.headers.iter().any(|(name, value)| name == "content-type" && value.starts_with("text/html")));
    // SHA-256 of `<!doctype html><title>The End</title>`.
    let digest = "c4de50d70c7c36783963d1cf269baaba0453fc04b29c02149e930e1449f75e5f";
    assert_eq!((end.body_sha256.as_deref(), end.body_bytes), (Some(digest), 37));
    assert!(end.timings_ms.is_some());
}

#[tokio::test]
async fn headers_are_a_browsers_and_the_referer_follows_the_rules() {
    let farm = LinkFarm::start().await;
    farm.serve("/r", Answer::redirect(302, "/page"));
    farm.serve("/page", Answer::html("<meta http-equiv=refresh content='0;url=/after'>"));
    let profile = Profile {
        accept_language: Some("de".to_owned()),
        referer: Some("https://ads.example/x".to_owned()),
        headers: [("X-Extra".to_owned(), "1".to_owned())].into(),
        ..Profile::default()
    };
    let request = PeelRequest { profile, ..request_for(&farm.url("/r")) };
    let chain = peeler(&farm).peel(&request).await.chain;
    assert_eq!(chain.status, ChainStatus::Done);
    assert_eq!(chain.profile.referer.as_deref(), Some("https://ads.example/x"));

    let redirected = farm.last_request("/page").unwrap();
    assert_eq!(redirected.header("referer"), Some("https://ads.example/x"));
    assert_eq!(redirected.header("accept-language"), Some("de"));
    assert_eq!(redirected.header("x-extra"), Some("1"));
    assert_eq!(redirected.header("upgrade-insecure-requests"), Some("1"));
    assert!(redirected.header("user-agent").unwrap().contains("Hopline/"));
    assert!(redirected.header("accept-encoding").unwrap().contains("gzip"));
    let refreshed = farm.last_request("/after").unwrap();
    assert_eq!(refreshed.header("referer"), Some(farm.url("/page").as_str()));
}

#[tokio::test]
async fn cookies_open_gates_and_tell_loops_from_progress() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    let chain = chain_of(&peeler, &farm.url("/cookie-gate")).await;
    assert_eq!(chain.title.as_deref(), Some("behind the gate"));
    assert_eq!(chain.hops[1].cookies_sent, ["gate"]);
    assert_eq!(ended(&chain_of(&peeler, &farm.url("/loop")).await), failed(Reason::Loop));
    assert_eq!(farm.hits("/loop"), 1);

    farm.serve("/self", Answer::html("<meta http-equiv=refresh content=5><title>dashboard</title>"));
    let chain = chain_of(&peeler, &farm.url("/self")).await;
    assert_eq!(ended(&chain), (ChainStatus::Done, None, Some(farm.url("/self").as_str())));
    assert_eq!((chain.hops.len(), farm.hits("/self")), (1, 1));
}

#[tokio::test]
async fn nineteen_redirects_are_followed_and_the_twentieth_is_not() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    let chain = chain_of(&peeler, &farm.url("/chain/19")).await;
    assert_eq!((chain.status, chain.hops.len()), (ChainStatus::Done, 20));
    assert_eq!(ended(&chain_of(&peeler, &farm.url("/chain/20")).await), failed(Reason::TooManyHops));
}

#[tokio::test]
async fn a_long_refresh_is_recorded_and_not_followed() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    let chain = chain_of(&peeler, &farm.url("/meta?delay=31&url=/never")).await;
    assert_eq!(chain.final_url.as_deref(), Some(farm.url("/meta?delay=31&url=/never").as_str()));
    assert_eq!((chain.hops[0].location.as_deref(), chain.hops[0].delay_s), (Some("/never"), 31));
    assert_eq!(farm.hits("/never"), 0);
    let chain = chain_of(&peeler, &farm.url("/refresh-header?delay=30&url=/soon")).await;
    assert_eq!(chain.final_url.as_deref(), Some(farm.url("/soon").as_str()));
}

#[tokio::test]
async fn error_pages_count_only_after_a_hop() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    assert_eq!(ended(&chain_of(&peeler, &farm.url("/status/404")).await), failed(Reason::HttpStatus));
    assert_eq!(ended(&chain_of(&peeler, &farm.url("/status/503")).await), failed(Reason::HttpStatus));
    let listed = format!("http://bit.ly:{}", farm.address().port());
    for (path, reason) in [
        ("/status/404", Reason::LinkRemoved),
        ("/status/410", Reason::LinkRemoved),
        ("/status/403", Reason::HttpStatus),
    ] {
        let chain = chain_of(&peeler, &format!("{listed}{path}")).await;
        assert_eq!(ended(&chain), failed(reason), "{path}");
        assert_eq!(chain.hops[0].provider.as_deref(), Some("bitly"));
    }
    let chain = chain_of(&peeler, &farm.url("/to?url=/status/404")).await;
    assert_eq!(ended(&chain), (ChainStatus::Done, None, Some(farm.url("/status/404").as_str())));
    assert_eq!(chain.last_status(), Some(404));
    for status in [204, 205, 304] {
        let chain = chain_of(&peeler, &farm.url(&format!("/status/{status}"))).await;
        assert_eq!(ended(&chain), failed(Reason::NoDocument), "{status}");
    }
}

#[tokio::test]
async fn downloads_end_the_chain() {
    let farm = LinkFarm::start().await;
    let chain = chain_of(&peeler(&farm), &farm.url("/to?url=/attachment")).await;
    assert_eq!(ended(&chain), (ChainStatus::Done, None, Some(farm.url("/attachment").as_str())));
    assert!(chain.download && chain.hops[1].body_sha256.is_some());
}

#[tokio::test]
async fn raw_bytes_are_kept_as_evidence() {
    let farm = LinkFarm::start().await;
    let chain = chain_of(&peeler(&farm), &farm.url("/latin1")).await;
    assert_eq!(chain.final_url.as_deref(), Some(farm.url("/caf%E9").as_str()));
    assert_eq!(chain.hops[0].location.as_deref(), Some("/caf\u{fffd}"));
    assert_eq!(chain.hops[0].location_raw_b64.as_deref(), Some("L2NhZuk="));
    let chain = chain_of(&peeler(&farm), &farm.url("/two-locations")).await;
    assert_eq!(ended(&chain), failed(Reason::BadLocation));
}

#[tokio::test]
async fn what_must_not_be_dialled_ends_the_chain_as_invalid() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    for target in ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/", "http://0x7f.1:25/"]
    {
        let chain = chain_of(&peeler, &farm.url(&format!("/to?url={target}"))).await;
        let reason = if target.ends_with(":25/") { Reason::BadLocation } else { Reason::ForbiddenAddress };
        assert_eq!(ended(&chain), failed(reason), "{target}");
        assert_eq!(chain.hops[1].status, None);
    }
    for target in ["mailto:a@b.c", "file:///etc/passwd", "intent://x"] {
        let chain = chain_of(&peeler, &farm.url(&format!("/to?url={target}"))).await;
        assert_eq!(ended(&chain), failed(Reason::UnsupportedScheme), "{target}");
        assert_eq!(chain.hops[0].location.as_deref(), Some(target));
    }
    assert_eq!(ended(&chain_of(&peeler, "ftp://a.test/").await), failed(Reason::UnsupportedScheme));
    assert_eq!(ended(&chain_of(&peeler, "no url").await), failed(Reason::UnsupportedScheme));
}

#[tokio::test]
async fn hostile_pages_cost_what_the_budgets_say() {
    let farm = LinkFarm::start().await;
    let peeler = peeler_with(&farm, Budgets { hop_ms: 200, ..Budgets::default() });
    for (path, reason) in [
        ("/hang", Reason::Timeout),
        ("/hang-body", Reason::Timeout),
        ("/drip-head", Reason::Timeout),
        ("/reset", Reason::Protocol),
        ("/garbage", Reason::Protocol),
        ("/huge-headers", Reason::Protocol),
    ] {
        let chain = chain_of(&peeler, &farm.url(path)).await;
        assert_eq!(ended(&chain), failed(reason), "{path}");
    }
    let patient = self::peeler(&farm);
    for path in ["/endless", "/gzip-bomb", "/big-body"] {
        let chain = chain_of(&patient, &farm.url(path)).await;
        assert_eq!(ended(&chain), failed(Reason::BodyTooLarge), "{path}");
        assert_eq!(chain.hops[0].body_bytes, 2 * 1024 * 1024, "{path}");
    }
}

#[tokio::test]
async fn the_whole_chain_has_a_deadline_and_loses_no_evidence_to_it() {
    let farm = LinkFarm::start().await;
    let peeler = peeler_with(&farm, Budgets { total_ms: 300, ..Budgets::default() });
    let chain = chain_of(&peeler, &farm.url("/to?url=/hang")).await;
    assert_eq!(ended(&chain), failed(Reason::Timeout));
    assert_eq!((chain.hops.len(), chain.hops[0].status, chain.hops[1].status), (2, Some(302), None));
}

#[tokio::test]
async fn nothing_listening_is_told_apart_from_no_name() {
    let farm = LinkFarm::start().await;
    let peeler = peeler(&farm);
    let address = farm.address();
    farm.stop().await;
    assert_eq!(ended(&chain_of(&peeler, &format!("http://{address}/")).await), failed(Reason::Connect));
}

#[tokio::test]
async fn a_document_never_outgrows_its_bound() {
    let farm = LinkFarm::start().await;
    for hop in 0..20 {
        let next = if hop == 19 { "/final".to_owned() } else { format!("/wide/{}", hop + 1) };
        let long = Answer::redirect(302, next).header("X-Long", "x".repeat(40_000));
        farm.serve(
            &format!("/wide/{hop}"),
            if hop == 19 { Answer::page("end").header("X-Long", "x".repeat(40_000)) } else { long },
        );
    }
    let chain = chain_of(&peeler(&farm), &farm.url("/wide/0")).await;
    assert_eq!((chain.status, chain.hops.len(), chain.truncated), (ChainStatus::Done, 20, true));
    assert!(serde_json::to_vec(&chain).unwrap().len() <= 256 * 1024);
}

#[tokio::test]
async fn a_page_cut_short_is_shown_and_its_refresh_never_due() {
    let farm = LinkFarm::start().await;
    let head =
        "HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 999\r\nConnection: close\r\n\r\n";
    let body = "<title>here</title><meta http-equiv=refresh content='0;url=/final'>";
    farm.serve("/cut", Answer::script(vec![Step::Send(format!("{head}{body}").into()), Step::Close]));
    let chain = chain_of(&peeler(&farm), &farm.url("/cut")).await;
    assert_eq!(chain.final_url.as_deref(), Some(farm.url("/cut").as_str()));
    assert_eq!((chain.title.as_deref(), farm.hits("/final")), (Some("here"), 0));
}

#[tokio::test]
async fn waiting_for_a_polite_turn_is_not_the_link_s_time() {
    let farm = LinkFarm::start().await;
    farm.serve("/busy", Answer::retry_after(503, "60"));
    let politeness = PolitenessLimits { pause_ms_max: 1_500, ..PolitenessLimits::default() };
    let budgets = Budgets { total_ms: 1_000, ..Budgets::default() };
    let peeler = Peeler::new(PeelerParts { budgets, ..polite_parts(&farm, Some(politeness)) });
    assert_eq!(chain_of(&peeler, &farm.url("/busy")).await.reason, Some(Reason::HttpStatus));
    let chain = chain_of(&peeler, &farm.url("/end")).await;
    assert_eq!(
        (chain.status, chain.reason),
        (ChainStatus::Done, None),
        "the host was left alone for longer than a link may take"
    );
}
