//! The value of a `Refresh` header or of a `<meta http-equiv=refresh>`: HTML "shared declarative refresh steps".
//! Only the text is judged here; the target is resolved by whoever knows the document.

/// A valid refresh instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// Whole seconds to wait; fractions are dropped, absurd values saturate.
    pub delay_s: u64,
    /// The target as written, unresolved; `None` means "this document again".
    pub target: Option<String>,
}

/// Parses `input`; `None` when the steps say "return".
pub fn parse_refresh(input: &str) -> Option<Refresh> {
    let rest = skip_whitespace(input);
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    // The steps let a lone dot pass for 0; Chromium wants a number.
    let is_fraction = rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    if digits == 0 && !is_fraction {
        return None;
    }
    let delay_s = saturating_number(&rest[..digits]);
    let rest = rest[digits..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if rest.is_empty() {
        return Some(Refresh { delay_s, target: None });
    }
    if !rest.starts_with(|c: char| c == ';' || c == ',' || is_whitespace(c)) {
        return None;
    }
    let rest = skip_whitespace(rest);
    let rest = skip_whitespace(rest.strip_prefix([';', ',']).unwrap_or(rest));
    let target = Some(target_text(rest)).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Refresh { delay_s, target })
}

/// Step 11: drops `url=` and quotes. A prefix that only resembles `url=` is part of the target.
fn target_text(rest: &str) -> &str {
    match strip_url_prefix(rest) {
        Some(after) => cut_at_quote(after),
        None if rest.starts_with(['u', 'U']) => rest,
        None => cut_at_quote(rest),
    }
}

fn strip_url_prefix(rest: &str) -> Option<&str> {
    let name = rest.get(..3)?;
    if !name.eq_ignore_ascii_case("url") {
        return None;
    }
    skip_whitespace(&rest[3..]).strip_prefix('=').map(skip_whitespace)
}

fn cut_at_quote(text: &str) -> &str {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return text;
    };
    let inner = &text[1..];
    inner.split_once(quote).map_or(inner, |(before, _)| before)
}

fn saturating_number(digits: &str) -> u64 {
    digits
        .bytes()
        .fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

fn skip_whitespace(text: &str) -> &str {
    text.trim_start_matches(is_whitespace)
}

fn is_whitespace(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    const DOCUMENT: &str = "http://h.test/d/page";

    /// The web-platform-tests table for meta refresh; the target is compared after URL parsing.
    #[rustfmt::skip]
    const WPT: &[(&str, Option<(u64, &str)>)] = &[
        ("", None), ("1", Some((1, "page"))), ("1 ", Some((1, "page"))), ("1\t", Some((1, "page"))),
        ("1\r", Some((1, "page"))), ("1\n", Some((1, "page"))), ("1\x0c", Some((1, "page"))),
        ("1;", Some((1, "page"))), ("1,", Some((1, "page"))),
        ("1; url=foo", Some((1, "foo"))), ("1, url=foo", Some((1, "foo"))), ("1 url=foo", Some((1, "foo"))),
        ("1;\turl=foo", Some((1, "foo"))), ("1,\turl=foo", Some((1, "foo"))), ("1\turl=foo", Some((1, "foo"))),
        ("1;\rurl=foo", Some((1, "foo"))), ("1,\rurl=foo", Some((1, "foo"))), ("1\rurl=foo", Some((1, "foo"))),
        ("1;\nurl=foo", Some((1, "foo"))), ("1,\nurl=foo", Some((1, "foo"))), ("1\nurl=foo", Some((1, "foo"))),
        ("1;\x0curl=foo", Some((1, "foo"))), ("1,\x0curl=foo", Some((1, "foo"))), ("1\x0curl=foo", Some((1, "foo"))),
        ("1url=foo", None), ("1x;url=foo", None), ("1 x;url=foo", Some((1, "x;url=foo"))),
        ("1;;url=foo", Some((1, ";url=foo"))),
        ("  1  ;  url  =  foo", Some((1, "foo"))), ("  1  ,  url  =  foo", Some((1, "foo"))),
        ("  1  ;  foo", Some((1, "foo"))), ("  1  ,  foo", Some((1, "foo"))), ("  1  url  =  foo", Some((1, "foo"))),
        ("1; url=foo ", Some((1, "foo"))), ("1; url=f\to\no", Some((1, "foo"))),
        ("1; url=\"foo\"bar", Some((1, "foo"))), ("1; url='foo'bar", Some((1, "foo"))),
        ("1; url=\"foo'bar", Some((1, "foo'bar"))), ("1; url foo", Some((1, "url%20foo"))),
        ("1; urlfoo", Some((1, "urlfoo"))), ("1; urfoo", Some((1, "urfoo"))), ("1; ufoo", Some((1, "ufoo"))),
        ("1; \"foo\"bar", Some((1, "foo"))),
        ("; foo", None), (", foo", None), ("foo", None),
        ("+1; url=foo", None), ("-1; url=foo", None), ("+0; url=foo", None), ("-0; url=foo", None),
        ("0; url=foo", Some((0, "foo"))),
        ("+1; foo", None), ("-1; foo", None), ("+0; foo", None), ("-0; foo", None), ("0; foo", Some((0, "foo"))),
        ("+1", None), ("-1", None), ("+0", None), ("-0", None), ("0", Some((0, "page"))),
        ("1.9; url=foo", Some((1, "foo"))), ("1.9..5.; url=foo", Some((1, "foo"))),
        (".9; url=foo", Some((0, "foo"))), ("0.9; url=foo", Some((0, "foo"))),
        ("1e0; url=foo", None), ("1e1; url=foo", None), ("10e-1; url=foo", None), ("-0.1; url=foo", None),
        // Consequences of the same steps that the published table leaves out.
        (".", None), (".; url=foo", None), ("..; url=foo", None), ("url=foo", None), ("0url=foo", None),
        ("0;foo", Some((0, "foo"))), ("0; URL=foo", Some((0, "foo"))), ("0;url=", Some((0, "page"))),
        ("0; u", Some((0, "u"))), ("0; url", Some((0, "url"))), ("0;'foo", Some((0, "foo"))),
        ("0; url = /final ; x", Some((0, "/final%20;%20x"))), ("0;url=''x", Some((0, "page"))),
        ("99999999999999999999999; foo", Some((u64::MAX, "foo"))), ("0\u{a0};url=foo", None),
        ("0;\u{e9}url=foo", Some((0, "%C3%A9url=foo"))),
    ];

    fn resolved(refresh: &Refresh) -> String {
        let document = Url::parse(DOCUMENT).unwrap();
        let target = refresh.target.as_deref().map_or(document.clone(), |text| document.join(text).unwrap());
        target.to_string()
    }

    #[test]
    fn agrees_with_the_web_platform_tests() {
        for (input, expected) in WPT {
            let got = parse_refresh(input).map(|refresh| (refresh.delay_s, resolved(&refresh)));
            let want = expected.map(|(delay_s, target)| {
                let base = if target.starts_with('/') { "http://h.test" } else { "http://h.test/d/" };
                (delay_s, format!("{base}{target}"))
            });
            assert_eq!(got, want, "input {input:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn never_panics_and_the_target_is_part_of_the_input(input in "\\PC{0,40}") {
            if let Some(target) = parse_refresh(&input).and_then(|refresh| refresh.target) {
                prop_assert!(input.contains(&target));
            }
        }

        #[test]
        fn a_plain_instruction_is_read_back(delay_s in 0_u64..100_000, path in "/[a-z0-9]{1,12}", quote in "['\"]?") {
            let input = format!("{delay_s}; url={quote}{path}{quote}");
            prop_assert_eq!(parse_refresh(&input), Some(Refresh { delay_s, target: Some(path) }));
        }
    }
}
