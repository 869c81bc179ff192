//! Tags: words of a workspace that its links are sorted by.

use serde::Serialize;

use crate::{id::TagId, limits};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Tag {
    pub id: TagId,
    pub name: TagName,
}

/// The name of a tag: 1–50 characters, no control characters, no white space around it. Unique without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TagName(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tag is 1 to {} characters without control characters or commas", limits::TAG_NAME_CHARS_MAX)]
pub struct TagNameError;

impl TagName {
    pub fn parse(text: &str) -> Result<Self, TagNameError> {
        let name = text.trim();
        let wrong = name.chars().any(|c| c.is_control() || c == ',');
        if name.is_empty() || name.chars().count() > limits::TAG_NAME_CHARS_MAX || wrong {
            return Err(TagNameError);
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one tag have in common.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(TagName::parse("  Summer Sale ").unwrap().as_str(), "Summer Sale");
        assert_eq!(TagName::parse("ÄRZTE").unwrap().key(), TagName::parse("ärzte").unwrap().key());
        assert!(TagName::parse(&"ä".repeat(50)).is_ok());
        for bad in ["", "  ", "a,b", "a\nb", &"x".repeat(51)] {
            assert_eq!(TagName::parse(bad), Err(TagNameError), "{bad:?}");
        }
    }
}
