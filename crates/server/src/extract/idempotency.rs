//! The `Idempotency-Key` header and the fingerprint that makes two requests the same (contracts §0).

use hopline_domain::idempotency::{Fingerprint, IdempotencyKey};
use http::{HeaderMap, HeaderName, Method, Uri};
use sha2::{Digest, Sha256};

use crate::fields::Faults;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const NAME: &str = "Idempotency-Key";

/// The key of the one header line, if there is one.
pub(super) fn header_key(headers: &HeaderMap, faults: &mut Faults) -> Option<IdempotencyKey> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY).iter();
    let line = lines.next()?;
    if lines.next().is_some() {
        faults.push(NAME, "repeated", "give this header once");
        return None;
    }
    let key = line.to_str().ok().and_then(|text| IdempotencyKey::parse(text.trim()).ok());
    if key.is_none() {
        faults.push(NAME, "malformed", "give 1 to 128 visible ASCII characters");
    }
    key
}

/// SHA-256 over method, path, query and body digest, each with its length before it.
pub(super) fn fingerprint(method: &Method, uri: &Uri, body_hash: &[u8; 32]) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in [
        method.as_str().as_bytes(),
        uri.path().as_bytes(),
        uri.query().unwrap_or_default().as_bytes(),
        body_hash,
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(lines: &[&'static str]) -> (Option<String>, usize) {
        let headers = lines.iter().map(|line| (IDEMPOTENCY_KEY, HeaderValue::from_static(line))).collect();
        let mut faults = Faults::default();
        let key = header_key(&headers, &mut faults).map(|key| key.as_str().to_owned());
        (key, faults.into_vec().len())
    }

    #[test]
    fn reads_one_line_with_or_without_quotes() {
        assert_eq!(read(&[]), (None, 0));
        assert_eq!(read(&["\"a-1\""]), (Some("a-1".to_owned()), 0));
        assert_eq!(read(&["a-1"]), (Some("a-1".to_owned()), 0));
        assert_eq!(read(&["a b"]), (None, 1));
        assert_eq!(read(&["a", "a"]), (None, 1));
    }

    #[test]
    fn every_part_counts() {
        let print =
            |method, uri: &'static str, body| fingerprint(&method, &Uri::from_static(uri), &[body; 32]);
        let all = [
            print(Method::POST, "/a", 0),
            print(Method::PUT, "/a", 0),
            print(Method::POST, "/b", 0),
            print(Method::POST, "/a?b", 0),
            print(Method::POST, "/a", 1),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(one));
        }
    }
}
