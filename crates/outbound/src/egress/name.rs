//! What an egress is called.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

const NAME_BYTES_MAX: usize = 32;

/// 1 to 32 of `a-z`, `0-9` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EgressName(Arc<str>);

/// Why a text names no egress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("name an egress with 1 to {NAME_BYTES_MAX} of a-z, 0-9 and -")]
pub struct EgressNameError;

impl EgressName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EgressName {
    type Err = EgressNameError;

    fn from_str(text: &str) -> Result<Self, EgressNameError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let sound = (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_plain);
        if sound { Ok(Self(text.into())) } else { Err(EgressNameError) }
    }
}

impl fmt::Display for EgressName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        let longest = "a".repeat(NAME_BYTES_MAX);
        for (text, sound) in
            [("tokyo-2", true), (&longest, true), ("", false), ("Tokyo", false), ("a_b", false)]
        {
            assert_eq!(text.parse::<EgressName>().is_ok(), sound, "{text}");
        }
        assert!(format!("{longest}a").parse::<EgressName>().is_err());
    }
}
