//! From text to `Url` as browsers do it: the `url` crate plus what it lacks (`///host` against a base,
//! the query in the document's encoding).

use std::borrow::Cow;

use encoding_rs::{EncoderResult, Encoding};
use url::{ParseError, Url};

/// Parses `input` against `base` (URL Standard, basic URL parser with UTF-8).
pub fn parse_link(input: &str, base: Option<&Url>) -> Result<Url, ParseError> {
    Url::options().base_url(base).parse(&without_extra_slashes(input, base)).map(as_browsers_write)
}

/// Parses `input` found in a document of `encoding`: the query is written in that encoding (HTML "encoding-parse a URL").
pub fn parse_link_in(input: &str, base: &Url, encoding: &'static Encoding) -> Result<Url, ParseError> {
    let encode = query_encoder(encoding);
    Url::options()
        .base_url(Some(base))
        .encoding_override(Some(&encode))
        .parse(&without_extra_slashes(input, Some(base)))
        .map(as_browsers_write)
}

/// In the path of a web URL browsers encode `|` too, which the standard leaves, and `^`, which the crate leaves.
fn as_browsers_write(mut url: Url) -> Url {
    if matches!(url.scheme(), "http" | "https") && url.path().contains(['|', '^']) {
        let path = url.path().replace('|', "%7C").replace('^', "%5E");
        url.set_path(&path);
    }
    url
}

/// `///host` relative to http(s) means `//host` ("special authority ignore slashes state"); the crate says `EmptyHost`.
fn without_extra_slashes<'a>(input: &'a str, base: Option<&Url>) -> Cow<'a, str> {
    let is_web = base.is_some_and(|base| matches!(base.scheme(), "http" | "https"));
    if !is_web {
        return Cow::Borrowed(input);
    }
    let text = input.trim_start_matches(|c: char| c <= ' ');
    if !text.starts_with(['/', '\\']) {
        return Cow::Borrowed(input);
    }
    let rest = text.trim_start_matches(['/', '\\', '\t', '\n', '\r']);
    let slashes = text[..text.len() - rest.len()].chars().filter(|c| matches!(c, '/' | '\\')).count();
    if slashes < 3 { Cow::Borrowed(input) } else { Cow::Owned(format!("//{rest}")) }
}

fn query_encoder(encoding: &'static Encoding) -> impl Fn(&str) -> Cow<'_, [u8]> {
    move |query| encode_query(query, encoding)
}

/// What the encoding cannot express becomes a percent-encoded numeric character reference.
fn encode_query<'a>(query: &'a str, encoding: &'static Encoding) -> Cow<'a, [u8]> {
    let output = encoding.output_encoding();
    if output == encoding_rs::UTF_8 || query.is_ascii() && output.is_ascii_compatible() {
        return Cow::Borrowed(query.as_bytes());
    }
    let mut encoder = output.new_encoder();
    let mut bytes = Vec::with_capacity(query.len() * 2);
    let mut rest = query;
    loop {
        let room = encoder.max_buffer_length_from_utf8_without_replacement(rest.len()).unwrap_or(rest.len());
        bytes.reserve(room);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return Cow::Owned(bytes),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(c) => bytes.extend(format!("%26%23{}%3B", u32::from(c)).bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn join(input: &str) -> String {
        let base = Url::parse("http://a.test:18080/c/x?q#f").unwrap();
        parse_link(input, Some(&base)).map_or_else(|error| format!("! {error}"), |url| url.to_string())
    }

    #[test]
    fn relative_forms_resolve_like_a_browser() {
        for (input, expected) in [
            ("final", "http://a.test:18080/c/final"),
            ("///b.test/x", "http://b.test/x"),
            ("////b.test/x", "http://b.test/x"),
            ("\\\\\\b.test\\x", "http://b.test/x"),
            (" /\t/\n/b.test/x", "http://b.test/x"),
            ("http:///b.test/x", "http://b.test/x"),
            ("https:///b.test/x", "https://b.test/x"),
            ("//b.test/x", "http://b.test/x"),
            ("\\final", "http://a.test:18080/final"),
            ("http:/final", "http://a.test:18080/final"),
            ("http:final", "http://a.test:18080/c/final"),
            ("http:\\\\b.test\\x", "http://b.test/x"),
            ("HTTP://B.TEST", "http://b.test/"),
            ("http://%62.test/", "http://b.test/"),
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
            ("/{a}|^`[b]<c>\"d'?{|}", "http://a.test:18080/%7Ba%7D%7C%5E%60[b]%3Cc%3E%22d'?{|}"),
            ("/a/%2e%2e/final", "http://a.test:18080/final"),
            ("?x", "http://a.test:18080/c/x?x"),
            ("", "http://a.test:18080/c/x?q"),
        ] {
            assert_eq!(join(input), expected, "{input:?}");
        }
        assert!(join("http://").starts_with('!'));
        assert!(join("http://a b/").starts_with('!'));
        assert!(join("//x:99999/").starts_with('!'));
    }

    #[test]
    fn the_query_is_written_in_the_encoding_of_the_document() {
        let base = Url::parse("http://a.test/").unwrap();
        let latin = parse_link_in("/\u{e9}?\u{e9}\u{4e2d}", &base, encoding_rs::WINDOWS_1252).unwrap();
        assert_eq!(latin.as_str(), "http://a.test/%C3%A9?%E9%26%2320013%3B");
        let japanese = parse_link_in("?\u{65e5}", &base, encoding_rs::SHIFT_JIS).unwrap();
        assert_eq!(japanese.as_str(), "http://a.test/?%93%FA");
        let wide = parse_link_in("?\u{e9}", &base, encoding_rs::UTF_16LE).unwrap();
        assert_eq!(wide.as_str(), "http://a.test/?%C3%A9");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn parsing_never_panics_and_is_stable(input in "\\PC{0,40}") {
            let base = Url::parse("https://a.test/x/y").unwrap();
            if let Ok(url) = parse_link_in(&input, &base, encoding_rs::GBK) {
                let serialized = url.to_string();
                let again = parse_link(&serialized, Some(&base)).map(|url| url.to_string());
                prop_assert_eq!(again, Ok(serialized));
            }
        }
    }
}
