//! The cookies an answer set, by name, domain and end. Which of them the browser took is the browser's word.

use std::time::{SystemTime, UNIX_EPOCH};

use hopline_domain::chain::CookieSet;
use hopline_domain::time::Timestamp;
use url::Url;

use super::headers::raw_values;
use super::seen::ResponseExtra;

/// Cookies named per hop.
const COOKIES_NAMED_MAX: usize = 50;

/// Every cookie the answer to `url` set, received at `now`.
pub(super) fn set_by(extra: &ResponseExtra, url: &str, now: Timestamp) -> Vec<CookieSet> {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let lines = raw_values(&extra.headers, "set-cookie");
    let lines = lines.iter().map(|line| String::from_utf8_lossy(line));
    let taken =
        lines.filter(|line| !extra.blocked_cookies.iter().any(|blocked| blocked.cookie_line == **line));
    taken.filter_map(|line| cookie(&line, &host, now)).take(COOKIES_NAMED_MAX).collect()
}

fn cookie(line: &str, host: &str, now: Timestamp) -> Option<CookieSet> {
    let mut parts = line.split(';');
    let pair = parts.next()?;
    let name = pair.split_once('=').map_or("", |(name, _)| name.trim());
    if pair.trim().is_empty() {
        return None;
    }
    let mut cookie = CookieSet { name: name.to_owned(), domain: host.to_owned(), expires: None };
    let mut ends_by_age = false;
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "domain" => {
                let domain = value.trim().trim_start_matches('.').to_ascii_lowercase();
                cookie.domain = Some(domain).filter(|domain| !domain.is_empty()).unwrap_or(cookie.domain);
            }
            "max-age" => {
                let end = age_end(value.trim(), now);
                ends_by_age |= end.is_some();
                cookie.expires = end.or(cookie.expires);
            }
            "expires" if !ends_by_age => cookie.expires = date(value.trim()).or(cookie.expires),
            _ => {}
        }
    }
    Some(cookie)
}

fn age_end(seconds: &str, now: Timestamp) -> Option<Timestamp> {
    let seconds: i64 = seconds.parse().ok()?;
    Some(now.plus_ms(seconds.saturating_mul(1_000)))
}

/// HTTP dates, and Netscape's with dashes between the parts of the day.
fn date(text: &str) -> Option<Timestamp> {
    let at = httpdate::parse_http_date(text)
        .or_else(|_| httpdate::parse_http_date(&text.replace('-', " ")))
        .ok()?;
    let since = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since(at).as_millis()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::record::seen::BlockedCookie;

    #[test]
    fn cookies_are_named_with_their_domain_and_end() {
        let lines = [
            "a=1",
            "b=2; Domain=.A.test; Path=/; Max-Age=60",
            "c=3; Expires=Thu, 01-Jan-2026 00:00:00 GMT",
            "d=4; Max-Age=10; Expires=Thu, 01 Jan 2026 00:00:00 GMT",
            "e=5; domain=evil.test",
            "",
            "alone",
        ];
        let extra = ResponseExtra {
            request_id: "1".to_owned(),
            status_code: 200,
            headers: BTreeMap::from([("Set-Cookie".to_owned(), lines.join("\n"))]),
            headers_text: None,
            blocked_cookies: vec![BlockedCookie { cookie_line: lines[4].to_owned() }],
        };
        let set = set_by(&extra, "http://x.a.test:81/y", Timestamp(1_000));
        let shown: Vec<_> =
            set.iter().map(|cookie| (&*cookie.name, &*cookie.domain, cookie.expires)).collect();
        let end = Some(Timestamp(1_767_225_600_000));
        assert_eq!(
            shown,
            [
                ("a", "x.a.test", None),
                ("b", "a.test", Some(Timestamp(61_000))),
                ("c", "x.a.test", end),
                ("d", "x.a.test", Some(Timestamp(11_000))),
                ("", "x.a.test", None),
            ]
        );
    }
}
