//! Entity tags of single resources, and `If-Match` (RFC 9110 §8.8.3, §13.1.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bytes of the digest that make a tag: enough to tell versions of one object apart.
const TAG_BYTES: usize = 12;

/// A strong tag over what a caller can change or wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ETag(String);

impl ETag {
    pub(crate) fn of(version: &impl Serialize) -> Self {
        let digest = Sha256::digest(serde_json::to_vec(version).unwrap_or_default());
        Self(format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..TAG_BYTES])))
    }

    /// Whether `If-Match` lets a change pass: absent, `*`, or a list that names this tag. Weak tags never match.
    pub(crate) fn satisfies(&self, headers: &HeaderMap) -> bool {
        let mut lines = headers.get_all(header::IF_MATCH).iter().peekable();
        if lines.peek().is_none() {
            return true;
        }
        let mut tags =
            lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
        tags.any(|tag| tag == b"*" || tag == self.0.as_bytes())
    }
}

impl TryFrom<ETag> for HeaderValue {
    type Error = header::InvalidHeaderValue;

    fn try_from(tag: ETag) -> Result<Self, Self::Error> {
        Self::try_from(tag.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::IF_MATCH, HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn only_strong_equals_or_star_match() {
        let tag = ETag::of(&"a");
        let same: &'static str = Box::leak(tag.0.clone().into_boxed_str());
        let weak: &'static str = Box::leak(format!("W/{}", tag.0).into_boxed_str());
        assert!(tag.satisfies(&asked(&[])));
        assert!(tag.satisfies(&asked(&["*"])));
        assert!(tag.satisfies(&asked(&["\"x\"", same])));
        assert!(!tag.satisfies(&asked(&[weak])));
        assert!(!tag.satisfies(&asked(&["\"x\", \"y\""])));
        assert_ne!(tag, ETag::of(&"b"));
    }
}
