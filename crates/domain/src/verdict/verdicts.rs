//! The shape of a verdict, the set of all, and the one call that computes them. It asks nothing but the chain.

use serde::{Deserialize, Serialize};

use super::{
    Change, ClickId, Networks, Previous, SlowHop, click_ids::click_ids, drift::drift,
    expected_domain::expected_domain, hop_count::hop_count, https_all_hops::https_all_hops,
    https_downgrade::https_downgrade, networks::networks, parallel_tracking_safe::parallel_tracking_safe,
    params_lost::params_lost, slow_hops::slow_hops,
};
use crate::chain::Chain;

/// One statement: `value` is `None` when the verdict does not apply, `detail` says what a reader should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict<T> {
    pub value: Option<T>,
    pub detail: Option<String>,
}

impl<T> Verdict<T> {
    /// Nothing can be said.
    pub const NOT_APPLICABLE: Self = Self { value: None, detail: None };

    pub(super) const fn plain(value: T) -> Self {
        Self { value: Some(value), detail: None }
    }

    pub(super) const fn explained(value: T, detail: String) -> Self {
        Self { value: Some(value), detail: Some(detail) }
    }
}

impl<T> Default for Verdict<T> {
    fn default() -> Self {
        Self::NOT_APPLICABLE
    }
}

/// All verdicts on one chain. Every one is always written; one that is absent when read does not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdicts {
    pub expected_domain: Verdict<bool>,
    pub https_all_hops: Verdict<bool>,
    pub https_downgrade: Verdict<bool>,
    pub parallel_tracking_safe: Verdict<bool>,
    pub click_ids: Verdict<Vec<ClickId>>,
    pub params_lost: Verdict<Vec<String>>,
    pub networks: Verdict<Networks>,
    pub slow_hops: Verdict<Vec<SlowHop>>,
    pub hop_count: Verdict<u32>,
    pub drift: Verdict<Vec<Change>>,
}

/// What a chain is held against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expectations<'a> {
    /// The host, or any host of the site, that the link should end on.
    pub expected_domain: Option<&'a str>,
    /// What the check before this one found.
    pub previous: Option<&'a Previous>,
}

/// Every verdict on `chain`.
pub fn of(chain: &Chain, expectations: &Expectations<'_>) -> Verdicts {
    Verdicts {
        expected_domain: expected_domain(chain, expectations.expected_domain),
        https_all_hops: https_all_hops(chain),
        https_downgrade: https_downgrade(chain),
        parallel_tracking_safe: parallel_tracking_safe(chain),
        click_ids: click_ids(chain),
        params_lost: params_lost(chain),
        networks: networks(chain),
        slow_hops: slow_hops(chain),
        hop_count: hop_count(chain),
        drift: drift(chain, expectations.previous),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        chain::{ChainStatus, HopKind, Timings},
        chain_samples::{chain, ended, redirects},
        limits::{CHAIN_BYTES_MAX, CHAIN_BYTES_WITHOUT_VERDICTS_MAX},
        outcome::Reason,
        time::Timestamp,
        verdict::CLICK_IDS,
    };

    #[test]
    fn the_wire_form_is_stable_and_complete() {
        let chain = redirects(&[
            "https://trk.example/a?gclid=1&x=2",
            "https://www.awin1.com/c",
            "http://shop.example/?gclid=1",
        ]);
        let previous = Previous {
            final_url: Some("http://shop.example/".to_owned()),
            status: ChainStatus::Done,
            http_status: None,
            checked_at: Timestamp(1_780_660_800_000),
        };
        let verdicts =
            of(&chain, &Expectations { expected_domain: Some("shop.example"), previous: Some(&previous) });
        let lines = serde_json::to_value(&verdicts).unwrap();
        let lines = lines.as_object().unwrap().iter().map(|(name, verdict)| format!("{name} {verdict}"));
        insta::assert_snapshot!(lines.collect::<Vec<_>>().join("
"), @r#"
        expected_domain {"value":true,"detail":null}
        https_all_hops {"value":false,"detail":"hop 2 is http"}
        https_downgrade {"value":true,"detail":"hop 2 leaves https for http"}
        parallel_tracking_safe {"value":false,"detail":"stops at hop 2, which is http"}
        click_ids {"value":[{"id":"gclid","added_at":0,"survived":true,"lost_at":null,"changed_at":[]}],"detail":null}
        params_lost {"value":["x"],"detail":"1 of the link's parameters are gone"}
        networks {"value":{"met":[{"provider":"awin","hop":1}],"several":false},"detail":null}
        slow_hops {"value":null,"detail":null}
        hop_count {"value":3,"detail":null}
        drift {"value":[],"detail":null}
        "#);
        let written = serde_json::to_string(&verdicts).unwrap();
        assert_eq!(serde_json::from_str::<Verdicts>(&written).unwrap(), verdicts);
    }

    #[test]
    fn what_an_older_document_does_not_say_does_not_apply() {
        let text =
            r#"{"expected_domain":{"value":true,"detail":null},"hop_count":{"value":3,"detail":null}}"#;
        let verdicts: Verdicts = serde_json::from_str(text).unwrap();
        assert_eq!((verdicts.expected_domain.value, verdicts.hop_count.value), (Some(true), Some(3)));
        assert_eq!(verdicts.networks, Verdict::NOT_APPLICABLE);
        assert_eq!(serde_json::from_str::<Verdicts>("{}").unwrap(), Verdicts::default());
    }

    #[test]
    fn a_chain_without_hops_has_only_its_count() {
        let chain = ended(chain(&[]), Reason::UnsupportedScheme);
        let expected = Verdicts { hop_count: Verdict::plain(0), ..Verdicts::default() };
        assert_eq!(of(&chain, &Expectations::default()), expected);
    }

    /// As much as the settings and a submitted link allow.
    #[test]
    fn the_room_kept_for_verdicts_is_enough() {
        let ids = |value: usize| CLICK_IDS.map(|id| format!("{id}={value}")).join("&");
        let names = (0..600).map(|name| format!("&{name:x}")).collect::<Vec<_>>().concat();
        let url = |at: usize| match at {
            0 => format!("https://awin1.com/?{}{names}", ids(0)),
            99 => "http://end.example/".to_owned(),
            _ => format!("http://host{at}.example/?{}", ids(at)),
        };
        let urls: Vec<_> = (0..100).map(url).collect();
        let mut chain = redirects(&urls.iter().map(String::as_str).collect::<Vec<_>>());
        for hop in &mut chain.hops {
            hop.timings_ms = Some(Timings { wait: 30_000, ..Timings::default() });
        }
        let previous = Previous::of(&redirects(&[&format!("https://other.example/{}", "x".repeat(60_000))]));
        let expectations =
            Expectations { expected_domain: Some("expected.example"), previous: Some(&previous) };
        let written = serde_json::to_vec(&of(&chain, &expectations)).unwrap();
        let room = CHAIN_BYTES_MAX - CHAIN_BYTES_WITHOUT_VERDICTS_MAX;
        assert!(written.len() <= room, "{} bytes", written.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn never_fails_and_never_points_past_the_chain(
            urls in prop::collection::vec("(https?://[a-c.]{1,6}/\\?(gclid|x|awc)=[a-b]{0,2}(&[a-z%+=&]{0,6})?|\\PC{0,12})", 0..6),
            kinds in prop::collection::vec(0..6_usize, 6),
        ) {
            let kind = |at: usize| [HopKind::HttpRedirect, HopKind::Script, HopKind::Offline, HopKind::Hsts, HopKind::Form, HopKind::Link][kinds[at]];
            let hops: Vec<_> = urls.iter().enumerate().map(|(at, url)| (kind(at), url.as_str())).collect();
            let chain = chain(&hops);
            let verdicts = of(&chain, &Expectations { expected_domain: Some("a.b"), previous: Some(&Previous::of(&chain)) });
            let count = verdicts.hop_count.value.unwrap();
            prop_assert_eq!(count as usize, hops.len());
            for id in verdicts.click_ids.value.unwrap_or_default() {
                prop_assert!(id.added_at < count && id.lost_at.is_none_or(|at| at > id.added_at && at < count));
                prop_assert_eq!(id.survived, id.lost_at.is_none());
            }
            prop_assert_eq!(verdicts.drift.value.unwrap_or_default(), []);
        }
    }
}
