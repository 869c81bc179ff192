//! Idempotency records: a known key with the same request returns the known outcome (I07).

use crate::{limits, time::Timestamp};

/// A caller's idempotency key: 1–128 visible ASCII characters, without structured-field quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// The key breaks its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read the idempotency key: give 1 to 128 visible ASCII characters")]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// Reads a key from a header or body; one pair of structured-field quotes (RFC 9651 §3.3.3) is stripped.
    pub fn parse(text: &str) -> Result<Self, IdempotencyKeyError> {
        let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let visible = inner.bytes().all(|b| b.is_ascii_graphic());
        if inner.is_empty() || inner.len() > limits::IDEMPOTENCY_KEY_BYTES_MAX || !visible {
            return Err(IdempotencyKeyError);
        }
        Ok(Self(inner.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// SHA-256 over method, path, query and body digest: what makes two requests the same.
pub type Fingerprint = [u8; 32];

/// What a creating call brings to the store beside its effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyClaim {
    pub key: IdempotencyKey,
    pub fingerprint: Fingerprint,
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_one_pair_of_quotes_and_holds_the_bounds() {
        assert_eq!(IdempotencyKey::parse("\"abc\"").unwrap().as_str(), "abc");
        assert_eq!(IdempotencyKey::parse("abc").unwrap().as_str(), "abc");
        for bad in ["", "\"\"", "a b", "é", &"x".repeat(129)] {
            assert_eq!(IdempotencyKey::parse(bad), Err(IdempotencyKeyError), "{bad}");
        }
    }
}
