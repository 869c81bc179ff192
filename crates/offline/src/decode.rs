//! The steps between a value as it stands in a link and the URL it means. A step that does not fit gives nothing.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use serde::Deserialize;
use url::Url;

use crate::{destination, html, names, percent, proofpoint};

/// One step of a rule's `decode`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Decode {
    Percent,
    Base64,
    Hex,
    Reverse,
    Html,
    ProofpointV2,
    ProofpointV3,
    /// `https:/x` to `https://x`.
    Slashes,
    /// A path of the link's own site to a whole URL.
    Join,
    /// `https` in front of a value without a scheme.
    Scheme(String),
    StripPrefix(String),
    After(String),
    /// As `After`, but keeps the text.
    From(String),
    Before(String),
    UntilLast(String),
    Needs(String),
}

impl TryFrom<String> for Decode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, argument) = text.split_once(':').unwrap_or((&text, ""));
        let owned = || argument.to_owned();
        Ok(match (name, argument.is_empty()) {
            ("percent", true) => Self::Percent,
            ("base64", true) => Self::Base64,
            ("hex", true) => Self::Hex,
            ("reverse", true) => Self::Reverse,
            ("html", true) => Self::Html,
            ("proofpoint_v2", true) => Self::ProofpointV2,
            ("proofpoint_v3", true) => Self::ProofpointV3,
            ("slashes", true) => Self::Slashes,
            ("join", true) => Self::Join,
            ("scheme", false) if matches!(argument, "http" | "https") => Self::Scheme(owned()),
            ("strip_prefix", false) => Self::StripPrefix(owned()),
            ("after", false) => Self::After(owned()),
            ("from", false) => Self::From(owned()),
            ("needs", false) => Self::Needs(owned()),
            ("before", false) => Self::Before(owned()),
            ("until_last", false) => Self::UntilLast(owned()),
            _ => return Err(format!("{text:?} is no decode step; see docs/offline-rules.md for them")),
        })
    }
}

impl Decode {
    /// Takes the step on `value`, which stood in `link`.
    pub(crate) fn apply(&self, value: String, link: &Url) -> Option<String> {
        match self {
            Self::Percent => Some(percent::decode(&value)),
            Self::Base64 => base64(&value),
            Self::Hex => hex(&value),
            Self::Reverse => Some(value.chars().rev().collect()),
            Self::Html => Some(html::unescape(&value)),
            Self::ProofpointV2 => Some(proofpoint::version_2(&value)),
            Self::ProofpointV3 => proofpoint::version_3(&value),
            Self::Slashes => Some(slashes(value)),
            Self::Join => join(value, link),
            Self::Scheme(scheme) => with_scheme(value, scheme),
            Self::StripPrefix(prefix) => value.strip_prefix(prefix.as_str()).map(str::to_owned),
            Self::After(text) => value.split_once(text.as_str()).map(|(_, behind)| behind.to_owned()),
            Self::From(text) => value.find(text.as_str()).map(|at| value[at..].to_owned()),
            Self::Needs(text) => value.contains(text.as_str()).then_some(value),
            Self::Before(text) => Some(value.split(text.as_str()).next().unwrap_or_default().to_owned()),
            Self::UntilLast(text) => until_last(&value, text),
        }
    }
}

/// Both alphabets, padded or not; the bytes must be UTF-8.
fn base64(value: &str) -> Option<String> {
    let standard: String = value.trim_end_matches('=').chars().map(to_standard_alphabet).collect();
    String::from_utf8(BASE64_STANDARD_NO_PAD.decode(standard).ok()?).ok()
}

fn to_standard_alphabet(character: char) -> char {
    match character {
        '-' => '+',
        '_' => '/',
        other => other,
    }
}

fn hex(value: &str) -> Option<String> {
    let nibbles: Vec<u32> = value.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = nibbles.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok());
    rest.is_empty()
        .then(|| bytes.collect::<Option<Vec<u8>>>())?
        .and_then(|bytes| String::from_utf8(bytes).ok())
}

fn slashes(value: String) -> String {
    for scheme in ["https:/", "http:/"] {
        match value.strip_prefix(scheme) {
            Some(rest) if !rest.starts_with('/') => return format!("{scheme}/{rest}"),
            _ => {}
        }
    }
    value
}

fn join(value: String, link: &Url) -> Option<String> {
    let is_path = value.starts_with('/') && !value.starts_with("//") && !value.starts_with("/\\");
    if is_path { link.join(&value).ok().map(String::from) } else { Some(value) }
}

/// Only in front of what begins with a public host name: `index.html` or `foo` is no destination.
fn with_scheme(value: String, scheme: &str) -> Option<String> {
    if destination::begins_as_url(&value) {
        return Some(value);
    }
    let rest = value.strip_prefix("//").unwrap_or(&value);
    let host = rest.split(['/', '?', '#', ':', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    (is_host && names::is_public(&host)).then(|| format!("{scheme}://{rest}"))
}

/// What stands before the last `text`; nothing if what is behind it could be part of a path.
fn until_last(value: &str, text: &str) -> Option<String> {
    let (before, behind) = value.rsplit_once(text)?;
    (!behind.contains('/')).then(|| before.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(step: &str, value: &str) -> Option<String> {
        let link = Url::parse("https://www.link.com/a/b?c=d").unwrap();
        Decode::try_from(step.to_owned()).unwrap().apply(value.to_owned(), &link)
    }

    #[test]
    fn takes_steps() {
        for (step, value, expected) in [
            ("percent", "a%2Fb", "a/b"),
            ("base64", "aHR0cHM6Ly9hLmNvbS8_eD0-", "https://a.com/?x=>"),
            ("base64", "aHR0cHM6Ly9hLmNvbS8/eD0+", "https://a.com/?x=>"),
            ("base64", "aHR0cHM6Ly9hLmNvbQ==", "https://a.com"),
            ("base64", "aHR0cHM6Ly9hLmNvbQ", "https://a.com"),
            ("hex", "68747470733A2f2f612e636f6d", "https://a.com"),
            ("reverse", "moc.a", "a.com"),
            ("html", "a&amp;b", "a&b"),
            ("slashes", "https:/a.com", "https://a.com"),
            ("slashes", "http://a.com", "http://a.com"),
            ("join", "/watch?v=1", "https://www.link.com/watch?v=1"),
            ("join", "https://a.com/", "https://a.com/"),
            ("scheme:https", "a.com/b", "https://a.com/b"),
            ("scheme:https", "//a.com/b", "https://a.com/b"),
            ("scheme:https", "http://a.com", "http://a.com"),
            ("scheme:https", "http%3A%2F%2Fa.com", "http%3A%2F%2Fa.com"),
            ("scheme:http", "A.co.uk:8080?x", "http://A.co.uk:8080?x"),
            ("strip_prefix:a1", "a1xyz", "xyz"),
            ("after:&&&", "x&&&y&&&z", "y&&&z"),
            ("from:&http", "x&http://a&http://b", "&http://a&http://b"),
            ("needs:/", "a/b", "a/b"),
            ("before:#", "x#y#z", "x"),
            ("before:#", "x", "x"),
            ("until_last::", "https://a.com/b:K3v", "https://a.com/b"),
        ] {
            assert_eq!(decoded(step, value).as_deref(), Some(expected), "{step} {value}");
        }
    }

    #[test]
    fn gives_nothing_where_a_step_does_not_fit() {
        for (step, value) in [
            ("base64", "a"),
            ("base64", "****"),
            ("base64", "_w"),
            ("hex", "6"),
            ("hex", "6g"),
            ("hex", "ff"),
            ("scheme:https", "foo"),
            ("scheme:https", "ftp://a.com"),
            ("scheme:https", "user@a.com/"),
            ("scheme:https", "/a.com"),
            ("scheme:https", ""),
            ("strip_prefix:a1", "b1"),
            ("after:&&&", "x"),
            ("from:&http", "x"),
            ("needs:/", "x"),
            ("until_last::", "https://a.com/b"),
        ] {
            assert_eq!(decoded(step, value), None, "{step} {value}");
        }
    }

    #[test]
    fn refuses_unknown_steps() {
        for step in ["", "gzip", "base64:x", "strip_prefix", "scheme:ftp", "Percent"] {
            assert!(Decode::try_from(step.to_owned()).is_err(), "{step}");
        }
    }
}
