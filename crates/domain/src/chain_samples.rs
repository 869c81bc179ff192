//! Chains for the tests of what reads them.

use url::Url;

use crate::{
    chain::{Chain, ChainProfile, ChainStatus, Engine, Hop, HopKind, SCHEMA},
    outcome::Reason,
    provider::Catalogue,
    time::Timestamp,
    verdict::Verdicts,
};

/// A chain that ended well on its last hop.
pub(crate) fn chain(hops: &[(HopKind, &str)]) -> Chain {
    let last = hops.last().map(|(_, url)| Url::parse(url).map_or_else(|_| (*url).to_owned(), Url::into));
    Chain {
        schema: SCHEMA.to_owned(),
        url: hops.first().map(|(_, url)| (*url).to_owned()).unwrap_or_default(),
        final_url: last,
        status: ChainStatus::Done,
        reason: None,
        vendor: None,
        download: false,
        title: None,
        framed_url: None,
        started_at: Timestamp(0),
        duration_ms: 0,
        runner: "server".to_owned(),
        engine: Some(Engine::Http),
        truncated: false,
        profile: ChainProfile::default(),
        offline: None,
        hops: hops.iter().enumerate().map(|(index, (kind, url))| hop(index, *kind, url)).collect(),
        verdicts: Verdicts::default(),
    }
}

/// A chain of server redirects.
pub(crate) fn redirects(urls: &[&str]) -> Chain {
    let kind = |index| if index == 0 { HopKind::Start } else { HopKind::HttpRedirect };
    chain(&urls.iter().enumerate().map(|(index, url)| (kind(index), *url)).collect::<Vec<_>>())
}

/// The same chain, broken off.
pub(crate) fn ended(mut chain: Chain, reason: Reason) -> Chain {
    (chain.status, chain.reason, chain.final_url) = (reason.status(), Some(reason), None);
    chain
}

/// The same chain, read off the URL alone.
pub(crate) fn offline_only(mut chain: Chain) -> Chain {
    chain.engine = None;
    chain
}

fn hop(index: usize, kind: HopKind, url: &str) -> Hop {
    let provider = Url::parse(url).ok().and_then(|url| Catalogue::builtin().lookup(&url));
    Hop {
        status: Some(200),
        http_version: Some("HTTP/1.1".to_owned()),
        provider: provider.map(|provider| provider.id.clone()),
        ..Hop::asked(index, kind, "GET", url)
    }
}
