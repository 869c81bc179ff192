//! A chain for people: one block a hop, then where it ended. Foreign text is made harmless before it is shown.

use hopline_domain::{
    chain::{Chain, ChainStatus, Hop, HopKind},
    provider::GENERIC,
};
use url::{Position, Url};

use super::{
    style::{self, FAINT, ON_THE_WAY, STRONG, UNUSUAL, paint},
    summary, verdict,
};
use crate::output::harmless;

/// Where a hop's URL begins when there is room beside its kind.
const INDENT_WIDE: usize = 23;
const INDENT_NARROW: usize = 4;
/// Terminals from here on have room beside the kind.
const COLUMNS_WIDE: usize = 70;

/// Not worth a word.
const USUAL_HTTP: &str = "HTTP/1.1";

/// The whole chain. `columns` cuts the URLs on the way, never the one it ended at; `None` cuts nothing.
pub(crate) fn render(chain: &Chain, columns: Option<usize>) -> String {
    let mut lines = Vec::new();
    for hop in &chain.hops {
        lines.extend(block(hop, columns));
    }
    lines.extend(ending(chain));
    lines.join("\n")
}

fn block(hop: &Hop, columns: Option<usize>) -> Vec<String> {
    let is_wide = columns.is_none_or(|columns| columns >= COLUMNS_WIDE);
    let indent = if is_wide { INDENT_WIDE } else { INDENT_NARROW };
    let room = columns.map(|columns| columns.saturating_sub(indent));
    let number = paint(FAINT, format_args!("{:>2}", hop.index + 1));
    let (word, word_style) = kind(hop.kind);
    let status = status(hop);
    let url = url(&hop.url, room);
    let evidence =
        wrapped(&evidence(hop), room).into_iter().map(|line| format!("{:indent$}{}", "", paint(FAINT, line)));
    let mut lines = if is_wide {
        vec![format!("{number}  {} {status} {url}", paint(word_style, format_args!("{word:<14}")))]
    } else {
        vec![format!("{number}  {} {status}", paint(word_style, word)), format!("{:indent$}{url}", "")]
    };
    lines.extend(evidence);
    lines
}

/// The word and colour for how we got to a hop.
pub(super) const fn kind(kind: HopKind) -> (&'static str, anstyle::Style) {
    match kind {
        HopKind::Start => ("start", FAINT),
        HopKind::HttpRedirect => ("→ redirect", ON_THE_WAY),
        HopKind::RefreshHeader => ("↻ refresh", UNUSUAL),
        HopKind::MetaRefresh => ("↻ meta refresh", UNUSUAL),
        HopKind::Script => ("→ script", UNUSUAL),
        HopKind::Form => ("→ form", UNUSUAL),
        HopKind::Link => ("→ click", UNUSUAL),
        HopKind::Offline => ("→ decoded", ON_THE_WAY),
        HopKind::AppLink => ("→ app link", UNUSUAL),
        HopKind::Amp => ("→ amp", UNUSUAL),
        HopKind::Hsts => ("→ hsts", ON_THE_WAY),
    }
}

fn status(hop: &Hop) -> String {
    let text = hop.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    paint(style::of_http(hop.status), text)
}

/// A URL with its host emphasised, cut at the end to fit.
fn url(text: &str, room: Option<usize>) -> String {
    let text = cut(&harmless(text), room);
    let Ok(parsed) = Url::parse(&text) else { return text };
    // Parsing may normalise; what is shown is the text itself, so the host is looked for in it.
    let host = &parsed[Position::BeforeHost..Position::AfterPort];
    match text.find(host).filter(|_| !host.is_empty()) {
        Some(at) => {
            let (before, rest) = text.split_at(at);
            let (host, after) = rest.split_at(host.len());
            format!("{before}{}{after}", paint(STRONG, host))
        }
        None => text,
    }
}

fn cut(text: &str, room: Option<usize>) -> String {
    let Some(room) = room.filter(|room| text.chars().count() > *room) else { return text.to_owned() };
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// What is known of a hop besides its URL, most telling first.
fn evidence(hop: &Hop) -> Vec<String> {
    let cookies = match hop.cookies_set.len() {
        0 => None,
        1 => Some("1 cookie".to_owned()),
        count => Some(format!("{count} cookies")),
    };
    let parts = [
        hop.timings_ms.map(|t| summary::duration(u64::from(t.dns + t.connect + t.tls + t.wait + t.receive))),
        hop.provider.as_deref().filter(|provider| *provider != GENERIC).map(harmless),
        (hop.delay_s > 0).then(|| format!("moves on after {} s", hop.delay_s)),
        cookies,
        hop.remote_addr.as_deref().map(harmless),
        hop.tls.as_ref().map(|tls| harmless(&tls.version)),
        hop.http_version.as_deref().filter(|version| *version != USUAL_HTTP).map(harmless),
    ];
    parts.into_iter().flatten().collect()
}

/// Joins parts with dots, breaking lines between them where there is no room.
fn wrapped(parts: &[String], room: Option<usize>) -> Vec<String> {
    let room = room.unwrap_or(usize::MAX);
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() + 3 <= room => {
                line.push_str(" · ");
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
}

fn ending(chain: &Chain) -> Vec<String> {
    let (mark, mark_style) = style::of_chain(chain.status);
    let mark = paint(mark_style.bold(), mark);
    let cost = match chain.engine {
        Some(_) => format!("{} in {}", summary::hops(chain.hops.len()), summary::duration(chain.duration_ms)),
        None => "read off the link, nothing was asked".to_owned(),
    };
    let cost = paint(FAINT, cost);
    if chain.status != ChainStatus::Done {
        let why = summary::why(chain);
        return vec![format!("{mark}   {} · {cost}", paint(mark_style, why))];
    }
    let mut lines = vec![format!("{mark}   {}", url(chain.final_url.as_deref().unwrap_or_default(), None))];
    let title = chain.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let said = title.map(|title| format!("“{}” · ", harmless(title))).unwrap_or_default();
    let download = if chain.download { "a download · " } else { "" };
    let error = chain.last_status().filter(|status| *status >= 400);
    let error = error.map(|status| paint(style::BAD, format_args!("the page answers {status}")) + " · ");
    lines.push(format!("    {said}{download}{}{cost}", error.unwrap_or_default()));
    let framed = chain.framed_url.as_deref().map(|framed| format!("it frames {}", harmless(framed)));
    let decoded = chain.offline.as_ref().map(verdict::decoded);
    let remarks = framed.into_iter().chain(decoded).chain(verdict::remarks(&chain.verdicts));
    lines.extend(remarks.map(|remark| format!("    {}", paint(UNUSUAL, remark))));
    lines
}

#[cfg(test)]
pub(crate) mod samples {
    use hopline_domain::{
        chain::{Chain, CookieSet, Hop, HopKind, Timings, Tls},
        outcome::Reason,
        time::Timestamp,
    };

    pub(crate) fn hop(index: usize, kind: HopKind, url: &str, status: u16) -> Hop {
        Hop {
            status: Some(status),
            http_version: Some("HTTP/1.1".to_owned()),
            remote_addr: Some("203.0.113.7:443".to_owned()),
            timings_ms: Some(Timings { dns: 1, connect: 2, tls: 9, wait: 40, receive: 0 }),
            ..Hop::asked(index, kind, "GET", url)
        }
    }

    pub(crate) fn done() -> Chain {
        let mut first = hop(0, HopKind::Start, "http://bit.ly/3xyz", 301);
        first.provider = Some("bitly".to_owned());
        let mut second =
            hop(1, HopKind::HttpRedirect, "https://www.shop.example/landing?campaign=a-rather-long-one", 200);
        second.tls = Some(Tls {
            version: "TLS 1.3".to_owned(),
            issuer: String::new(),
            subject: String::new(),
            not_after: Timestamp(0),
        });
        second.cookies_set = ["a", "b"]
            .map(|name| CookieSet { name: name.to_owned(), domain: "shop.example".to_owned(), expires: None })
            .to_vec();
        second.delay_s = 5;
        let third = hop(2, HopKind::MetaRefresh, "https://shop.example/offer", 200);
        let template = serde_json::json!({
            "schema": "hopline.chain/1", "url": "http://bit.ly/3xyz", "final_url": "https://shop.example/offer", "status": "done",
            "reason": null, "vendor": null, "download": false, "title": " An offer\u{1b}[2J ", "framed_url": null,
            "started_at": "2026-06-05T12:00:00.000Z", "duration_ms": 412, "runner": "server", "engine": "http",
            "truncated": false, "offline": null, "hops": [], "verdicts": {},
            "profile": {"user_agent": "a", "accept_language": "en", "referer": null, "form_factor": "desktop", "egress": null}
        });
        let mut chain: Chain = serde_json::from_value(template).unwrap();
        chain.hops = vec![first, second, third];
        chain
    }

    pub(crate) fn failed(reason: Reason) -> Chain {
        let mut chain = done();
        chain.hops.truncate(1);
        chain.hops[0].status = Some(404);
        (chain.final_url, chain.title) = (None, None);
        (chain.status, chain.reason) = (reason.status(), Some(reason));
        chain
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use hopline_domain::outcome::Reason;

    use super::*;

    fn plain(chain: &Chain, columns: Option<usize>) -> String {
        strip_str(&render(chain, columns)).to_string()
    }

    #[test]
    fn a_wide_terminal_shows_each_hop_in_two_lines() {
        insta::assert_snapshot!(plain(&samples::done(), Some(78)), @r"
         1  start          301 http://bit.ly/3xyz
                               52 ms · bitly · 203.0.113.7:443
         2  → redirect     200 https://www.shop.example/landing?campaign=a-rather-lon…
                               52 ms · moves on after 5 s · 2 cookies
                               203.0.113.7:443 · TLS 1.3
         3  ↻ meta refresh 200 https://shop.example/offer
                               52 ms · 203.0.113.7:443
        ✓   https://shop.example/offer
            “An offer�[2J” · 3 hops in 412 ms
        ");
    }

    #[test]
    fn a_narrow_terminal_gives_the_url_a_line_of_its_own() {
        insta::assert_snapshot!(plain(&samples::done(), Some(44)), @r"
         1  start 301
            http://bit.ly/3xyz
            52 ms · bitly · 203.0.113.7:443
         2  → redirect 200
            https://www.shop.example/landing?campai…
            52 ms · moves on after 5 s · 2 cookies
            203.0.113.7:443 · TLS 1.3
         3  ↻ meta refresh 200
            https://shop.example/offer
            52 ms · 203.0.113.7:443
        ✓   https://shop.example/offer
            “An offer�[2J” · 3 hops in 412 ms
        ");
    }

    #[test]
    fn what_failed_says_why() {
        insta::assert_snapshot!(plain(&samples::failed(Reason::HttpStatus), None), @r"
         1  start          404 http://bit.ly/3xyz
                               52 ms · bitly · 203.0.113.7:443
        ✗   failed: the first page answers 404 · 1 hop in 412 ms
        ");
        insta::assert_snapshot!(plain(&samples::failed(Reason::ForbiddenAddress), None), @r"
         1  start          404 http://bit.ly/3xyz
                               52 ms · bitly · 203.0.113.7:443
        ⊘   invalid: it leads to an address that must not be reached (see --allow-net) · 1 hop in 412 ms
        ");
    }

    #[test]
    fn hosts_stand_out_and_errors_are_red() {
        let text = render(&samples::done(), None);
        assert!(text.contains("https://\u{1b}[1mwww.shop.example\u{1b}[0m/landing"), "{text:?}");
        assert!(status(&samples::hop(0, HopKind::Start, "http://a.test/", 404)).starts_with("\u{1b}[31m"));
    }
}
