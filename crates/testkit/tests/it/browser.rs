//! A real Chromium on a local web: what it follows and records, what it may not reach, and what it may cost.
#![expect(clippy::unwrap_used, reason = "what cannot be set up must fail the test at once")]

mod cost;
mod forbidden;

use std::path::Path;
use std::time::Duration;

use hopline_browser::{Browser, BrowserConfig, Visit, VisitEnd, VisitReport};
use hopline_domain::address::AddressPolicy;
use hopline_domain::chain::HopKind;
use hopline_domain::outcome::Reason;
use hopline_domain::profile::{FormFactor, Profile};
use hopline_outbound::{Outbound, OutboundConfig};
use hopline_testkit::{Answer, LinkFarm, WebhookSink};

/// A browser whose `a.test` and `b.test` are the farm.
fn browser(farm: &LinkFarm) -> Browser {
    browser_with(farm, BrowserConfig::default())
}

fn browser_with(farm: &LinkFarm, config: BrowserConfig) -> Browser {
    let port = farm.address().port();
    let outbound = OutboundConfig {
        policy: AddressPolicy::new(vec!["127.0.0.1/32".parse().unwrap()]),
        static_names: ["a.test", "b.test"]
            .map(|name| format!("{name}:{port}:127.0.0.1").parse().unwrap())
            .to_vec(),
        ..OutboundConfig::default()
    };
    over(config, outbound)
}

fn over(config: BrowserConfig, outbound: OutboundConfig) -> Browser {
    let browser = Browser::new(config, Outbound::new(outbound).unwrap());
    browser.expect("a Chromium is installed; `cargo xtask neighbours` does it")
}

fn link(url: &str) -> Visit {
    Visit {
        url: url.to_owned(),
        profile: Profile::default(),
        screenshot: false,
        total_ms: 30_000,
        hops_max: 30,
        hosts_max: 16,
        delay_s_max: 30,
    }
}

async fn visit(browser: &Browser, url: &str) -> VisitReport {
    browser.visit(&link(url)).await.unwrap()
}

fn kinds(report: &VisitReport) -> Vec<HopKind> {
    report.hops.iter().map(|hop| hop.kind).collect()
}

/// Where the visit stayed.
fn stayed(report: &VisitReport) -> &str {
    match &report.end {
        VisitEnd::Page { url, .. } => url,
        other => panic!("no page but {other:?}"),
    }
}

fn title(report: &VisitReport) -> Option<&str> {
    match &report.end {
        VisitEnd::Page { title, .. } => title.as_deref(),
        _ => None,
    }
}

fn script(text: &str) -> Answer {
    Answer::html(&format!("<!doctype html><title>script</title><script>{text}</script>"))
}

#[tokio::test]
async fn every_mechanism_is_followed_and_recorded() {
    use HopKind::{Form, HttpRedirect, MetaRefresh, RefreshHeader, Script, Start};
    let farm = LinkFarm::start().await;
    let at = |host: &str, path: &str| format!("http://{host}:{}{path}", farm.address().port());
    farm.serve(
        "/start",
        Answer::redirect(302, b"/caf\xe9")
            .header("Set-Cookie", "seen=1; Path=/; Max-Age=60")
            .header("X-Odd", b"\xff"),
    );
    farm.serve("/caf%E9", Answer::page("h").header("Refresh", "0;url=/meta"));
    farm.serve("/meta", Answer::html("<title>m</title><meta http-equiv=refresh content='3;url=/script'>"));
    farm.serve("/script", script(&format!("location = '{}'", at("b.test", "/form"))));
    farm.serve(
        "/form",
        Answer::html("<form method=post action=/posted><input name=k value=v></form><script>document.forms[0].submit()</script>"),
    );
    farm.serve("/posted", Answer::redirect(303, "/end#here"));
    farm.serve("/end", script("history.replaceState({}, '', '/rewritten' + location.hash)"));
    let browser = browser(&farm);
    let report = visit(&browser, &at("a.test", "/start#x")).await;

    assert_eq!(stayed(&report), at("b.test", "/rewritten#here"));
    assert_eq!(kinds(&report), [Start, HttpRedirect, RefreshHeader, MetaRefresh, Script, Form, HttpRedirect]);
    let [start, header, meta, to_form, form, posted, end] = &report.hops[..] else { panic!("seven hops") };
    assert_eq!((start.url.as_str(), start.status), (at("a.test", "/start#x").as_str(), Some(302)));
    assert_eq!(start.location.as_deref(), Some("/caf\u{fffd}"));
    assert_eq!(start.location_raw_b64.as_deref(), Some("L2NhZuk="));
    assert_eq!(start.http_version.as_deref(), Some("HTTP/1.1"));
    assert_eq!(start.remote_addr.as_deref(), Some(farm.address().to_string().as_str()));
    assert_eq!(
        (start.cookies_set[0].name.as_str(), start.cookies_set[0].domain.as_str()),
        ("seen", "a.test")
    );
    assert!(start.cookies_set[0].expires.is_some() && start.timings_ms.is_some());
    let names: Vec<&str> = start.headers.iter().map(|(name, _)| name.as_str()).collect();
    // In the order received, but for the one the browser's text lost behind a byte it could not show.
    assert_eq!(names, ["location", "x-odd", "content-length", "set-cookie"]);
    assert_eq!(
        (header.url.as_str(), &header.cookies_sent[..]),
        (at("a.test", "/caf%E9#x").as_str(), &["seen".to_owned()][..])
    );
    assert_eq!((meta.location.as_deref(), meta.delay_s), (Some(at("a.test", "/script").as_str()), 3));
    assert!(to_form.body_sha256.is_some() && form.cookies_sent.is_empty(), "cookies of a.test stay there");
    let body = posted.request_body.as_ref().unwrap();
    assert_eq!((posted.method.as_str(), body.bytes), ("POST", 3));
    assert_eq!(body.content_type.as_deref(), Some("application/x-www-form-urlencoded"));
    assert_eq!(end.method, "GET", "a 303 turns a POST into a GET");
    assert_eq!(title(&report), Some("script"));
    browser.close().await;
}

#[tokio::test]
async fn a_visitor_is_who_the_profile_says() {
    let farm = LinkFarm::start().await;
    farm.serve("/r", Answer::redirect(302, "/page"));
    farm.serve(
        "/page",
        script("document.title = [screen.width, navigator.maxTouchPoints > 0, navigator.language].join()"),
    );
    let mut asked = link(&farm.url("/r"));
    asked.profile = Profile {
        accept_language: Some("de-CH,de;q=0.9".to_owned()),
        referer: Some("https://ads.example/x?y".to_owned()),
        form_factor: FormFactor::Mobile,
        headers: [("X-Extra".to_owned(), "1".to_owned())].into(),
        ..Profile::default()
    };
    let browser = browser(&farm);
    let report = browser.visit(&asked).await.unwrap();
    assert_eq!(title(&report), Some("412,true,de-CH"));
    for path in ["/r", "/page"] {
        let request = farm.last_request(path).unwrap();
        assert_eq!(request.header("referer"), Some("https://ads.example/x?y"), "{path}");
        assert_eq!(request.header("accept-language"), Some("de-CH,de;q=0.9"));
        assert_eq!(request.header("x-extra"), Some("1"));
        assert_eq!(request.header("user-agent"), Some(asked.profile.user_agent()));
        assert!(
            request.header("proxy-connection").is_none() && request.target == path,
            "nothing shows the proxy"
        );
    }
    browser.close().await;
}

#[tokio::test]
async fn the_callers_headers_are_for_documents_and_nobody_else() {
    let farm = LinkFarm::start().await;
    let at = |host: &str, path: &str| format!("http://{host}:{}{path}", farm.address().port());
    farm.serve("/r", Answer::redirect(302, at("b.test", "/page").as_str()).header("Set-Cookie", "a=1"));
    let beside = "<iframe src=/frame></iframe><img src=/picture><script>fetch('/json')</script>";
    let leave = "<script>setTimeout(() => document.forms[0].submit(), 3000)</script>";
    let form = format!("<form method=post action={}><input name=k value=v></form>", at("a.test", "/posted"));
    farm.serve("/page", Answer::html(&format!("{beside}{form}{leave}")));
    farm.serve("/frame", Answer::page("frame"));
    farm.serve("/picture", Answer::status(404));
    farm.serve("/posted", Answer::page("posted"));
    let mut asked = link(&at("a.test", "/r"));
    asked.profile.headers = [("X-Api-Key".to_owned(), "secret".to_owned())].into();
    let browser = browser(&farm);
    let report = browser.visit(&asked).await.unwrap();
    assert_eq!((stayed(&report), title(&report)), (at("a.test", "/posted").as_str(), Some("posted")));
    assert_eq!(kinds(&report), [HopKind::Start, HopKind::HttpRedirect, HopKind::Form]);
    for (path, header) in [
        ("/r", Some("secret")),
        ("/page", Some("secret")),
        ("/posted", Some("secret")),
        ("/frame", None),
        ("/picture", None),
        ("/json", None),
    ] {
        let request = farm.last_request(path).unwrap_or_else(|| panic!("{path} was asked for"));
        assert_eq!(request.header("x-api-key"), header, "{path}");
    }
    let posted = farm.last_request("/posted").unwrap();
    assert_eq!(posted.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!((posted.header("cookie"), &posted.body[..]), (Some("a=1"), &b"k=v"[..]));
    asked.url = farm.url("/cookie-gate");
    let report = browser.visit(&asked).await.unwrap();
    assert_eq!(stayed(&report), farm.url("/cookie-gate"), "cookies are kept beside them");
    asked.url = farm.url("/chain/20");
    assert_eq!(browser.visit(&asked).await.unwrap().end, VisitEnd::Failure(Reason::TooManyHops));
    browser.close().await;
}

/// How often the chain of countdowns is opened; more by hand, on a busy machine.
const COUNTDOWN_ROUNDS: usize = 4;

#[tokio::test]
async fn a_chain_of_countdowns_is_followed_to_its_end_every_time() {
    let farm = LinkFarm::start().await;
    let wait =
        |seconds: u32, next: &str| script(&format!("setTimeout(() => location = '{next}', {seconds}000)"));
    // Each takes longer than what the one before left of its time.
    farm.serve("/one", wait(2, "/two"));
    farm.serve("/two", wait(29, "/three"));
    farm.serve("/three", wait(30, "/four"));
    farm.serve("/four", wait(28, "/final"));
    let browser = browser(&farm);
    let url = farm.url("/one");
    for round in 0..COUNTDOWN_ROUNDS {
        let reports = futures_util::future::join_all((0..4).map(|_| visit(&browser, &url))).await;
        for report in reports {
            assert_eq!(stayed(&report), farm.url("/final"), "round {round}: {:?}", kinds(&report));
        }
    }
    browser.close().await;
}

#[tokio::test]
async fn countdowns_are_run_not_waited_for_and_long_waits_are_left() {
    let farm = LinkFarm::start().await;
    let countdown = "let left = 20; setInterval(() => { if (--left == 0) location = '/end' }, 1000)";
    farm.serve("/countdown", script(countdown));
    farm.serve("/dated", script("const end = Date.now() + 9000; setInterval(() => { if (Date.now() > end) location = '/end' }, 100)"));
    farm.serve(
        "/asks",
        script("setTimeout(async () => { location = (await (await fetch('/json')).json()).url }, 5000)"),
    );
    farm.serve(
        "/json",
        Answer::status(200).header("Content-Type", "application/json").body(r#"{"url": "/end"}"#),
    );
    farm.serve("/framed", Answer::html("<iframe src='/inner'></iframe>"));
    farm.serve("/inner", script("setTimeout(() => top.location = '/end', 4000)"));
    farm.serve("/end", Answer::page("the end"));
    farm.serve("/ticking", script("setInterval(() => document.title = 'on', 50)"));
    let browser = browser(&farm);
    for path in ["/countdown", "/dated", "/asks", "/framed"] {
        let report = visit(&browser, &farm.url(path)).await;
        assert_eq!(
            (stayed(&report), kinds(&report).last()),
            (farm.url("/end").as_str(), Some(&HopKind::Script)),
            "{path}"
        );
    }
    let report = visit(&browser, &farm.url("/ticking")).await;
    assert_eq!((stayed(&report), title(&report)), (farm.url("/ticking").as_str(), Some("on")));

    let report = visit(&browser, &farm.url("/meta?delay=30&url=/soon")).await;
    assert_eq!(stayed(&report), farm.url("/soon"));
    let report = visit(&browser, &farm.url("/meta?delay=31&url=/never")).await;
    assert_eq!(stayed(&report), farm.url("/meta?delay=31&url=/never"));
    assert_eq!(
        (report.hops[0].delay_s, report.hops[0].location.as_deref()),
        (31, Some(farm.url("/never").as_str()))
    );
    assert_eq!(farm.hits("/never"), 0);
    browser.close().await;
}

#[tokio::test]
async fn what_leaves_the_web_is_told_and_what_is_saved_is_a_download() {
    let farm = LinkFarm::start().await;
    let intent = "intent://x#Intent;scheme=foo;S.browser_fallback_url=https%3A%2F%2Fa.example%2F;end";
    farm.serve(
        "/app",
        script(&format!("location = '{intent}'; setTimeout(() => location = '/store', 1500)")),
    );
    farm.serve("/mail", script("location = 'mailto:a@b.c'"));
    farm.serve("/save", script("location = '/attachment'"));
    let browser = browser(&farm);

    let report = visit(&browser, &farm.url("/to?url=mailto:a@b.c")).await;
    assert_eq!(report.end, VisitEnd::Failure(Reason::UnsupportedScheme));
    assert_eq!((report.external_url.as_deref(), report.hops.len()), (Some("mailto:a@b.c"), 1));
    let report = visit(&browser, &farm.url("/mail")).await;
    assert_eq!(
        (stayed(&report), report.external_url.as_deref()),
        (farm.url("/mail").as_str(), Some("mailto:a@b.c"))
    );
    let report = visit(&browser, &farm.url("/app")).await;
    assert_eq!(stayed(&report), farm.url("/store"));
    assert_eq!(report.external_url, None, "the page went on by itself");
    for path in ["/attachment", "/save", "/to?url=/attachment"] {
        let report = visit(&browser, &farm.url(path)).await;
        assert_eq!(report.end, VisitEnd::Download { url: farm.url("/attachment") }, "{path}");
        assert_eq!(report.hops.last().unwrap().status, Some(200));
    }
    let report = visit(&browser, &farm.url("/status/204")).await;
    assert_eq!(report.end, VisitEnd::Failure(Reason::NoDocument));
    browser.close().await;
}

#[tokio::test]
async fn dialogs_windows_and_passwords_hold_nothing_up() {
    let farm = LinkFarm::start().await;
    farm.serve(
        "/dialogs",
        script("alert(1); onbeforeunload = () => 'stay'; location = confirm('?') ? '/yes' : '/no'"),
    );
    farm.serve(
        "/windows",
        Answer::html("<a id=a target=_blank href=/opened>x</a><script>open('/opened'); a.click()</script>"),
    );
    farm.serve("/password", Answer::status(401).header("WWW-Authenticate", "Basic realm=x").body("no"));
    let browser = browser(&farm);
    assert_eq!(stayed(&visit(&browser, &farm.url("/dialogs")).await), farm.url("/no"));
    assert_eq!(stayed(&visit(&browser, &farm.url("/windows")).await), farm.url("/windows"));
    assert_eq!(farm.hits("/opened"), 0);
    let report = visit(&browser, &farm.url("/password")).await;
    assert_eq!((stayed(&report), report.hops[0].status), (farm.url("/password").as_str(), Some(401)));
    browser.close().await;
}

#[tokio::test]
async fn a_frame_that_fills_the_page_is_named_and_a_picture_is_taken_on_request() {
    let farm = LinkFarm::start().await;
    let inner = farm.url("/inner");
    farm.serve("/set", Answer::html("<frameset cols='*'><frame src='/inner'></frameset>"));
    farm.serve(
        "/full",
        Answer::html("<!doctype html><style>*{margin:0}iframe{width:100vw;height:100vh;border:0}</style><iframe src='/inner'></iframe>"),
    );
    farm.serve("/small", Answer::html("<iframe src='/inner' width=300 height=250></iframe>"));
    let cover = |style: &str, beside: &str| {
        Answer::html(&format!(
            "<!doctype html><style>*{{margin:0}}iframe{{position:fixed;top:0;left:0;width:100vw;height:100vh;border:0;{style}}}</style>{beside}<iframe src='/inner'></iframe>"
        ))
    };
    farm.serve("/clear", cover("opacity:0", ""));
    farm.serve("/hidden", cover("visibility:hidden", ""));
    farm.serve("/aside", cover("left:-200vw", ""));
    farm.serve("/text", cover("", "<p>What this page is about.</p>"));
    farm.serve("/fields", cover("", "<input name=q>"));
    let browser = browser(&farm);
    for (path, framed) in [
        ("/set", Some(&inner)),
        ("/full", Some(&inner)),
        ("/small", None),
        ("/clear", None),
        ("/hidden", None),
        ("/aside", None),
        ("/text", None),
        ("/fields", None),
    ] {
        let mut asked = link(&farm.url(path));
        asked.screenshot = path == "/small";
        let report = browser.visit(&asked).await.unwrap();
        let VisitEnd::Page { framed_url, html, .. } = &report.end else { panic!("{:?}", report.end) };
        assert_eq!(framed_url.as_ref(), framed, "{path}");
        assert!(html.contains("/inner"), "the source is kept");
        let is_png = report.screenshot.as_ref().is_some_and(|picture| picture.starts_with(b"\x89PNG"));
        assert_eq!(is_png, asked.screenshot, "{path}");
    }
    browser.close().await;
}

#[tokio::test]
async fn failures_have_their_reasons() {
    let farm = LinkFarm::start().await;
    let sink = WebhookSink::start_tls().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let browser = browser(&farm);
    for (url, reason) in [
        (farm.url("/loop"), Reason::Loop),
        (farm.url("/chain/20"), Reason::TooManyHops),
        (farm.url("/two-locations"), Reason::BadLocation),
        (farm.url("/garbage"), Reason::Protocol),
        (farm.url("/reset"), Reason::Protocol),
        (farm.url("/to?url=http://a.test:25/"), Reason::BadLocation),
        (format!("http://{nobody}/"), Reason::Connect),
        (sink.url("/self-signed"), Reason::Tls),
        ("http://10.0.0.1/".to_owned(), Reason::ForbiddenAddress),
    ] {
        let report = visit(&browser, &url).await;
        assert_eq!(report.end, VisitEnd::Failure(reason), "{url}");
        assert!(!report.hops.is_empty(), "{url}");
    }
    assert_eq!(stayed(&visit(&browser, &farm.url("/chain/19")).await), farm.url("/chain/0"));
    assert_eq!(stayed(&visit(&browser, &farm.url("/cookie-gate")).await), farm.url("/cookie-gate"));
    browser.close().await;
}

#[tokio::test]
async fn links_share_nothing_but_the_process() {
    let farm = LinkFarm::start().await;
    let keep = "document.title = document.cookie + localStorage.length; document.cookie = 'was=here'; localStorage.a = 1";
    farm.serve("/keep", script(keep));
    let browser = browser(&farm);
    let url = farm.url("/keep");
    let reports = futures_util::future::join_all((0..8).map(|_| visit(&browser, &url))).await;
    for report in reports {
        assert_eq!(title(&report), Some("0"));
    }
    browser.close().await;
}

/// Programs running out of `folder`, as `(uid, command line, seccomp mode)`.
fn running(folder: &Path) -> Vec<(String, String, String)> {
    let field = |status: &str, name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()).unwrap_or_default().to_owned()
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let told = processes.filter_map(|process| {
        let command = std::fs::read_to_string(process.path().join("cmdline")).ok()?;
        let status = std::fs::read_to_string(process.path().join("status")).ok()?;
        let is_ours = command.contains(&format!("--user-data-dir={}", folder.display()));
        is_ours.then(|| (field(&status, "Uid:"), command, field(&status, "Seccomp:")))
    });
    told.collect()
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn the_browser_is_sandboxed_and_never_root_and_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt;

    let farm = LinkFarm::start().await;
    let scratch = tempfile::tempdir().unwrap();
    std::fs::set_permissions(scratch.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = BrowserConfig { scratch: Some(scratch.path().to_owned()), ..BrowserConfig::default() };
    let browser = browser_with(&farm, config);
    assert!(running(scratch.path()).is_empty(), "nothing runs before the first link");
    visit(&browser, &farm.url("/final")).await;
    let processes = running(scratch.path());
    assert!(!processes.is_empty());
    for (uid, command, _) in &processes {
        assert_ne!(uid, "0", "{command}");
        assert!(!command.contains("--no-sandbox"), "{command}");
    }
    let leader = processes.iter().find(|(_, command, _)| !command.contains("--type=")).unwrap();
    let port = leader.1.split('\0').find(|flag| flag.starts_with("--remote-debugging-port"));
    assert_eq!(port, None, "no other user can speak to it");
    tokio::time::timeout(Duration::from_secs(30), browser.close()).await.unwrap();
    assert!(running(scratch.path()).is_empty());
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "its profile is gone");
}
