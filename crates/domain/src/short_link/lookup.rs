//! Which slugs a request's path may mean: itself, else its prefixes, the longest first.

use super::{CaseRule, SlugKey, slug};
use crate::limits;

/// One slug that a path may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupKey {
    pub key: SlugKey,
    /// Bytes of the path that the slug takes; the rest begins after the `/` that follows.
    pub matched_bytes: usize,
}

/// The slugs a path may mean, best first: the whole path, then its prefixes that end before a `/`, at most six in all.
///
/// The path comes without its leading `/`, percent-encoding as received: slugs are ASCII, so nothing is decoded.
pub fn lookup_keys(path: &str, rule: CaseRule) -> Vec<LookupKey> {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    let mut keys = Vec::new();
    let mut begin = 0;
    for end in ends.take(limits::SLUG_SEGMENTS_MAX) {
        let segment = path.get(begin..end).unwrap_or_default();
        if end > limits::SLUG_BYTES_MAX || !slug::is_segment(segment) {
            break;
        }
        let prefix = path.get(..end).unwrap_or_default();
        keys.push(LookupKey { key: SlugKey::of(prefix, rule), matched_bytes: end });
        begin = end + 1;
    }
    keys.reverse();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(path: &str) -> Vec<String> {
        lookup_keys(path, CaseRule::Sensitive)
            .into_iter()
            .map(|found| found.key.as_str().to_owned())
            .collect()
    }

    #[test]
    fn the_whole_path_goes_first() {
        assert_eq!(keys("a"), ["a"]);
        assert_eq!(keys("a/b/c"), ["a/b/c", "a/b", "a"]);
        assert_eq!(keys("1/2/3/4/5/6/7"), ["1/2/3/4/5", "1/2/3/4", "1/2/3", "1/2", "1"]);
        assert_eq!(lookup_keys("Go/X", CaseRule::Insensitive)[0].key.as_str(), "go/x");
        assert_eq!(lookup_keys("go/x", CaseRule::Sensitive)[1].matched_bytes, 2);
    }

    #[test]
    fn what_can_be_no_slug_ends_the_search() {
        assert_eq!(keys("a/"), ["a"]);
        assert_eq!(keys("a//b"), ["a"]);
        assert_eq!(keys("a/../b"), ["a"]);
        assert_eq!(keys("a/b.html"), ["a"]);
        for nothing in ["", "/", "/a", "%61", "-a", "ä"] {
            assert!(keys(nothing).is_empty(), "{nothing}");
        }
        assert!(keys(&"a".repeat(101)).is_empty());
    }
}
