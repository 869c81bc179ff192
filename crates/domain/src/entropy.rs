//! Randomness as an injected dependency, so that tests can repeat themselves.

use std::fmt;

/// Where random bytes come from.
pub trait Entropy: Send + Sync + fmt::Debug {
    fn fill(&self, out: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// A uniformly random number in `0..=max`.
    ///
    /// The modulo bias is below 2⁻⁶⁴ × `max`, far under what jitter and picking need.
    pub fn up_to(&self, max: u64) -> u64 {
        let mut bytes = [0_u8; 16];
        self.fill(&mut bytes);
        let wide = u128::from_le_bytes(bytes) % (u128::from(max) + 1);
        u64::try_from(wide).unwrap_or(max)
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// # Panics
    /// When the operating system has no randomness to give: nothing secret could be made then.
    #[expect(clippy::expect_used, reason = "going on without randomness would make guessable secrets")]
    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system's random generator answers");
    }
}
