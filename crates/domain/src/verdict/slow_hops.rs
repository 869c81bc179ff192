//! `slow_hops`: hops that took longer than a second, all phases together. Hops that asked nobody have no time.

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::chain::Chain;

/// A hop is slow when it takes longer than this.
pub const SLOW_HOP_MS: u32 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowHop {
    pub hop: u32,
    /// From looking the name up to the last byte read.
    pub ms: u32,
}

pub(super) fn slow_hops(chain: &Chain) -> Verdict<Vec<SlowHop>> {
    let timed = chain.hops.iter().filter_map(|hop| Some((hop.index, hop.timings_ms?.total())));
    let timed: Vec<_> = timed.collect();
    if timed.is_empty() {
        return Verdict::NOT_APPLICABLE;
    }
    let slow = timed.into_iter().filter(|(_, ms)| *ms > SLOW_HOP_MS);
    let slow: Vec<_> = slow.map(|(hop, ms)| SlowHop { hop, ms }).collect();
    let detail =
        slow.iter().max_by_key(|slow| slow.ms).map(|slow| format!("hop {} took {} ms", slow.hop, slow.ms));
    Verdict { value: Some(slow), detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::Timings,
        chain_samples::{ended, redirects},
        outcome::Reason,
    };

    fn timed(phases: &[Option<[u32; 5]>]) -> Chain {
        let mut chain = redirects(&vec!["https://a.example/"; phases.len()]);
        for (hop, phases) in chain.hops.iter_mut().zip(phases) {
            hop.timings_ms =
                phases.map(|[dns, connect, tls, wait, receive]| Timings { dns, connect, tls, wait, receive });
        }
        chain
    }

    #[test]
    fn a_hop_is_slow_past_a_second() {
        let at = |ms| Some([0, 0, 0, ms, 0]);
        for (phases, slow) in [
            (vec![at(0)], Some(vec![])),
            (vec![at(999)], Some(vec![])),
            (vec![at(1_000)], Some(vec![])),
            (vec![at(1_001)], Some(vec![(0, 1_001)])),
            (vec![at(1), at(5_000)], Some(vec![(1, 5_000)])),
            (vec![at(2_000), at(1), at(3_000)], Some(vec![(0, 2_000), (2, 3_000)])),
            (vec![Some([500, 0, 0, 501, 0])], Some(vec![(0, 1_001)])),
            (vec![Some([1_001, 0, 0, 0, 0])], Some(vec![(0, 1_001)])),
            (vec![Some([0, 1_001, 0, 0, 0])], Some(vec![(0, 1_001)])),
            (vec![Some([0, 0, 1_001, 0, 0])], Some(vec![(0, 1_001)])),
            (vec![Some([0, 0, 0, 0, 1_001])], Some(vec![(0, 1_001)])),
            (vec![Some([200, 200, 200, 200, 200])], Some(vec![])),
            (vec![Some([200, 200, 200, 200, 201])], Some(vec![(0, 1_001)])),
            (vec![Some([u32::MAX, 1, 1, 1, 1])], Some(vec![(0, u32::MAX)])),
            (vec![None, at(1_500)], Some(vec![(1, 1_500)])),
            (vec![None, None], None),
            (vec![], None),
        ] {
            let found = slow_hops(&timed(&phases)).value;
            let found = found.map(|slow| slow.iter().map(|slow| (slow.hop, slow.ms)).collect());
            assert_eq!(found, slow, "{phases:?}");
        }
    }

    #[test]
    fn unfinished_chains_are_measured_too_and_the_slowest_is_named() {
        let chain = ended(timed(&[Some([0, 0, 0, 1_200, 0]), Some([0, 0, 0, 9_000, 0])]), Reason::Timeout);
        let verdict = slow_hops(&chain);
        assert_eq!(verdict.value.unwrap().len(), 2);
        assert_eq!(verdict.detail.as_deref(), Some("hop 1 took 9000 ms"));
    }
}
