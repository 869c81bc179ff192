//! `parallel_tracking_safe`: whether an ad network that measures in the background would walk this chain to its end.
//!
//! Google's rule for parallel tracking: every hop is HTTPS and every step is a redirect by the server; the sequence stops
//! at the first hop that is asked over HTTP or reached through the page (refresh, script, form, link, app).

use super::{
    Verdict,
    seen::{of_whole_way, scheme},
};
use crate::chain::{Chain, Hop, HopKind};

pub(super) fn parallel_tracking_safe(chain: &Chain) -> Verdict<bool> {
    of_whole_way(chain, true, chain.hops.iter().find_map(offence))
}

/// Why the sequence stops before `hop`.
fn offence(hop: &Hop) -> Option<String> {
    if scheme(hop) != "https" {
        return Some(format!("stops at hop {}, which is {}", hop.index, scheme(hop)));
    }
    let by_server = matches!(hop.kind, HopKind::Start | HopKind::HttpRedirect | HopKind::Hsts);
    let kind: &'static str = hop.kind.into();
    (!by_server)
        .then(|| format!("stops at hop {}, reached by {kind}, not by a redirect of the server", hop.index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::HopKind::{
            Amp, AppLink, Form, Hsts, HttpRedirect, Link, MetaRefresh, Offline, RefreshHeader, Script, Start,
        },
        chain_samples::{chain, ended, offline_only},
        outcome::Reason,
    };

    const S: &str = "https://a.example/";
    const P: &str = "http://a.example/";

    #[test]
    fn the_sequence_stops_at_the_first_plain_or_page_made_hop() {
        for (hops, stops_at) in [
            (vec![(Start, S)], None),
            (vec![(Start, S), (HttpRedirect, S)], None),
            (vec![(Start, S), (HttpRedirect, S), (HttpRedirect, S)], None),
            (vec![(Start, P)], Some((0, "http"))),
            (vec![(Start, P), (Hsts, S)], Some((0, "http"))),
            (vec![(Start, S), (HttpRedirect, P)], Some((1, "http"))),
            (vec![(Start, S), (HttpRedirect, P), (HttpRedirect, S)], Some((1, "http"))),
            (vec![(Start, S), (RefreshHeader, S)], Some((1, "refresh_header"))),
            (vec![(Start, S), (MetaRefresh, S)], Some((1, "meta_refresh"))),
            (vec![(Start, S), (Script, S)], Some((1, "script"))),
            (vec![(Start, S), (Form, S)], Some((1, "form"))),
            (vec![(Start, S), (Link, S)], Some((1, "link"))),
            (vec![(Start, S), (AppLink, S)], Some((1, "app_link"))),
            (vec![(Start, S), (Amp, S)], Some((1, "amp"))),
            (vec![(Start, S), (Offline, S)], Some((1, "offline"))),
            (vec![(Start, S), (HttpRedirect, S), (Script, P)], Some((2, "http"))),
            (vec![(Start, S), (Script, S), (HttpRedirect, P)], Some((1, "script"))),
        ] {
            let verdict = parallel_tracking_safe(&chain(&hops));
            assert_eq!(verdict.value, Some(stops_at.is_none()), "{hops:?}");
            let detail = verdict.detail.unwrap_or_default();
            if let Some((hop, word)) = stops_at {
                assert!(
                    detail.contains(&format!("hop {hop},")) && detail.contains(word),
                    "{hops:?}: {detail}"
                );
            }
        }
    }

    #[test]
    fn an_unfinished_chain_is_only_accused() {
        let clean = chain(&[(Start, S), (HttpRedirect, S)]);
        assert_eq!(parallel_tracking_safe(&ended(clean.clone(), Reason::Loop)), Verdict::NOT_APPLICABLE);
        assert_eq!(parallel_tracking_safe(&offline_only(clean)), Verdict::NOT_APPLICABLE);
        let scripted = ended(chain(&[(Start, S), (Script, S)]), Reason::Loop);
        assert_eq!(parallel_tracking_safe(&scripted).value, Some(false));
    }
}
