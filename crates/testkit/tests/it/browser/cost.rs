//! Pages that cost too much, and a browser that dies: each bounded, and nobody else's link suffers.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hopline_browser::{BrowserBounds, BrowserConfig, BrowserError, VisitEnd};
use hopline_domain::outcome::Reason;
use hopline_testkit::{Answer, LinkFarm, Step};

use super::{browser, browser_with, link, script, stayed, title, visit};

const MIB: u64 = 1024 * 1024;

fn bounded(bounds: BrowserBounds) -> BrowserConfig {
    BrowserConfig { bounds, ..BrowserConfig::default() }
}

#[tokio::test]
async fn hostile_pages_end_within_their_time() {
    let farm = LinkFarm::start().await;
    farm.serve("/spin", script("for (;;);"));
    farm.serve("/dialogs", script("for (;;) alert(1)"));
    farm.serve("/reloads", script("location.reload()"));
    farm.serve("/pushes", script("let n = 0; setInterval(() => history.pushState({}, '', '?' + n++), 100)"));
    let browser = browser(&farm);
    // Starting it is part of a link's time, too.
    visit(&browser, &farm.url("/final")).await;
    for path in ["/spin", "/dialogs", "/hang", "/drip-head", "/hang-body"] {
        let mut asked = link(&farm.url(path));
        asked.total_ms = 2_000;
        let report = browser.visit(&asked).await.unwrap();
        assert_eq!(report.end, VisitEnd::Failure(Reason::Timeout), "{path}");
    }
    let report = visit(&browser, &farm.url("/reloads")).await;
    assert_eq!((stayed(&report), report.hops.len()), (farm.url("/reloads").as_str(), 3));
    assert!(stayed(&visit(&browser, &farm.url("/pushes")).await).starts_with(&farm.url("/pushes?")));
    let report = visit(&browser, &farm.url("/final")).await;
    assert_eq!(title(&report), Some("FINAL"), "the browser is still well");
    browser.close().await;
}

#[tokio::test]
async fn what_hangs_beside_a_page_does_not_keep_it() {
    let farm = LinkFarm::start().await;
    farm.serve("/beside", script("fetch('/hang'); setTimeout(() => location = '/final', 3000)"));
    let browser = browser(&farm);
    assert_eq!(stayed(&visit(&browser, &farm.url("/beside")).await), farm.url("/final"));
    browser.close().await;
}

#[tokio::test]
async fn a_link_has_so_many_bytes_and_no_more() {
    let farm = LinkFarm::start().await;
    let config = bounded(BrowserBounds { link_bytes_max: MIB, ..BrowserBounds::default() });
    let browser = browser_with(&farm, config);
    let head = "HTTP/1.1 302 Found\r\nX-Long: ";
    farm.serve(
        "/endless-head",
        Answer::script(vec![Step::Send(head.into()), Step::Repeat("x".repeat(1024).into())]),
    );
    farm.serve("/greedy", script("fetch('/endless').finally(() => location = '/final')"));
    let mut asked = link(&farm.url("/greedy"));
    asked.total_ms = 10_000;
    let report = browser.visit(&asked).await.unwrap();
    assert_eq!(report.end, VisitEnd::Failure(Reason::BodyTooLarge), "its bytes were used up on the way");
    asked.url = farm.url("/endless-head");
    let report = browser.visit(&asked).await.unwrap();
    assert!(matches!(report.end, VisitEnd::Failure(_)), "{:?}", report.end);
    assert_eq!(
        title(&visit(&browser, &farm.url("/final")).await),
        Some("FINAL"),
        "the next link has its own"
    );
    browser.close().await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_page_that_eats_memory_is_killed_and_its_neighbour_is_not() {
    let farm = LinkFarm::start().await;
    let eat = "const held = []; setInterval(() => held.push(new Uint8Array(32 << 20).fill(7)), 20)";
    farm.serve("/bomb", script(eat));
    farm.serve("/neighbour", script("fetch('/slow?ms=2000').then(() => location = '/final')"));
    let config = bounded(BrowserBounds { page_memory_bytes_max: 300 * MIB, ..BrowserBounds::default() });
    let browser = browser_with(&farm, config);
    let (bomb, neighbour) = (link(&farm.url("/bomb")), farm.url("/neighbour"));
    let (bomb, neighbour) = tokio::join!(browser.visit(&bomb), visit(&browser, &neighbour));
    assert!(matches!(bomb, Err(BrowserError::Crashed)), "{bomb:?}");
    assert_eq!(stayed(&neighbour), farm.url("/final"));
    browser.close().await;
}

/// A browser that dies in the midst of its first `deaths` lives.
fn mortal(folder: &Path, deaths: u32) -> PathBuf {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let found = ["chromium-headless-shell", "chromium", "google-chrome-stable"]
        .map(|name| format!("/usr/bin/{name}"));
    let real = found.iter().find(|path| Path::new(path).exists()).expect("a Chromium is installed");
    let path = folder.join("mortal-browser");
    let text = format!(
        "#!/bin/sh\necho x >> {lives}\n[ $(wc -l < {lives}) -gt {deaths} ] && exec {real} \"$@\"\nexec timeout -s KILL 3 {real} \"$@\"\n",
        lives = folder.join("lives").display(),
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn a_crash_is_tried_again_once() {
    for (deaths, survives) in [(1, true), (2, false)] {
        let farm = LinkFarm::start().await;
        let folder = tempfile::tempdir().unwrap();
        let config = BrowserConfig { path: Some(mortal(folder.path(), deaths)), ..BrowserConfig::default() };
        let browser = browser_with(&farm, config);
        // Long enough for a mortal browser to die, short enough to be answered in a second life.
        farm.serve("/slow-page", Answer::page("slow").after(Duration::from_secs(5)));
        let visited = browser.visit(&link(&farm.url("/slow-page"))).await;
        match visited {
            Ok(report) if survives => assert_eq!(title(&report), Some("slow")),
            Err(BrowserError::Crashed) if !survives => {}
            other => panic!("after {deaths} deaths: {other:?}"),
        }
        browser.close().await;
    }
}

#[tokio::test]
async fn a_full_pool_makes_links_wait_and_a_used_up_process_is_replaced() {
    let farm = LinkFarm::start().await;
    farm.serve("/slow-page", Answer::page("slow").after(Duration::from_secs(2)));
    let bounds = BrowserBounds { tabs_max: 1, links_per_process_max: 2, ..BrowserBounds::default() };
    let browser = browser_with(&farm, bounded(bounds));
    let slow = link(&farm.url("/slow-page"));
    let mut impatient = link(&farm.url("/final"));
    impatient.total_ms = 500;
    let (first, refused) = tokio::join!(browser.visit(&slow), browser.visit(&impatient));
    assert_eq!(title(&first.unwrap()), Some("slow"));
    assert!(matches!(refused, Err(BrowserError::Busy)), "{refused:?}");
    for _ in 0..4 {
        assert_eq!(title(&visit(&browser, &farm.url("/final")).await), Some("FINAL"));
    }
    browser.close().await;
}
