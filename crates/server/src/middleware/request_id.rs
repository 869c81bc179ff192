//! `X-Request-Id`: the caller's if it is sane, else one of ours.

use std::sync::atomic::{AtomicU64, Ordering};

use hopline_domain::entropy::Entropy;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const REQUEST_ID_BYTES_MAX: usize = 128;

/// Makes ids that are unique in this process and unlikely to meet another's: random start, then counting.
#[derive(Debug)]
pub(crate) struct RequestIds {
    prefix: String,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let mut random = [0_u8; 8];
        entropy.fill(&mut random);
        Self { prefix: format!("req_{:016x}", u64::from_le_bytes(random)), next: AtomicU64::new(1) }
    }

    /// The id of a request with these headers.
    pub(super) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        self.given(headers).unwrap_or_else(|| self.make())
    }

    /// The caller's own, if it gave a sane one.
    #[expect(clippy::unused_self, reason = "asked of the same place as ids that are made")]
    pub(crate) fn given(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        headers.get(X_REQUEST_ID).filter(|value| is_sane(value.as_bytes())).cloned()
    }

    fn make(&self) -> HeaderValue {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        HeaderValue::try_from(format!("{}{number:06x}", self.prefix))
            .unwrap_or(HeaderValue::from_static("req_0"))
    }
}

fn is_sane(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=REQUEST_ID_BYTES_MAX).contains(&id.len()) && id.iter().all(allowed)
}

#[cfg(test)]
mod tests {
    use hopline_domain::entropy::OsEntropy;

    use super::*;

    #[test]
    fn only_sane_ids_are_taken() {
        let ids = RequestIds::new(&OsEntropy);
        let with = |id: &str| ids.of(&HeaderMap::from_iter([(X_REQUEST_ID, id.parse().unwrap())]));
        assert_eq!(with("a-B_3.x"), "a-B_3.x");
        for bad in ["", "a b", "a/b", "é", &"x".repeat(129)] {
            assert!(with(bad).as_bytes().starts_with(b"req_"), "{bad}");
        }
        assert_ne!(ids.of(&HeaderMap::new()), ids.of(&HeaderMap::new()));
    }
}
