//! Made-up pages, one per way to redirect or to misbehave. Numbers and URLs come from the path or the query.

use std::time::Duration;

use crate::answer::Answer;
use crate::received_request::ReceivedRequest;

/// Body of `/big-body` when the query does not say.
const BIG_BODY_BYTES: usize = 8 * 1024 * 1024;
/// Headers of `/huge-headers` when the query does not say.
const HUGE_HEADERS_BYTES: usize = 1024 * 1024;
/// Pace of `/drip` and length of `/slow` when the query does not say.
const TICK_MS: u64 = 100;

/// The answer to a path of the zoo; `None` for any other path.
pub(super) fn answer(request: &ReceivedRequest) -> Option<Answer> {
    redirecting(request).or_else(|| misbehaving(request)).or_else(|| plain(request))
}

fn redirecting(request: &ReceivedRequest) -> Option<Answer> {
    let path = request.path();
    if let Some(left) = path.strip_prefix("/chain/") {
        return Some(chain(request, left.parse().ok()?));
    }
    match path {
        "/to" => Some(Answer::redirect(number(request, "status", 302), url(request))),
        "/refresh-header" => Some(Answer::page("refresh header").header("Refresh", refresh(request))),
        "/meta" => Some(Answer::html(&format!(
            r#"<!doctype html><meta http-equiv="refresh" content="{}"><title>meta refresh</title>"#,
            refresh(request).replace('&', "&amp;").replace('"', "&quot;")
        ))),
        "/cookie-gate" => Some(cookie_gate(request)),
        "/loop" => Some(Answer::redirect(302, &request.target)),
        "/latin1" => Some(Answer::redirect(302, b"/caf\xe9")),
        "/two-locations" => Some(Answer::redirect(302, "/first").header("Location", "/second")),
        _ => None,
    }
}

fn misbehaving(request: &ReceivedRequest) -> Option<Answer> {
    let tick = || Duration::from_millis(number(request, "tick_ms", TICK_MS));
    match request.path() {
        "/hang" => Some(Answer::hang()),
        "/hang-body" => Some(Answer::hang_in_body()),
        "/drip" => Some(Answer::drip(tick())),
        "/drip-head" => Some(Answer::drip_head(tick())),
        "/endless" => Some(Answer::endless_body()),
        "/huge-headers" => Some(Answer::huge_headers(number(request, "bytes", HUGE_HEADERS_BYTES))),
        "/gzip-bomb" => Some(Answer::gzip_bomb()),
        "/reset" => Some(Answer::reset()),
        "/reset-body" => Some(Answer::reset_in_body()),
        "/close-body" => Some(Answer::close_in_body()),
        "/bad-chunk" => Some(Answer::bad_chunk()),
        "/garbage" => Some(Answer::garbage()),
        _ => None,
    }
}

fn plain(request: &ReceivedRequest) -> Option<Answer> {
    if let Some(code) = request.path().strip_prefix("/status/") {
        let body = format!("<title>{code}</title>");
        return Some(Answer::status(code.parse().ok()?).header("Content-Type", "text/html").body(body));
    }
    match request.path() {
        "/attachment" => Some(
            Answer::status(200)
                .header("Content-Type", "application/octet-stream")
                .header("Content-Disposition", "attachment; filename=\"a.bin\"")
                .body("download"),
        ),
        "/big-body" => Some(Answer::html(&"b".repeat(number(request, "bytes", BIG_BODY_BYTES)))),
        "/slow" => Some(Answer::page("slow").after(Duration::from_millis(number(request, "ms", TICK_MS)))),
        _ => None,
    }
}

/// `left` more redirects, then a page. The query is kept, so that any number of distinct chains can be asked for.
fn chain(request: &ReceivedRequest, left: u32) -> Answer {
    if left == 0 {
        return Answer::page("end of the chain");
    }
    let query = request.target.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
    Answer::redirect(302, format!("/chain/{}{query}", left - 1))
}

/// Sends a visitor without the cookie back to the same URL with it.
fn cookie_gate(request: &ReceivedRequest) -> Answer {
    let passed = request.header("cookie").is_some_and(|cookies| cookies.contains("gate=open"));
    if passed {
        return Answer::page("behind the gate");
    }
    Answer::redirect(302, &request.target).header("Set-Cookie", "gate=open; Path=/")
}

fn refresh(request: &ReceivedRequest) -> String {
    format!("{}; url={}", number(request, "delay", 0_u32), url(request))
}

fn url(request: &ReceivedRequest) -> String {
    request.query("url").unwrap_or_else(|| "/final".to_owned())
}

fn number<N: std::str::FromStr>(request: &ReceivedRequest, name: &str, otherwise: N) -> N {
    request.query(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
