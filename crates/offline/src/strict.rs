//! When a rule that knows the shape of a link but not its host may speak. Most `url=` parameters name a subject (of a
//! share, a login, a validator, a picture service), not a destination; a wrong destination is worse than none.

use std::collections::HashSet;

use url::{Host, Url};

use crate::{file::NeverFile, hosts::HostIndex, names, query};

/// Where strict rules must not decode.
#[derive(Debug)]
pub(crate) struct Strict {
    hosts: HostIndex<()>,
    words: HashSet<String>,
    parameters: HashSet<String>,
    extensions: HashSet<String>,
}

impl Strict {
    /// Reads `[never]`; the error says what is wrong with it.
    pub(crate) fn parse(file: NeverFile) -> Result<Self, String> {
        let mut hosts = HostIndex::new();
        for pattern in &file.hosts {
            hosts.insert(pattern, ())?;
        }
        let set = |words: Vec<String>| words.into_iter().map(|word| word.to_ascii_lowercase()).collect();
        Ok(Self {
            hosts,
            words: set(file.words),
            parameters: set(file.parameters),
            extensions: set(file.extensions),
        })
    }

    /// Whether a link may be a wrapper at all, judged by its host, its own path and its parameters' names.
    pub(crate) fn allows(&self, link: &Url, own_path: &str) -> bool {
        let Some(Host::Domain(host)) = link.host() else { return false };
        let labels = names::words_before(host, names::suffix(host));
        let mut words = labels.map(str::to_owned).chain(path_words(own_path));
        self.hosts.matching(link).is_empty()
            && !words.any(|word| self.words.contains(&word))
            && !query::parameters(link).iter().any(|one| self.parameters.contains(&one.name))
    }

    /// Whether a destination is a page of a public site.
    pub(crate) fn accepts(&self, destination: &Url) -> bool {
        let file = destination.path().rsplit('/').next().and_then(|file| file.rsplit_once('.'));
        let is_part =
            file.is_some_and(|(_, extension)| self.extensions.contains(&extension.to_ascii_lowercase()));
        matches!(destination.host(), Some(Host::Domain(host)) if names::is_public(host)) && !is_part
    }
}

/// Whether a destination is of another site than the link.
pub(crate) fn leaves(link: &Url, destination: &Url) -> bool {
    let site = |url: &Url| url.host_str().map(|host| names::site(host).to_owned());
    site(link) != site(destination)
}

/// Whether the host's own labels or the link's own path hold one of `words`: `click.a.com`, `/redirect.php`.
pub(crate) fn says(words: &HashSet<String>, link: &Url, own_path: &str) -> bool {
    let Some(Host::Domain(host)) = link.host() else { return false };
    names::words_before(host, names::site(host)).any(|word| words.contains(word))
        || path_words(own_path).any(|word| words.contains(&word))
}

fn path_words(path: &str) -> impl Iterator<Item = String> + '_ {
    let words = path.split(|character: char| !character.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}
