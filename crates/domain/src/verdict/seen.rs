//! What several verdicts read off a chain: its end, its schemes, and how far a statement about the whole of it goes.

use url::Url;

use super::Verdict;
use crate::chain::{CUT_MARK, Chain, ChainStatus, Engine, Hop};

/// The request the destination was asked for with. Changes a page makes to its own address afterwards don't count. None when
/// nobody was asked.
pub(super) fn destination(chain: &Chain) -> Option<&Hop> {
    chain.hops.last().filter(|_| reached_end(chain) && asked_network(chain))
}

/// Whether the document's bound left less than the whole URL of a hop: its parameters are not known then.
pub(super) fn has_cut_urls(chain: &Chain) -> bool {
    chain.hops.iter().any(|hop| hop.url.ends_with(CUT_MARK))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::HopKind,
        chain_samples::{chain, offline_only, redirects},
        verdict::{self, Expectations, Previous},
    };

    #[test]
    fn a_cut_url_says_nothing_of_its_parameters() {
        let mut cut = redirects(&["https://a.example/?gclid=1&x=1", "https://b.example/?gclid=1"]);
        cut.hops[1].url = format!("https://b.example/?g{CUT_MARK}");
        let verdicts = verdict::of(&cut, &Expectations::default());
        assert_eq!((verdicts.click_ids.value, verdicts.params_lost.value), (None, None));
        assert_eq!(verdicts.https_all_hops.value, Some(true), "its scheme is whole");
    }

    #[test]
    fn nothing_is_said_of_a_destination_that_nobody_asked() {
        let previous = Previous::of(&redirects(&["https://a.example/"]));
        let expectations = Expectations { expected_domain: Some("shop.example"), previous: Some(&previous) };
        let plain = offline_only(redirects(&["https://bit.ly/x?gclid=1"]));
        let verdicts = verdict::of(&plain, &expectations);
        assert_eq!((verdicts.click_ids.value, verdicts.params_lost.value), (None, None));
        assert_eq!((verdicts.drift.value, verdicts.expected_domain.value), (None, None));
        let hops = [(HopKind::Start, "https://a.example/?u=…"), (HopKind::Offline, "https://shop.example/")];
        let decoded = verdict::of(&offline_only(chain(&hops)), &expectations);
        assert_eq!((decoded.drift.value, decoded.expected_domain.value), (None, Some(true)));
    }
}
