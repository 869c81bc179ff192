//! The provider catalogue: which links we know, their tier and how they are peeled. Data in `providers.toml`;
//! looking one up costs one map read per label of the host.

use std::{collections::HashMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use url::Url;

/// What links of no listed provider are said to be of.
pub const GENERIC: &str = "generic";

/// Price class of a provider.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Tier {
    #[default]
    Standard,
    Premium,
}

impl Tier {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How links of a provider are peeled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Recipe {
    /// Plain redirects and refreshes.
    Http,
    /// The URL usually embeds its destination.
    Wrapper,
    /// A page may stand between.
    Interstitial,
    /// The answer depends on the device.
    App,
    /// Ads, tasks or a captcha stand before the destination.
    Gated,
}

/// One row of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub id: String,
    pub label: String,
    /// Patterns: `host`, `*.suffix`, either with an optional `/path-prefix`.
    pub hosts: Vec<String>,
    pub tier: Tier,
    /// Credits one resolve costs.
    pub resolve_cost: u32,
    /// What to expect, as text.
    pub latency: String,
    pub recipe: Recipe,
    /// An affiliate network: it may claim the sale.
    #[serde(default)]
    pub network: bool,
}

/// Why a catalogue file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("the provider catalogue is no valid TOML: {0}")]
    Syntax(#[from] toml::de::Error),
    #[error("pattern {pattern:?} of provider {id:?} is {fault}")]
    Pattern { id: String, pattern: String, fault: &'static str },
}

/// All providers, indexed by host.
#[derive(Debug)]
pub struct Catalogue {
    providers: Vec<Provider>,
    exact: Index,
    below: Index,
}

/// Host to the patterns on it, longest path prefix first.
type Index = HashMap<String, Vec<Pattern>>;

#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    path_prefix: String,
    provider: usize,
}

#[derive(Deserialize)]
struct CatalogueFile {
    provider: Vec<Provider>,
}

/// A public suffix has at most this many labels below it in any real name; hosts with more are not searched deeper.
const HOST_LABELS_MAX: usize = 16;

impl Catalogue {
    /// The catalogue that comes with the program.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Catalogue> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "Invariant: the file is compiled in and a test parses it")]
            Catalogue::parse(include_str!("providers.toml")).expect("parse the built-in catalogue")
        });
        &BUILTIN
    }

    /// Reads a catalogue file.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let file: CatalogueFile = toml::from_str(text)?;
        let mut catalogue = Self { providers: file.provider, exact: Index::new(), below: Index::new() };
        for (index, provider) in catalogue.providers.iter().enumerate() {
            for pattern in &provider.hosts {
                let (host, path_prefix) = split_pattern(pattern);
                let (map, host) = match host.strip_prefix("*.") {
                    Some(suffix) => (&mut catalogue.below, suffix),
                    None => (&mut catalogue.exact, host),
                };
                insert(map, host, Pattern { path_prefix: path_prefix.to_owned(), provider: index }).map_err(
                    |fault| CatalogueError::Pattern {
                        id: provider.id.clone(),
                        pattern: pattern.clone(),
                        fault,
                    },
                )?;
            }
        }
        Ok(catalogue)
    }

    /// All providers, sorted by id.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The provider of that id.
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// The provider a link belongs to: an exact host wins over a suffix, a longer suffix or path over a shorter.
    pub fn lookup(&self, url: &Url) -> Option<&Provider> {
        let host = url.host_str()?.trim_end_matches('.');
        let bare = host.strip_prefix("www.").unwrap_or(host);
        let exact = [host, bare].into_iter().find_map(|host| matching(&self.exact, host, url.path()));
        let mut suffixes = host.match_indices('.').map(|(at, _)| &host[at + 1..]).take(HOST_LABELS_MAX);
        let found = exact.or_else(|| suffixes.find_map(|suffix| matching(&self.below, suffix, url.path())));
        found.map(|index| &self.providers[index])
    }

    /// The id of the provider of `url`, or [`GENERIC`].
    pub fn id_of(&self, url: &Url) -> &str {
        self.lookup(url).map_or(GENERIC, |provider| &provider.id)
    }

    /// The tier of the provider of `url`; unlisted links are standard.
    pub fn tier_of(&self, url: &Url) -> Tier {
        self.lookup(url).map_or(Tier::Standard, |provider| provider.tier)
    }
}

fn split_pattern(pattern: &str) -> (&str, &str) {
    pattern.find('/').map_or((pattern, ""), |at| pattern.split_at(at))
}

fn insert(map: &mut Index, host: &str, pattern: Pattern) -> Result<(), &'static str> {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !host.contains('.') || !host.split('.').all(is_label) {
        return Err("no lowercase host name");
    }
    let patterns = map.entry(host.to_owned()).or_default();
    if patterns.iter().any(|other| other.path_prefix == pattern.path_prefix) {
        return Err("listed twice");
    }
    patterns.push(pattern);
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.path_prefix.len()));
    Ok(())
}

fn matching(map: &Index, host: &str, path: &str) -> Option<usize> {
    let patterns = map.get(host)?;
    patterns.iter().find(|pattern| is_below(path, &pattern.path_prefix)).map(|pattern| pattern.provider)
}

/// Prefixes end at a segment's end: `/url` covers `/url` and `/url/x`, not `/urls`.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| {
        rest.is_empty() || prefix.is_empty() || prefix.ends_with('/') || rest.starts_with('/')
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn id(url: &str) -> &'static str {
        Catalogue::builtin().id_of(&Url::parse(url).unwrap())
    }

    #[test]
    fn finds_hosts_suffixes_and_paths() {
        for (url, expected) in [
            ("https://bit.ly/x", "bitly"),
            ("https://www.bit.ly/x", "bitly"),
            ("https://bit.ly./x", "bitly"),
            ("https://notbit.ly/x", GENERIC),
            ("https://sub.bit.ly/x", GENERIC),
            ("https://eur01.safelinks.protection.outlook.com/?url=x", "safelinks"),
            ("https://safelinks.protection.outlook.com/", GENERIC),
            ("https://www.google.com/url?q=x", "google"),
            ("https://www.google.com/urls", GENERIC),
            ("https://www.google.com/search", GENERIC),
            ("https://www.google.com/aclk?x", "google_ads"),
            ("https://duckduckgo.com/l/?uddg=x", "duckduckgo"),
            ("https://go.link/", GENERIC),
            ("https://brand.go.link/", "adjust"),
            ("https://ouo.io/x", "ouo"),
            ("http://127.0.0.1/", GENERIC),
        ] {
            assert_eq!(id(url), expected, "{url}");
        }
        assert_eq!(Catalogue::builtin().tier_of(&Url::parse("https://ouo.press/a").unwrap()), Tier::Premium);
    }

    #[test]
    fn the_longest_pattern_wins() {
        let row = |id: &str, host: &str| {
            format!(
                "[[provider]]\nid='{id}'\nlabel='x'\nhosts=['{host}']\ntier='standard'\nresolve_cost=1\nlatency='1s'\nrecipe='http'\n"
            )
        };
        let text = [
            row("wide", "*.a.test"),
            row("narrow", "*.b.a.test"),
            row("path", "*.a.test/p"),
            row("host", "x.a.test"),
        ]
        .concat();
        let catalogue = Catalogue::parse(&text).unwrap();
        let id = |url: &str| catalogue.id_of(&Url::parse(url).unwrap()).to_owned();
        assert_eq!(id("http://y.a.test/"), "wide");
        assert_eq!(id("http://y.b.a.test/p"), "narrow");
        assert_eq!(id("http://y.a.test/p/q"), "path");
        assert_eq!(id("http://x.a.test/p"), "host");
        assert_eq!(id("http://a.test/"), GENERIC);
        assert!(Catalogue::parse(&[row("a", "a.test"), row("b", "a.test")].concat()).is_err());
        assert!(Catalogue::parse(&row("a", "Upper.test")).is_err());
        assert!(Catalogue::parse(&row("a", "test")).is_err());
    }

    #[test]
    fn the_built_in_file_is_tidy() {
        let providers = Catalogue::builtin().providers();
        assert!(providers.len() >= 70, "only {} providers", providers.len());
        assert!(providers.is_sorted_by(|a, b| a.id < b.id), "sort the providers by id, each once");
        let labels: HashSet<_> = providers.iter().map(|provider| &provider.label).collect();
        assert_eq!(labels.len(), providers.len(), "each label once");
        for provider in providers {
            let id = &provider.id;
            assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{id}");
            assert_ne!(id, GENERIC);
            assert!(!provider.hosts.is_empty() && provider.hosts.is_sorted(), "{id}: sort the hosts");
            assert!(!provider.label.is_empty() && !provider.latency.is_empty(), "{id}");
            let cost = if provider.tier == Tier::Premium { 2 } else { 1 };
            assert_eq!(provider.resolve_cost, cost, "{id}");
        }
    }
}
