//! `https_all_hops`: whether every hop, from the link itself to the destination, was asked over HTTPS.

use super::{
    Verdict,
    seen::{of_whole_way, scheme},
};
use crate::chain::Chain;

pub(super) fn https_all_hops(chain: &Chain) -> Verdict<bool> {
    let plain = chain.hops.iter().find(|hop| scheme(hop) != "https");
    of_whole_way(chain, true, plain.map(|hop| format!("hop {} is {}", hop.index, scheme(hop))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::HopKind::{Hsts, HttpRedirect, MetaRefresh, Start},
        chain_samples::{chain, ended, offline_only, redirects},
        outcome::Reason,
    };

    const S: &str = "https://a.example/";
    const P: &str = "http://a.example/";

    #[test]
    fn one_plain_hop_is_enough() {
        for (urls, value, detail) in [
            (vec![S], Some(true), None),
            (vec![S, S], Some(true), None),
            (vec![S, S, S, S], Some(true), None),
            (vec!["HTTPS://a.example/"], Some(true), None),
            (vec!["https://a.example:8443/"], Some(true), None),
            (vec!["https://[::1]/"], Some(true), None),
            (vec!["https://a.example/?u=http://b.example/"], Some(true), None),
            (vec![P], Some(false), Some("hop 0 is http")),
            (vec![P, S], Some(false), Some("hop 0 is http")),
            (vec![S, P], Some(false), Some("hop 1 is http")),
            (vec![S, P, S], Some(false), Some("hop 1 is http")),
            (vec![S, P, P], Some(false), Some("hop 1 is http")),
            (vec!["HTTP://a.example/"], Some(false), Some("hop 0 is http")),
            (vec!["http://a.example:443/"], Some(false), Some("hop 0 is http")),
            (vec![], None, None),
        ] {
            let verdict = https_all_hops(&redirects(&urls));
            assert_eq!((verdict.value, verdict.detail.as_deref()), (value, detail), "{urls:?}");
        }
    }

    #[test]
    fn an_unfinished_chain_is_only_accused() {
        assert_eq!(https_all_hops(&ended(redirects(&[S, S]), Reason::Dns)), Verdict::NOT_APPLICABLE);
        assert_eq!(https_all_hops(&ended(redirects(&[S, P]), Reason::Dns)).value, Some(false));
    }

    #[test]
    fn mechanisms_do_not_matter_and_no_network_says_nothing() {
        assert_eq!(https_all_hops(&chain(&[(Start, S), (MetaRefresh, S)])).value, Some(true));
        assert_eq!(https_all_hops(&chain(&[(Start, P), (Hsts, S), (HttpRedirect, S)])).value, Some(false));
        assert_eq!(https_all_hops(&offline_only(redirects(&[P, S]))), Verdict::NOT_APPLICABLE);
    }
}
