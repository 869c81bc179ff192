//! What an answer's `Location` says, read from the raw bytes as Chromium reads them
//! (Fetch "location URL", "HTTP-redirect fetch"). It decides; it never follows.

use std::borrow::Cow;

use hopline_domain::outcome::Reason;
use percent_encoding::{AsciiSet, percent_encode};
use url::Url;

use crate::{app_link::fallback_of, url_text::parse_link};

/// What the answer asks of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationStep {
    /// No redirect: the answer itself is the document.
    Stay,
    /// Follow to this http(s) URL; the fragment is already inherited.
    Follow(Url),
    /// A link for another program, which names this web page for browsers without it.
    AppLink(Url),
    /// The navigation fails here.
    Refuse(Reason),
}

/// Judges the `Location` values of an answer to `current`, which carries the navigation's fragment.
///
/// Two different values are refused whatever the status; identical copies count once; an empty one is none.
pub fn location_step(status: u16, values: &[&[u8]], current: &Url) -> LocationStep {
    if values.windows(2).any(|pair| pair[0] != pair[1]) {
        return LocationStep::Refuse(Reason::BadLocation);
    }
    let value = values.first().map(|value| value.trim_ascii()).filter(|value| !value.is_empty());
    match value {
        Some(value) if is_redirect_status(status) => follow(value, current),
        _ => LocationStep::Stay,
    }
}

/// Fetch "redirect status"; 300, 304, 305 and 306 are none.
pub const fn is_redirect_status(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn follow(value: &[u8], current: &Url) -> LocationStep {
    let Ok(mut target) = parse_link(&escape_non_ascii(value), Some(current)) else {
        return LocationStep::Refuse(Reason::BadLocation);
    };
    if !is_web(&target) {
        return fallback_of(&target)
            .map_or(LocationStep::Refuse(Reason::UnsupportedScheme), LocationStep::AppLink);
    }
    // Chromium takes an empty fragment for none when it inherits, though a target may have one of its own.
    if target.fragment().is_none() {
        target.set_fragment(current.fragment().filter(|fragment| !fragment.is_empty()));
    }
    LocationStep::Follow(target)
}

/// Only these two schemes are ever requested.
pub fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Every byte above ASCII is kept as `%XX`, so Latin-1 and UTF-8 alike arrive as they were sent.
fn escape_non_ascii(value: &[u8]) -> Cow<'_, str> {
    percent_encode(value, &AsciiSet::EMPTY).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step(status: u16, values: &[&[u8]]) -> String {
        step_from("http://a.test/c/x", status, values)
    }

    fn step_from(current: &str, status: u16, values: &[&[u8]]) -> String {
        match location_step(status, values, &Url::parse(current).unwrap()) {
            LocationStep::Stay => "stay".to_owned(),
            LocationStep::Follow(url) => url.to_string(),
            LocationStep::AppLink(url) => format!("app {url}"),
            LocationStep::Refuse(reason) => format!("! {}", reason.as_str()),
        }
    }

    #[test]
    fn only_five_statuses_redirect() {
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(step(status, &[b"/f"]), "http://a.test/f", "{status}");
        }
        for status in [200, 201, 300, 304, 305, 306, 399, 404, 500] {
            assert_eq!(step(status, &[b"/f"]), "stay", "{status}");
        }
    }

    #[test]
    fn empty_missing_and_repeated_values() {
        assert_eq!(step(302, &[]), "stay");
        assert_eq!(step(302, &[b""]), "stay");
        assert_eq!(step(302, &[b"  \t"]), "stay");
        assert_eq!(step(302, &[b"/f", b"/f", b"/f"]), "http://a.test/f");
        assert_eq!(step(302, &[b"/f", b"/g"]), "! bad_location");
        assert_eq!(step(200, &[b"/f", b"/g"]), "! bad_location");
    }

    #[test]
    fn raw_bytes_are_kept() {
        assert_eq!(step(302, &[b"/f?\xe9\xfc"]), "http://a.test/f?%E9%FC");
        assert_eq!(step(302, &["/é?ü€".as_bytes()]), "http://a.test/%C3%A9?%C3%BC%E2%82%AC");
        assert_eq!(step(302, &["http://bücher.test/".as_bytes()]), "http://xn--bcher-kva.test/");
        assert_eq!(step(302, &["http://\u{ff42}.test/".as_bytes()]), "http://b.test/");
        assert_eq!(step(302, &[b"http://b\xfccher.test/"]), "! bad_location");
        assert_eq!(step(302, &[b"/a\tb\nc d"]), "http://a.test/abc%20d");
    }

    #[test]
    fn fragments_are_inherited_unless_given() {
        assert_eq!(step_from("http://a.test/r#x", 302, &[b"/f"]), "http://a.test/f#x");
        assert_eq!(step_from("http://a.test/r#x", 302, &[b"/f#new"]), "http://a.test/f#new");
        assert_eq!(step_from("http://a.test/r#x", 302, &[b"/f#"]), "http://a.test/f#");
        assert_eq!(step_from("http://a.test/r#", 302, &[b"/f"]), "http://a.test/f");
    }

    #[test]
    fn userinfo_is_kept_and_other_schemes_are_refused() {
        assert_eq!(step(302, &[b"http://u:p@b.test/"]), "http://u:p@b.test/");
        for value in ["data:text/html,x", "about:blank", "file:///etc/passwd", "blob:http://a.test/1"] {
            assert_eq!(step(302, &[value.as_bytes()]), "! unsupported_scheme", "{value}");
        }
        for value in ["javascript:x", "mailto:a@b.c", "tel:1", "intent://x#Intent;end", "foo:bar", "ftp://x/"]
        {
            assert_eq!(step(302, &[value.as_bytes()]), "! unsupported_scheme", "{value}");
        }
        let intent = b"intent://x#Intent;S.browser_fallback_url=http%3A%2F%2Fb.test%2F;end";
        assert_eq!(step(302, &[intent]), "app http://b.test/");
        for value in ["http://", "http://h:99999/", "http://a b/", "http://[::1"] {
            assert_eq!(step(302, &[value.as_bytes()]), "! bad_location", "{value}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes_lead_to_a_web_url_or_nowhere(value in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let LocationStep::Follow(url) = location_step(302, &[&value], &Url::parse("https://a.test/r#x").unwrap()) {
                prop_assert!(is_web(&url));
                prop_assert!(url.fragment().is_some());
            }
        }
    }
}
