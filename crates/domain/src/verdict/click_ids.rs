//! `click_ids`: what became of each known click identifier, hop by hop.
//!
//! A hop carries an identifier when its own query has the parameter (names in any case) with a value; what a wrapper holds
//! inside another parameter is not carried yet. The destination is the last request: what its page does to the address
//! bar afterwards loses nothing. No value where the document's bound cut a URL.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Verdict,
    seen::{destination, has_cut_urls, query_of},
};
use crate::chain::{Chain, Hop};

/// The identifiers ad and affiliate networks add to follow a click, as they spell them.
pub const CLICK_IDS: [&str; 20] = [
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "msclkid",
    "fbclid",
    "ttclid",
    "twclid",
    "li_fat_id",
    "epik",
    "ScCid",
    "yclid",
    "cjevent",
    "irclickid",
    "awc",
    "ranSiteID",
    "ranMID",
    "sscid",
    "iclid",
    "clickid",
];

/// The way of one identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClickId {
    pub id: String,
    /// The first hop that carries it; 0 = the link came with it.
    pub added_at: u32,
    /// The destination was asked with it.
    pub survived: bool,
    /// When it did not survive: the hop after the last that carried it.
    pub lost_at: Option<u32>,
    /// Hops that carry another value than the last before them that carried one.
    pub changed_at: Vec<u32>,
}

pub(super) fn click_ids(chain: &Chain) -> Verdict<Vec<ClickId>> {
    if destination(chain).is_none() || has_cut_urls(chain) {
        return Verdict::NOT_APPLICABLE;
    }
    let queries: Vec<_> = chain.hops.iter().map(|hop| (hop.index, query_of(&hop.url))).collect();
    let ways: Vec<_> = CLICK_IDS.iter().filter_map(|id| way_of(id, &queries)).collect();
    let troubles: Vec<_> = ways.iter().filter_map(trouble).collect();
    let detail = (!troubles.is_empty()).then(|| troubles.join("; "));
    Verdict { value: Some(ways), detail }
}

type Query = Vec<(String, String)>;

fn way_of(id: &str, queries: &[(u32, Query)]) -> Option<ClickId> {
    let carriers: Vec<_> =
        queries.iter().filter_map(|(hop, query)| Some((*hop, value_in(query, id)?))).collect();
    let (added_at, last) = (carriers.first()?.0, carriers.last()?.0);
    let end = queries.last()?.0;
    let changed = carriers.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1].0);
    Some(ClickId {
        id: id.to_owned(),
        added_at,
        survived: last == end,
        lost_at: (last != end).then_some(last + 1),
        changed_at: changed.collect(),
    })
}

/// The first value that is not empty.
fn value_in<'a>(query: &'a Query, id: &str) -> Option<&'a str> {
    let named = query.iter().filter(|(name, _)| name.eq_ignore_ascii_case(id));
    named.map(|(_, value)| value.as_str()).find(|value| !value.is_empty())
}

fn trouble(way: &ClickId) -> Option<String> {
    let ClickId { id, lost_at, changed_at, .. } = way;
    match (lost_at, changed_at.first()) {
        (Some(hop), _) => Some(format!("{id} is lost at hop {hop}")),
        (None, Some(hop)) => Some(format!("{id} is another at hop {hop}")),
        (None, None) => None,
    }
}

/// The identifiers one hop carries, as their networks spell them.
pub(crate) fn carried_by(hop: &Hop) -> Vec<&'static str> {
    let query = query_of(&hop.url);
    CLICK_IDS.into_iter().filter(|id| value_in(&query, id).is_some()).collect()
}

/// A URL without its click identifiers, which differ from click to click; for telling destinations apart.
pub(crate) fn without_click_ids(url: &str) -> String {
    let is_click_id =
        |pair: &str| query_of(&format!("x:?{pair}")).first().is_some_and(|(name, _)| is_known(name));
    let Ok(mut parsed) = Url::parse(url) else { return url.to_owned() };
    let Some(query) = parsed.query() else { return parsed.into() };
    let kept: Vec<_> = query.split('&').filter(|pair| !is_click_id(pair)).collect();
    let kept = kept.join("&");
    parsed.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    parsed.into()
}

fn is_known(name: &str) -> bool {
    CLICK_IDS.iter().any(|id| name.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain_samples::{ended, redirects},
        outcome::Reason,
    };

    fn way(queries: &[&str]) -> Vec<(String, u32, Option<u32>, Vec<u32>)> {
        let urls: Vec<_> = queries.iter().map(|query| format!("https://a.example/{query}")).collect();
        let chain = redirects(&urls.iter().map(String::as_str).collect::<Vec<_>>());
        let ways = click_ids(&chain).value.unwrap();
        assert!(ways.iter().all(|way| way.survived == way.lost_at.is_none()), "{queries:?}");
        ways.into_iter().map(|way| (way.id, way.added_at, way.lost_at, way.changed_at)).collect()
    }

    #[test]
    fn follows_one_identifier() {
        for (queries, added_at, lost_at, changed_at) in [
            (vec!["?gclid=1"], 0, None, vec![]),
            (vec!["?gclid=1", "?gclid=1"], 0, None, vec![]),
            (vec!["?x=1", "?gclid=1"], 1, None, vec![]),
            (vec!["", "", "?gclid=1", "?gclid=1"], 2, None, vec![]),
            (vec!["?gclid=1", ""], 0, Some(1), vec![]),
            (vec!["?gclid=1", "?gclid=1", "", ""], 0, Some(2), vec![]),
            (vec!["", "?gclid=1", ""], 1, Some(2), vec![]),
            (vec!["?gclid=1", "", "?gclid=1"], 0, None, vec![]),
            (vec!["?gclid=1", "", "?gclid=2"], 0, None, vec![2]),
            (vec!["?gclid=1", "?gclid=2", "?gclid=1"], 0, None, vec![1, 2]),
            (vec!["?gclid=1", "?gclid=2", ""], 0, Some(2), vec![1]),
            (vec!["?gclid=1", "?gclid="], 0, Some(1), vec![]),
            (vec!["?gclid=", "?gclid=1"], 1, None, vec![]),
            (vec!["?gclid=1&gclid=2", "?gclid=1"], 0, None, vec![]),
            (vec!["?gclid=&gclid=2", "?gclid=2"], 0, None, vec![]),
            (vec!["?GCLID=1", "?gClId=1"], 0, None, vec![]),
            (vec!["?%67clid=a%20b", "?gclid=a+b"], 0, None, vec![]),
            (vec!["?gclid=1", "#gclid=1"], 0, Some(1), vec![]),
            (vec!["?gclid=1", "?u=https%3A%2F%2Fb.example%2F%3Fgclid%3D1", "?gclid=1"], 0, None, vec![]),
            (vec!["?u=https%3A%2F%2Fb.example%2F%3Fgclid%3D1", "?gclid=1"], 1, None, vec![]),
        ] {
            let expected = ("gclid".to_owned(), added_at, lost_at, changed_at);
            assert_eq!(way(&queries), [expected], "{queries:?}");
        }
    }

    #[test]
    fn knows_every_identifier_by_its_own_spelling() {
        for id in CLICK_IDS {
            assert_eq!(way(&[&format!("?{}=1", id.to_uppercase())]), [(id.to_owned(), 0, None, vec![])]);
        }
        for other in ["?gclidx=1", "?xgclid=1", "?gclsrc=aw.ds", "?utm_source=gclid", "?q=gclid%3D1", "?"] {
            assert_eq!(way(&[other]), [], "{other}");
        }
    }

    #[test]
    fn says_what_was_lost_and_needs_a_destination() {
        let chain = redirects(&["https://a.example/?gclid=1&awc=1", "https://b.example/?awc=2"]);
        let verdict = click_ids(&chain);
        assert_eq!(verdict.detail.as_deref(), Some("gclid is lost at hop 1; awc is another at hop 1"));
        assert_eq!(click_ids(&ended(chain, Reason::Dns)), Verdict::NOT_APPLICABLE);
    }

    #[test]
    fn identifiers_can_be_taken_off() {
        for (url, bare) in [
            ("https://a.example/", "https://a.example/"),
            ("https://a.example/?gclid=1", "https://a.example/"),
            ("https://a.example/?gclid=1#x", "https://a.example/#x"),
            ("https://a.example/?x=1&GCLID=1&y=%2F", "https://a.example/?x=1&y=%2F"),
            ("https://a.example/?gclid", "https://a.example/"),
            ("https://a.example/?%67clid=1&x", "https://a.example/?x"),
            ("https://a.example/?", "https://a.example/"),
            ("no url", "no url"),
        ] {
            assert_eq!(without_click_ids(url), bare, "{url}");
        }
    }
}
