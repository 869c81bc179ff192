//! Lays chains of one link side by side, from several profiles or places: do they end alike, and where do they part.
//!
//! URLs are compared without click identifiers, which differ from click to click.

use serde::{Deserialize, Serialize};

use crate::{
    chain::{Chain, ChainStatus, HopKind},
    outcome::Reason,
    verdict::{CLICK_IDS, carried_by, site_of, without_click_ids},
};

/// Several chains beside one another. Every list over sides is in the order of `sides`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub destination: Destination,
    /// The first hop that is not the same everywhere; `None` when all chains went one way.
    pub parts_at: Option<Parting>,
    /// Hops all chains have whose HTTP status is not the same everywhere, up to where they part.
    pub statuses: Vec<StatusDifference>,
    /// Click identifiers that some destinations were asked with and others not.
    pub click_ids: Vec<ClickIdDifference>,
    pub sides: Vec<Side>,
}

/// Whether all chains end alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Destination {
    Same,
    /// Other URLs of one registrable domain.
    SameDomain,
    Different,
    /// Some chain reached no destination, so it can't be told.
    Unknown,
}

/// How one chain ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    pub label: String,
    pub status: ChainStatus,
    pub reason: Option<Reason>,
    pub final_url: Option<String>,
    /// The destination's registrable domain.
    pub final_domain: Option<String>,
    pub http_status: Option<u16>,
    pub hops_count: u32,
}

/// Where chains part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parting {
    pub hop: u32,
    /// What each chain has there; `None` for one that ended before.
    pub ways: Vec<Option<Way>>,
}

/// One hop, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    pub url: String,
    pub kind: HopKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusDifference {
    pub hop: u32,
    pub statuses: Vec<Option<u16>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClickIdDifference {
    pub id: String,
    /// Labels of the chains whose destination was asked with it.
    pub with: Vec<String>,
    pub without: Vec<String>,
}

/// Compares chains, each under its label. One chain, or none, is like itself.
pub fn compare(chains: &[(&str, &Chain)]) -> Comparison {
    let parts_at = parting(chains);
    Comparison {
        destination: destination(chains),
        statuses: statuses(chains, parts_at.as_ref()),
        click_ids: click_ids(chains),
        sides: chains.iter().map(|(label, chain)| side(label, chain)).collect(),
        parts_at,
    }
}

fn side(label: &str, chain: &Chain) -> Side {
    Side {
        label: label.to_owned(),
        status: chain.status,
        reason: chain.reason,
        final_url: chain.final_url.clone(),
        final_domain: chain.final_url.as_deref().and_then(site_of),
        http_status: chain.last_status(),
        hops_count: chain.hops_count(),
    }
}

fn destination(chains: &[(&str, &Chain)]) -> Destination {
    let urls: Option<Vec<_>> = chains.iter().map(|(_, chain)| chain.final_url.as_deref()).collect();
    let Some(urls) = urls else { return Destination::Unknown };
    if all_equal(urls.iter().map(|url| without_click_ids(url))) {
        Destination::Same
    } else if all_equal(urls.iter().map(|url| site_of(url))) {
        Destination::SameDomain
    } else {
        Destination::Different
    }
}

fn all_equal<T: PartialEq>(mut items: impl Iterator<Item = T>) -> bool {
    let Some(first) = items.next() else { return true };
    items.all(|item| item == first)
}

fn parting(chains: &[(&str, &Chain)]) -> Option<Parting> {
    let longest = chains.iter().map(|(_, chain)| chain.hops.len()).max()?;
    let at = (0..longest).find(|at| !all_equal(chains.iter().map(|(_, chain)| step(chain, *at))))?;
    let way = |chain: &Chain| chain.hops.get(at).map(|hop| Way { url: hop.url.clone(), kind: hop.kind });
    let ways = chains.iter().map(|(_, chain)| way(chain)).collect();
    Some(Parting { hop: u32::try_from(at).unwrap_or(u32::MAX), ways })
}

/// What makes a hop the same as another.
fn step(chain: &Chain, at: usize) -> Option<(String, HopKind)> {
    chain.hops.get(at).map(|hop| (without_click_ids(&hop.url), hop.kind))
}

fn statuses(chains: &[(&str, &Chain)], parts_at: Option<&Parting>) -> Vec<StatusDifference> {
    let shortest = chains.iter().map(|(_, chain)| chain.hops_count()).min().unwrap_or(0);
    let compared = parts_at.map_or(shortest, |parting| shortest.min(parting.hop.saturating_add(1)));
    let at = |hop: u32| {
        let status = |chain: &Chain| chain.hops.get(hop as usize).and_then(|hop| hop.status);
        StatusDifference { hop, statuses: chains.iter().map(|(_, chain)| status(chain)).collect() }
    };
    (0..compared).map(at).filter(|difference| !all_equal(difference.statuses.iter())).collect()
}

fn click_ids(chains: &[(&str, &Chain)]) -> Vec<ClickIdDifference> {
    let carried = |chain: &Chain| chain.hops.last().map(carried_by).unwrap_or_default();
    let ended = chains.iter().filter(|(_, chain)| chain.final_url.is_some());
    let ends: Vec<_> = ended.map(|(label, chain)| (*label, carried(chain))).collect();
    let labels = |id: &str, present: bool| -> Vec<String> {
        let those = ends.iter().filter(|(_, ids)| ids.contains(&id) == present);
        those.map(|(label, _)| (*label).to_owned()).collect()
    };
    let differences = CLICK_IDS.iter().map(|id| ClickIdDifference {
        id: (*id).to_owned(),
        with: labels(id, true),
        without: labels(id, false),
    });
    differences.filter(|difference| !difference.with.is_empty() && !difference.without.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_samples::{chain, ended, redirects};

    const A: &str = "https://a.example/";
    const B: &str = "https://b.example/";
    const C: &str = "https://c.example/";

    fn pair(left: &Chain, right: &Chain) -> Comparison {
        compare(&[("desktop", left), ("mobile", right)])
    }

    #[test]
    fn says_whether_the_destination_is_the_same() {
        for (left, right, destination, parts_at) in [
            (vec![A], vec![A], Destination::Same, None),
            (vec![A, B], vec![A, B], Destination::Same, None),
            (vec![A, B], vec![A, C], Destination::Different, Some(1)),
            (vec![A], vec![A, B], Destination::Different, Some(1)),
            (vec![A, B, C], vec![A, C], Destination::Same, Some(1)),
            (vec![A, B, C], vec![A, B], Destination::Different, Some(2)),
            (vec![A, "https://m.b.example/"], vec![A, B], Destination::SameDomain, Some(1)),
            (vec![A, "http://b.example/"], vec![A, B], Destination::SameDomain, Some(1)),
            (vec![A, "https://b.example/#x"], vec![A, B], Destination::SameDomain, Some(1)),
            (
                vec![A, "https://b.example/?gclid=1"],
                vec![A, "https://b.example/?gclid=2"],
                Destination::Same,
                None,
            ),
            (vec![A, "https://b.example/?gclid=1"], vec![A, B], Destination::Same, None),
            (
                vec![A, "https://b.example/?x=1"],
                vec![A, "https://b.example/?x=2"],
                Destination::SameDomain,
                Some(1),
            ),
            (
                vec![A, "https://one.github.io/"],
                vec![A, "https://two.github.io/"],
                Destination::Different,
                Some(1),
            ),
            (vec![A, "http://127.0.0.1/"], vec![A, "http://127.0.0.2/"], Destination::Different, Some(1)),
            (
                vec![A, B, "https://x.test/?clickid=1", C],
                vec![A, B, "https://x.test/?clickid=2", A],
                Destination::Different,
                Some(3),
            ),
        ] {
            let comparison = pair(&redirects(&left), &redirects(&right));
            assert_eq!(comparison.destination, destination, "{left:?} {right:?}");
            assert_eq!(comparison.parts_at.map(|parting| parting.hop), parts_at, "{left:?} {right:?}");
        }
    }

    #[test]
    fn the_mechanism_is_part_of_the_way() {
        let refreshed = chain(&[(HopKind::Start, A), (HopKind::MetaRefresh, B)]);
        let comparison = pair(&redirects(&[A, B]), &refreshed);
        assert_eq!(comparison.destination, Destination::Same);
        let ways = comparison.parts_at.unwrap().ways;
        let kinds: Vec<_> = ways.iter().flatten().map(|way| way.kind).collect();
        assert_eq!(kinds, [HopKind::HttpRedirect, HopKind::MetaRefresh]);
    }

    #[test]
    fn a_chain_that_broke_off_leaves_it_open() {
        let broken = ended(redirects(&[A, B]), Reason::Timeout);
        let comparison = pair(&redirects(&[A, B, C]), &broken);
        assert_eq!(comparison.destination, Destination::Unknown);
        assert_eq!(comparison.parts_at.unwrap().ways[1], None);
        assert_eq!(comparison.sides[1].reason, Some(Reason::Timeout));
        assert_eq!(
            (comparison.sides[0].final_domain.as_deref(), &comparison.sides[1].final_domain),
            (Some("c.example"), &None)
        );
    }

    #[test]
    fn statuses_are_compared_up_to_the_parting() {
        let (mut left, mut right) = (redirects(&[A, B, C]), redirects(&[A, C, B]));
        left.hops[0].status = Some(301);
        left.hops[2].status = Some(404);
        right.hops[1].status = None;
        let expected = [
            StatusDifference { hop: 0, statuses: vec![Some(301), Some(200)] },
            StatusDifference { hop: 1, statuses: vec![Some(200), None] },
        ];
        assert_eq!(pair(&left, &right).statuses, expected);
        assert_eq!(pair(&left, &left).statuses, []);
    }

    #[test]
    fn click_ids_are_told_by_label() {
        let (with, without) = (
            redirects(&[A, "https://b.example/?gclid=1&awc=2"]),
            redirects(&[A, "https://b.example/?awc=3"]),
        );
        let broken = ended(with.clone(), Reason::Dns);
        let comparison = compare(&[("one", &with), ("two", &without), ("three", &broken)]);
        let expected = ClickIdDifference {
            id: "gclid".to_owned(),
            with: vec!["one".to_owned()],
            without: vec!["two".to_owned()],
        };
        assert_eq!(comparison.click_ids, [expected]);
    }

    #[test]
    fn the_wire_form_is_stable() {
        let comparison = pair(&redirects(&[A, B]), &redirects(&[A]));
        insta::assert_json_snapshot!(comparison, @r#"
        {
          "destination": "different",
          "parts_at": {
            "hop": 1,
            "ways": [
              {
                "url": "https://b.example/",
                "kind": "http_redirect"
              },
              null
            ]
          },
          "statuses": [],
          "click_ids": [],
          "sides": [
            {
              "label": "desktop",
              "status": "done",
              "reason": null,
              "final_url": "https://b.example/",
              "final_domain": "b.example",
              "http_status": 200,
              "hops_count": 2
            },
            {
              "label": "mobile",
              "status": "done",
              "reason": null,
              "final_url": "https://a.example/",
              "final_domain": "a.example",
              "http_status": 200,
              "hops_count": 1
            }
          ]
        }
        "#);
        let written = serde_json::to_string(&comparison).unwrap();
        assert_eq!(serde_json::from_str::<Comparison>(&written).unwrap(), comparison);
    }

    #[test]
    fn one_chain_or_none_is_like_itself() {
        assert_eq!(compare(&[]).destination, Destination::Same);
        let one = redirects(&[A, B]);
        let comparison = compare(&[("only", &one)]);
        assert_eq!((comparison.destination, comparison.parts_at), (Destination::Same, None));
    }
}
