//! What several verdicts read off a chain: its end, its schemes, and how far a statement about the whole of it goes.

use url::Url;

use super::Verdict;
use crate::chain::{Chain, ChainStatus, Engine, Hop};

/// The request the destination was asked for with. Changes a page makes to its own address afterwards don't count.
pub(super) fn destination(chain: &Chain) -> Option<&Hop> {
    chain.hops.last().filter(|_| reached_end(chain))
}

pub(super) fn reached_end(chain: &Chain) -> bool {
    chain.status == ChainStatus::Done
}

/// Whether somebody was asked at every step: a chain read off the URL alone says nothing of the way.
pub(super) fn asked_network(chain: &Chain) -> bool {
    matches!(chain.engine, Some(Engine::Http | Engine::Script | Engine::Browser)) && !chain.hops.is_empty()
}

/// The scheme of a hop's URL, lowercase; empty when it has none.
pub(super) fn scheme(hop: &Hop) -> String {
    hop.url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default()
}

/// The decoded query parameters of a URL; none when it is not one.
pub(super) fn query_of(url: &str) -> Vec<(String, String)> {
    Url::parse(url).map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}

/// A statement about the whole way: a fault that was seen stands, its absence only once the end was reached.
pub(super) fn of_whole_way(chain: &Chain, good: bool, fault: Option<String>) -> Verdict<bool> {
    match fault {
        _ if !asked_network(chain) => Verdict::NOT_APPLICABLE,
        Some(fault) => Verdict::explained(!good, fault),
        None if reached_end(chain) => Verdict::plain(good),
        None => Verdict::NOT_APPLICABLE,
    }
}
