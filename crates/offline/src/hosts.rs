//! Which rules speak about a link's host. One map read per label, so a thousand rules cost what ten cost.
//!
//! Patterns are those of the provider catalogue and two more: `host` (also with `www.`), `*.suffix`, `host.*` (any suffix of
//! a registry), `*` (any host), each with an optional `/path-prefix` that ends at a segment's end.

use std::{cmp::Reverse, collections::HashMap};

use url::{Host, Url};

use crate::names;

/// Hosts with more labels are not searched deeper.
const HOST_LABELS_MAX: usize = 16;

/// Host patterns and what they stand for: `T` is a rule's place.
#[derive(Debug)]
pub(crate) struct HostIndex<T> {
    exact: HashMap<String, Vec<Entry<T>>>,
    below: HashMap<String, Vec<Entry<T>>>,
    any_suffix: HashMap<String, Vec<Entry<T>>>,
    anywhere: Vec<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    path_prefix: String,
    value: T,
}

impl<T: Copy> HostIndex<T> {
    pub(crate) fn new() -> Self {
        let (exact, below, any_suffix) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { exact, below, any_suffix, anywhere: Vec::new() }
    }

    /// Adds a pattern; the error says what is wrong with it.
    pub(crate) fn insert(&mut self, pattern: &str, value: T) -> Result<(), String> {
        let (host, path_prefix) = pattern.find('/').map_or((pattern, ""), |at| pattern.split_at(at));
        let entries = if host == "*" {
            &mut self.anywhere
        } else if let Some(suffix) = host.strip_prefix("*.") {
            self.below.entry(checked(suffix, pattern)?).or_default()
        } else if let Some(front) = host.strip_suffix(".*") {
            self.any_suffix.entry(checked(front, pattern)?).or_default()
        } else if host.contains('.') {
            self.exact.entry(checked(host, pattern)?).or_default()
        } else {
            return Err(format!("host pattern {pattern:?} is no host name"));
        };
        entries.push(Entry { path_prefix: path_prefix.to_owned(), value });
        // Stable: of two equally long prefixes the one written first stays first.
        entries.sort_by_key(|entry| Reverse(entry.path_prefix.len()));
        Ok(())
    }

    /// What the patterns that fit `link` stand for: an exact host before a suffix, a longer suffix or path before a shorter,
    /// any suffix last; among equals as written. `*` fits where nothing else does.
    pub(crate) fn matching(&self, link: &Url) -> Vec<T> {
        let host = names::bare(link.host_str().unwrap_or_default());
        let without_www = host.strip_prefix("www.");
        let exact = [Some(host), without_www].into_iter().flatten().filter_map(|host| self.exact.get(host));
        let suffixes = host.match_indices('.').map(|(at, _)| &host[at + 1..]).take(HOST_LABELS_MAX);
        let below = suffixes.filter_map(|suffix| self.below.get(suffix));
        let is_name = matches!(link.host(), Some(Host::Domain(_)));
        let front = is_name.then(|| names::before_registry_suffix(host)).flatten();
        let fronts = [front, front.and_then(|front| front.strip_prefix("www."))].into_iter().flatten();
        let any_suffix = fronts.filter_map(|front| self.any_suffix.get(front));
        let specific = fitting(exact.chain(below).chain(any_suffix).flatten(), link);
        if specific.is_empty() { fitting(self.anywhere.iter(), link) } else { specific }
    }
}

fn fitting<'a, T: Copy + 'a>(entries: impl Iterator<Item = &'a Entry<T>>, link: &Url) -> Vec<T> {
    entries.filter(|entry| is_below(link.path(), &entry.path_prefix)).map(|entry| entry.value).collect()
}

fn checked(host: &str, pattern: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if host.split('.').all(is_label) {
        Ok(host.to_owned())
    } else {
        Err(format!("host pattern {pattern:?} is no lower-case host name"))
    }
}

/// Prefixes end at a segment's end: `/url` covers `/url` and `/url/x`, not `/urls`.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| {
        rest.is_empty() || prefix.is_empty() || prefix.ends_with('/') || rest.starts_with('/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 8] =
        ["a.com", "a.com/p", "*.a.com", "*.b.a.com", "google.*/url", "rover.ebay.*", "*", "*/Prod"];

    fn matching(link: &str) -> Vec<&'static str> {
        let mut index = HostIndex::new();
        for (at, pattern) in PATTERNS.iter().enumerate() {
            index.insert(pattern, at).unwrap();
        }
        index.matching(&Url::parse(link).unwrap()).into_iter().map(|at| PATTERNS[at]).collect()
    }

    #[test]
    fn the_most_specific_comes_first() {
        for (link, expected) in [
            ("https://a.com/", vec!["a.com"]),
            ("https://www.a.com/p/q", vec!["a.com/p", "a.com", "*.a.com"]),
            ("https://a.com./pq", vec!["a.com"]),
            ("https://x.b.a.com/", vec!["*.b.a.com", "*.a.com"]),
            ("https://nota.com/Prod/x", vec!["*/Prod", "*"]),
            ("https://www.google.co.uk/url?q=x", vec!["google.*/url"]),
            ("https://google.com/urls", vec!["*"]),
            ("https://google.blogspot.com/url", vec!["*"]),
            ("https://google.com.evil.com/url", vec!["*"]),
            ("https://maps.google.com/url", vec!["*"]),
            ("https://rover.ebay.de/rover/1", vec!["rover.ebay.*"]),
            ("http://127.0.0.1/url", vec!["*"]),
            ("http://[::1]/", vec!["*"]),
        ] {
            assert_eq!(matching(link), expected, "{link}");
        }
    }

    #[test]
    fn refuses_bad_patterns() {
        for pattern in ["", "com", "Upper.com", "a..com", "*.", ".*", "a.*.com", "a com", "/p"] {
            assert!(HostIndex::new().insert(pattern, ()).is_err(), "{pattern}");
        }
    }
}
