//! Proofpoint URL Defense, versions 2 and 3: the two encodings of the table that are nobody else's.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{html, percent};

/// Characters that `**X` stands for, by X: the place of X here plus two.
const RUN_LENGTHS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Version 2: `-` stands for `%`, `_` for `/`.
pub(crate) fn version_2(value: &str) -> String {
    html::unescape(&percent::decode(&value.replace('-', "%").replace('_', "/")))
}

/// Version 3, from the whole link: `…/v3/__<url>__;<base64url>!…`. Characters that mail would not carry are `*` in the
/// URL, several in a row `**X`; the base64url part holds them. None when both do not fit each other exactly.
pub(crate) fn version_3(link: &str) -> Option<String> {
    let (_, wrapped) = link.split_once("/v3/__")?;
    let (url, rest) = wrapped.split_once("__;")?;
    let (encoded, _) = rest.split_once('!')?;
    let taken_out = BASE64_URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let mut taken_out = std::str::from_utf8(&taken_out).ok()?.chars();
    let url = put_back(&with_two_slashes(&percent::decode(url)), &mut taken_out)?;
    taken_out.next().is_none().then_some(url)
}

/// Mail programs make `https:/x` of `https://x` inside a path.
fn with_two_slashes(url: &str) -> String {
    match url.split_once(":/") {
        Some((scheme, rest)) if !rest.starts_with('/') => format!("{scheme}://{rest}"),
        _ => url.to_owned(),
    }
}

fn put_back(url: &str, taken_out: &mut std::str::Chars<'_>) -> Option<String> {
    let mut whole = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, behind)) = rest.split_once('*') {
        whole.push_str(before);
        let run = behind.strip_prefix('*').and_then(|run| run.chars().next());
        let (count, length) = run.map_or(Some((1, 0)), |letter| Some((run_length(letter)?, 2)))?;
        for _ in 0..count {
            whole.push(taken_out.next()?);
        }
        rest = &behind[length..];
    }
    whole.push_str(rest);
    Some(whole)
}

fn run_length(letter: char) -> Option<usize> {
    RUN_LENGTHS.iter().position(|&other| char::from(other) == letter).map(|place| place + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(url: &str, taken_out: &str) -> String {
        let encoded = BASE64_URL_SAFE_NO_PAD.encode(taken_out);
        format!("https://urldefense.com/v3/__{url}__;{encoded}!!AbC!token$")
    }

    #[test]
    fn puts_single_characters_and_runs_back() {
        for (url, taken_out, expected) in [
            ("https://a.com/", "", "https://a.com/"),
            ("https:/a.com/x", "", "https://a.com/x"),
            ("https://a.com/*x", "#", "https://a.com/#x"),
            ("https://a.com/*b*c", "+é", "https://a.com/+béc"),
            ("https://a.com/**Ab", "日本", "https://a.com/日本b"),
            ("https://a.com/**B*", "日本語#", "https://a.com/日本語#"),
            ("https://a.com/?q=a__b*", "[", "https://a.com/?q=a__b["),
            ("https://a.com/*%2a", "xy", "https://a.com/xy"),
        ] {
            assert_eq!(version_3(&wrapped(url, taken_out)).as_deref(), Some(expected), "{url}");
        }
        let longest = "x".repeat(65);
        assert_eq!(
            version_3(&wrapped("https://a.com/**_", &longest)),
            Some(format!("https://a.com/{longest}"))
        );
    }

    #[test]
    fn refuses_what_does_not_fit() {
        for link in [
            wrapped("https://a.com/*", ""),
            wrapped("https://a.com/", "x"),
            wrapped("https://a.com/**A", "x"),
            wrapped("https://a.com/**!", "xy"),
            "https://urldefense.com/v3/__https://a.com/__;".to_owned(),
            "https://urldefense.com/v3/__https://a.com/".to_owned(),
            "https://urldefense.com/v3/__https://a.com/*__;!!x$".to_owned(),
            "https://urldefense.com/v3/__https://a.com/*__;_w!!x$".to_owned(),
            "https://urldefense.com/v3/__https://a.com/*__;%%%!!x$".to_owned(),
        ] {
            assert_eq!(version_3(&link), None, "{link}");
        }
    }

    #[test]
    fn undoes_version_2() {
        assert_eq!(version_2("http-3A__a.com_x-3Fq-3D1-26amp-3Br-3D2"), "http://a.com/x?q=1&r=2");
        assert_eq!(version_2("https-3A__a.com_b-2Dc-5Fd"), "https://a.com/b-c_d");
    }
}
