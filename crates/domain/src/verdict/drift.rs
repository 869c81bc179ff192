//! `drift`: what is another than at the check before. No value without one.
//!
//! Destinations are compared without click identifiers, which differ from click to click. A change of the registrable
//! domain is one of the URL too. Where either check reached no destination, only the status is compared. No value when
//! nobody was asked.

use serde::{Deserialize, Serialize};

use super::{Verdict, registrable_domain::site_of, without_click_ids};
use crate::{
    chain::{Chain, ChainStatus},
    time::Timestamp,
};

/// Characters of a URL shown in `detail`: a sentence is for people.
const SHOWN_CHARS_MAX: usize = 200;

/// What the check before found: read off its chain, or off what was kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    pub final_url: Option<String>,
    pub status: ChainStatus,
    /// HTTP status of the destination; `None` = not kept, and not compared.
    pub http_status: Option<u16>,
    pub checked_at: Timestamp,
}

impl Previous {
    pub fn of(chain: &Chain) -> Self {
        Self {
            final_url: chain.final_url.clone(),
            status: chain.status,
            http_status: chain.last_status(),
            checked_at: chain.started_at,
        }
    }
}

/// One thing that is another than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Change {
    /// `done`, `failed`, `invalid`.
    Status,
    /// Of the destination.
    HttpStatus,
    /// The destination's registrable domain.
    Domain,
    /// The destination.
    Url,
}

pub(super) fn drift(chain: &Chain, previous: Option<&Previous>) -> Verdict<Vec<Change>> {
    let Some(previous) = previous.filter(|_| chain.engine.is_some()) else { return Verdict::NOT_APPLICABLE };
    let mut changes = Vec::new();
    if chain.status != previous.status {
        changes.push(Change::Status);
    }
    if let Some((before, now)) = previous.final_url.as_deref().zip(chain.final_url.as_deref()) {
        let statuses = previous.http_status.zip(chain.last_status());
        let compared = [
            (Change::HttpStatus, statuses.is_some_and(|(before, now)| before != now)),
            (Change::Domain, site_of(before) != site_of(now)),
            (Change::Url, without_click_ids(before) != without_click_ids(now)),
        ];
        changes.extend(compared.into_iter().filter(|(_, differs)| *differs).map(|(change, _)| change));
    }
    let detail = (!changes.is_empty()).then(|| before_of(previous));
    Verdict { value: Some(changes), detail }
}

fn before_of(previous: &Previous) -> String {
    let status: &'static str = previous.status.into();
    let place = previous.final_url.as_deref().map(|url| format!(" on {}", shown(url))).unwrap_or_default();
    let http = previous.http_status.map(|status| format!(" ({status})")).unwrap_or_default();
    format!("was {status}{place}{http} at {}", previous.checked_at)
}

fn shown(url: &str) -> String {
    match url.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &url[..at]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain_samples::{ended, redirects},
        outcome::Reason,
    };

    const A: &str = "https://shop.example/a";

    fn before(final_url: &str) -> Previous {
        let final_url = Some(final_url.to_owned());
        Previous { final_url, status: ChainStatus::Done, http_status: Some(200), checked_at: Timestamp(0) }
    }

    #[test]
    fn compares_destinations() {
        use Change::{Domain, Url};
        for (was, is, changes) in [
            (A, A, vec![]),
            (A, "https://shop.example/b", vec![Url]),
            (A, "https://shop.example/a/", vec![Url]),
            (A, "https://shop.example/a?x=1", vec![Url]),
            (A, "https://shop.example/a#x", vec![Url]),
            (A, "http://shop.example/a", vec![Url]),
            (A, "https://shop.example:8443/a", vec![Url]),
            (A, "https://SHOP.example:443/a", vec![]),
            (A, "https://www.shop.example/a", vec![Url]),
            (A, "https://shop.test/a", vec![Domain, Url]),
            (A, "https://shop.example.evil.net/a", vec![Domain, Url]),
            (A, "https://shop.example/a?gclid=1", vec![]),
            ("https://shop.example/a?gclid=1", "https://shop.example/a?gclid=2", vec![]),
            ("https://shop.example/a?awc=1&x=1", "https://shop.example/a?x=1&awc=2", vec![]),
            ("https://shop.example/a?x=1", "https://shop.example/a?x=2", vec![Url]),
            ("https://one.github.io/", "https://two.github.io/", vec![Domain, Url]),
            ("http://127.0.0.1/", "http://127.0.0.2/", vec![Domain, Url]),
        ] {
            assert_eq!(drift(&redirects(&[is]), Some(&before(was))).value, Some(changes), "{was} {is}");
        }
    }

    #[test]
    fn compares_statuses() {
        let done = redirects(&[A]);
        let failed = ended(done.clone(), Reason::Dns);
        let had_failed =
            Previous { final_url: None, status: ChainStatus::Failed, http_status: None, ..before(A) };
        let gone = Previous { http_status: Some(404), ..before(A) };
        let unknown = Previous { http_status: None, ..before(A) };
        for (chain, previous, changes) in [
            (&done, &had_failed, vec![Change::Status]),
            (&failed, &before(A), vec![Change::Status]),
            (&failed, &had_failed, vec![]),
            (&done, &gone, vec![Change::HttpStatus]),
            (&done, &unknown, vec![]),
            (&failed, &gone, vec![Change::Status]),
        ] {
            assert_eq!(drift(chain, Some(previous)).value, Some(changes), "{previous:?}");
        }
        assert_eq!(drift(&done, None), Verdict::NOT_APPLICABLE);
        assert_eq!(drift(&failed, Some(&Previous::of(&failed))).value, Some(vec![]));
    }

    #[test]
    fn says_what_was() {
        let detail = drift(&redirects(&["https://b.example/"]), Some(&before(A))).detail.unwrap();
        assert_eq!(detail, "was done on https://shop.example/a (200) at 1970-01-01T00:00:00.000Z");
        let long =
            drift(&redirects(&[A]), Some(&before(&format!("{A}?{}", "ä".repeat(5_000))))).detail.unwrap();
        assert!(long.len() < 500 && long.contains("…"), "{long}");
    }
}
