//! What counts as a destination: a whole http(s) URL of a bounded length, without userinfo, other than the link.

use url::Url;

use crate::percent;

/// Longest destination, in bytes, as text and as URL.
const DESTINATION_BYTES_MAX: usize = 8 * 1024;
/// A value may be percent-encoded this many times more than its place in a link asks for.
const PERCENT_LAYERS_MAX: usize = 3;

/// Reads a decoded value as the destination of `link`.
///
/// Userinfo is refused: in an embedded URL it is nearly always there to deceive, and a resolve of it is refused anyway.
pub(crate) fn read(value: &str, link: &Url) -> Option<Url> {
    let mut text = value.trim_matches(|character: char| character.is_ascii_whitespace()).to_owned();
    for _ in 0..PERCENT_LAYERS_MAX {
        if begins_plainly(&text) {
            break;
        }
        text = percent::decode(&text);
    }
    let is_sound =
        begins_plainly(&text) && text.len() <= DESTINATION_BYTES_MAX && !text.chars().any(char::is_control);
    let url = is_sound.then(|| Url::parse(&text).ok())??;
    let is_bare = url.username().is_empty() && url.password().is_none();
    let fits = url.as_str().len() <= DESTINATION_BYTES_MAX && matches!(url.scheme(), "http" | "https");
    (is_bare && fits && !is_same(&url, link)).then_some(url)
}

/// Whether a value begins with `http://` or `https://`, plainly or percent-encoded.
pub(crate) fn begins_as_url(value: &str) -> bool {
    begins_plainly(value) || begins_encoded(value)
}

fn begins_plainly(value: &str) -> bool {
    behind_scheme(value).is_some_and(|rest| rest.starts_with("://"))
}

fn begins_encoded(value: &str) -> bool {
    behind_scheme(value).is_some_and(|rest| rest.starts_with('%') || rest.starts_with(":%"))
}

fn behind_scheme(value: &str) -> Option<&str> {
    let is_scheme = |length: usize, scheme: &str| {
        value.get(..length).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let length = if is_scheme(5, "https") { 5 } else { 4 };
    (length == 5 || is_scheme(4, "http")).then(|| &value[length..])
}

fn is_same(url: &Url, link: &Url) -> bool {
    let without_fragment = |url: &Url| url.as_str().split('#').next().map(str::to_owned);
    without_fragment(url) == without_fragment(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(value: &str) -> Option<String> {
        read(value, &Url::parse("https://link.com/a#x").unwrap()).map(String::from)
    }

    #[test]
    fn reads_whole_urls() {
        for (value, expected) in [
            ("https://a.com", "https://a.com/"),
            (" HTTPS://A.com/b ", "https://a.com/b"),
            ("https%3A%2F%2Fa.com%2Fb%2520c", "https://a.com/b%20c"),
            ("https:%2F%2Fa.com", "https://a.com/"),
            ("https%25253A%25252F%25252Fa.com", "https://a.com/"),
            ("http://10.0.0.1/x", "http://10.0.0.1/x"),
            ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
            ("https://a.com/%E9", "https://a.com/%E9"),
        ] {
            assert_eq!(reading(value).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn refuses_all_else() {
        let long = format!("https://a.com/{}", "x".repeat(DESTINATION_BYTES_MAX));
        for value in [
            "",
            "a.com",
            "/a",
            "//a.com",
            "ftp://a.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "https:a.com",
            "https:/a.com",
            "https://",
            "https://a b.com",
            "https://user@a.com/",
            "https://a.com@b.com/",
            "https://:p@a.com/",
            "https://link.com/a",
            "https://link.com/a#y",
            "https://a.com/\u{0}",
            "https://a.com/\n x",
            "https://a.com:99999/",
            "httpsx://a.com",
            "see https://a.com",
            "https%2525253A%2525252F%2525252Fa.com",
            &long,
        ] {
            assert_eq!(reading(value), None, "{value}");
        }
    }
}
