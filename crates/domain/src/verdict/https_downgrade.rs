//! `https_downgrade`: whether the chain ever steps from an HTTPS hop to a plain HTTP one. `true` is the bad answer.

use super::{
    Verdict,
    seen::{of_whole_way, scheme},
};
use crate::chain::Chain;

pub(super) fn https_downgrade(chain: &Chain) -> Verdict<bool> {
    let down = chain.hops.windows(2).find(|pair| scheme(&pair[0]) == "https" && scheme(&pair[1]) == "http");
    of_whole_way(chain, false, down.map(|pair| format!("hop {} leaves https for http", pair[1].index)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::HopKind::{Hsts, Script, Start},
        chain_samples::{chain, ended, offline_only, redirects},
        outcome::Reason,
    };

    const S: &str = "https://a.example/";
    const P: &str = "http://a.example/";

    #[test]
    fn only_a_step_down_counts() {
        for (urls, value, hop) in [
            (vec![S], Some(false), None),
            (vec![P], Some(false), None),
            (vec![P, P], Some(false), None),
            (vec![P, S], Some(false), None),
            (vec![P, P, S, S], Some(false), None),
            (vec![S, S, S], Some(false), None),
            (vec![S, P], Some(true), Some(1)),
            (vec![S, P, S], Some(true), Some(1)),
            (vec![P, S, P], Some(true), Some(2)),
            (vec![S, S, P, P], Some(true), Some(2)),
            (vec![S, P, S, P], Some(true), Some(1)),
            (vec!["HTTPS://a.example/", "HTTP://a.example/"], Some(true), Some(1)),
            (vec!["https://a.example/", "http://b.example:443/"], Some(true), Some(1)),
            (vec!["https://a.example/", "market://x"], Some(false), None),
            (vec![], None, None),
        ] {
            let verdict = https_downgrade(&redirects(&urls));
            let detail = hop.map(|hop: u32| format!("hop {hop} leaves https for http"));
            assert_eq!((verdict.value, verdict.detail), (value, detail), "{urls:?}");
        }
    }

    #[test]
    fn an_unfinished_chain_is_only_accused() {
        assert_eq!(https_downgrade(&ended(redirects(&[S]), Reason::Timeout)), Verdict::NOT_APPLICABLE);
        assert_eq!(https_downgrade(&ended(redirects(&[S, P]), Reason::Timeout)).value, Some(true));
        assert_eq!(https_downgrade(&offline_only(redirects(&[S, P]))), Verdict::NOT_APPLICABLE);
    }

    #[test]
    fn every_mechanism_can_step_down() {
        assert_eq!(https_downgrade(&chain(&[(Start, S), (Script, P), (Hsts, S)])).value, Some(true));
    }
}
