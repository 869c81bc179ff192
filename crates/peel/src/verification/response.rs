//! Verification that an answer's head or its place gives away, before a byte of its page is read.

use http::HeaderMap;
use url::Url;

use super::table::{HEADERS, HeaderSign, PLACES, PlaceSign};
use crate::host_pattern::matches_host;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerHead<'a> {
    pub(crate) url: &'a Url,
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderMap,
}

/// The vendor whose verification this answer is.
pub(crate) fn vendor_of_head(head: AnswerHead<'_>) -> Option<&'static str> {
    let by_header = HEADERS.iter().find(|sign| says(sign, head)).map(|sign| sign.vendor);
    by_header.or_else(|| PLACES.iter().find(|sign| is_at(sign, head.url)).map(|sign| sign.vendor))
}

fn says(sign: &HeaderSign, head: AnswerHead<'_>) -> bool {
    let is_value = |value: &http::HeaderValue| {
        let text = value.as_bytes().trim_ascii();
        sign.value.is_none_or(|wanted| text.eq_ignore_ascii_case(wanted.as_bytes()))
    };
    (sign.statuses.is_empty() || sign.statuses.contains(&head.status))
        && head.headers.get_all(sign.name).iter().any(is_value)
}

fn is_at(sign: &PlaceSign, url: &Url) -> bool {
    let is_path = match sign.path.strip_prefix('*') {
        Some(part) => url.path().contains(part),
        None => url.path().starts_with(sign.path),
    };
    is_path && url.host_str().is_some_and(|host| matches_host(sign.host, host))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn vendor(url: &str, status: u16, headers: &[(&'static str, &'static str)]) -> Option<&'static str> {
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let headers = pairs.collect::<HeaderMap>();
        vendor_of_head(AnswerHead { url: &Url::parse(url).unwrap(), status, headers: &headers })
    }

    #[test]
    fn heads_name_their_vendor() {
        for (status, name, value, expected) in [
            (403, "cf-mitigated", "challenge", Some("cloudflare")),
            (503, "cf-mitigated", "Challenge", Some("cloudflare")),
            (403, "cf-mitigated", "block", None),
            (405, "x-amzn-waf-action", "captcha", Some("aws_waf")),
            (202, "x-amzn-waf-action", "challenge", Some("aws_waf")),
            (429, "x-vercel-mitigated", "challenge", Some("vercel")),
            (403, "x-datadome", "protected", Some("datadome")),
            (200, "x-datadome", "protected", None),
            (403, "x-dd-b", "1", Some("datadome")),
            (429, "x-kpsdk-ct", "0abc", Some("kasada")),
            (200, "x-kpsdk-ct", "0abc", None),
            (200, "server", "cloudflare", None),
        ] {
            assert_eq!(vendor("http://a.test/", status, &[(name, value)]), expected, "{status} {name}");
        }
    }

    #[test]
    fn places_name_their_vendor() {
        for (url, expected) in [
            ("https://www.google.com/sorry/index?continue=x", Some("google")),
            ("https://ipv4.google.co.uk/sorry/", Some("google")),
            ("https://www.google.com/search?q=/sorry/", None),
            ("https://google.evil.test/sorry/", None),
            ("https://www.amazon.de/errors/validateCaptcha?x", Some("amazon")),
            ("https://yandex.ru/showcaptcha?cc=1", Some("yandex")),
            ("https://geo.captcha-delivery.com/captcha/?cid=x", Some("datadome")),
            ("https://shop.test/_____tmd_____/punish?x5secdata=y", Some("alibaba")),
            ("https://a.test/x", None),
        ] {
            assert_eq!(vendor(url, 200, &[]), expected, "{url}");
        }
    }
}
