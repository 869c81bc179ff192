//! Slugs: the part of a short URL that names the link, how it is written, and which words it may not be.

use std::fmt;

use serde::Serialize;

use crate::{limits, short_link::CaseRule};

mod offensive;
mod random;
mod reserved;

pub use random::random_slug;
pub use reserved::is_reserved as is_reserved_segment;

/// A slug as its owner wrote it: 1–5 segments of letters, digits, `_` and `-` joined by `/`, at most 100 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

/// What two spellings of one slug have in common under a domain's case rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlugKey(String);

/// Why a text is no slug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    #[error("a slug has at least one character")]
    Empty,
    #[error("a slug has at most {} characters", limits::SLUG_BYTES_MAX)]
    TooLong,
    #[error("a slug has at most {} segments", limits::SLUG_SEGMENTS_MAX)]
    TooManySegments,
    #[error(
        "the segments of a slug are letters, digits, `-` and `_`, begin and end with a letter or digit, and are joined by `/`"
    )]
    Malformed,
    #[error("`{segment}` is kept for the server itself; begin the slug with another word")]
    Reserved { segment: String },
    #[error("the slug holds an offensive word; choose another one")]
    Offensive,
}

impl SlugError {
    /// A stable word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong | Self::TooManySegments | Self::Malformed => "bad_slug",
            Self::Reserved { .. } => "reserved_slug",
            Self::Offensive => "offensive_slug",
        }
    }
}

impl Slug {
    /// Reads a slug that somebody chose (contracts §7).
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let slug = Self::of_grammar(text)?;
        let first = text.split('/').next().unwrap_or_default();
        if reserved::is_reserved(first) {
            return Err(SlugError::Reserved { segment: first.to_owned() });
        }
        if offensive::names_a_word(text) {
            return Err(SlugError::Offensive);
        }
        Ok(slug)
    }

    /// Reads a slug that was accepted before: a word that is refused since then stays readable.
    pub fn of_stored(text: &str) -> Result<Self, SlugError> {
        Self::of_grammar(text)
    }

    fn of_grammar(text: &str) -> Result<Self, SlugError> {
        if text.is_empty() {
            return Err(SlugError::Empty);
        }
        if text.len() > limits::SLUG_BYTES_MAX {
            return Err(SlugError::TooLong);
        }
        let segments = text.split('/');
        if segments.clone().count() > limits::SLUG_SEGMENTS_MAX {
            return Err(SlugError::TooManySegments);
        }
        if segments.clone().all(is_segment) { Ok(Self(text.to_owned())) } else { Err(SlugError::Malformed) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn key(&self, rule: CaseRule) -> SlugKey {
        SlugKey::of(&self.0, rule)
    }
}

impl SlugKey {
    pub(super) fn of(text: &str, rule: CaseRule) -> Self {
        Self(match rule {
            CaseRule::Sensitive => text.to_owned(),
            CaseRule::Insensitive => text.to_ascii_lowercase(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?`.
pub(super) fn is_segment(text: &str) -> bool {
    let (first, last) = (text.bytes().next(), text.bytes().next_back());
    let edges = [first, last].iter().all(|edge| edge.is_some_and(|b| b.is_ascii_alphanumeric()));
    edges && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests;
