//! Random bytes that are the same in every run: `SplitMix64` from a seed. Never for anything secret.

use std::sync::atomic::{AtomicU64, Ordering};

use hopline_domain::entropy::Entropy;

/// The step of `SplitMix64`: 2⁶⁴ divided by the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        let state = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_itself_by_seed_and_never_within() {
        let draw = |entropy: &SeededEntropy| {
            let mut out = [0_u8; 19];
            entropy.fill(&mut out);
            out
        };
        let (first, again, other) = (SeededEntropy::new(1), SeededEntropy::new(1), SeededEntropy::new(2));
        let drawn = draw(&first);
        assert_eq!(drawn, draw(&again));
        assert_ne!(drawn, draw(&first));
        assert_ne!(drawn, draw(&other));
    }
}
