//! How many different visitors there were, within ±2 %, in at most 16 KiB: a `HyperLogLog`, exact while it is small.
//!
//! Estimated as in Ertl, "New cardinality estimation algorithms for `HyperLogLog` sketches" (2017), §4.

use crate::click::VisitorHash;

/// 2¹⁴ registers: a standard error of 0.8 %.
const PRECISION: u32 = 14;
const REGISTERS: usize = 1 << PRECISION;
/// Highest rank: the bits that are left, and one for "all of them are zero".
const RANK_MAX: u8 = 64 - 14 + 1;
/// Registers kept one by one; more are kept as a whole.
const SPARSE_MAX: usize = 2_048;

const SPARSE: u8 = 0;
const DENSE: u8 = 1;

/// A set of visitors that can be counted and merged, not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch(Registers);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Registers {
    /// Register and rank, by register.
    Sparse(Vec<(u16, u8)>),
    Dense(Vec<u8>),
}

impl Default for Sketch {
    fn default() -> Self {
        Self(Registers::Sparse(Vec::new()))
    }
}

impl Sketch {
    pub fn add(&mut self, visitor: VisitorHash) {
        let hash = visitor.prefix();
        let register = u16::try_from(hash >> (64 - PRECISION)).unwrap_or(0);
        let rest = hash << PRECISION;
        let rank =
            if rest == 0 { RANK_MAX } else { u8::try_from(rest.leading_zeros() + 1).unwrap_or(RANK_MAX) };
        self.raise(register, rank);
    }

    pub fn merge(&mut self, other: &Self) {
        match &other.0 {
            Registers::Sparse(pairs) => {
                for (register, rank) in pairs {
                    self.raise(*register, *rank);
                }
            }
            Registers::Dense(ranks) => {
                let own = self.dense();
                own.iter_mut().zip(ranks).for_each(|(own, other)| *own = (*own).max(*other));
            }
        }
    }

    fn raise(&mut self, register: u16, rank: u8) {
        match &mut self.0 {
            Registers::Dense(ranks) => {
                let kept = &mut ranks[usize::from(register)];
                *kept = (*kept).max(rank);
            }
            Registers::Sparse(pairs) => {
                match pairs.binary_search_by_key(&register, |(register, _)| *register) {
                    Ok(found) => pairs[found].1 = pairs[found].1.max(rank),
                    Err(place) if pairs.len() < SPARSE_MAX => pairs.insert(place, (register, rank)),
                    Err(_) => {
                        self.dense();
                        self.raise(register, rank);
                    }
                }
            }
        }
    }

    fn dense(&mut self) -> &mut Vec<u8> {
        if let Registers::Sparse(pairs) = &self.0 {
            let mut ranks = vec![0; REGISTERS];
            for (register, rank) in pairs {
                ranks[usize::from(*register)] = *rank;
            }
            self.0 = Registers::Dense(ranks);
        }
        match &mut self.0 {
            Registers::Dense(ranks) => ranks,
            Registers::Sparse(_) => unreachable!("made dense just above"),
        }
    }

    /// How many visitors were added, those added twice once.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate is neither negative nor anywhere near 2⁶⁴"
    )]
    pub fn count(&self) -> u64 {
        let counts = self.counts();
        let registers = as_float(REGISTERS);
        let saturated = as_float(counts[usize::from(RANK_MAX)]);
        let mut sum = registers * tau(1.0 - saturated / registers);
        for count in counts[1..usize::from(RANK_MAX)].iter().rev() {
            sum = 0.5 * (sum + as_float(*count));
        }
        sum += registers * sigma(as_float(counts[0]) / registers);
        let alpha = 0.5 / std::f64::consts::LN_2;
        (alpha * registers * registers / sum).round() as u64
    }

    /// How many registers have each rank.
    fn counts(&self) -> [usize; RANK_MAX as usize + 1] {
        let mut counts = [0; RANK_MAX as usize + 1];
        let mut note = |rank: u8| counts[usize::from(rank.min(RANK_MAX))] += 1;
        match &self.0 {
            Registers::Sparse(pairs) => {
                for (_, rank) in pairs {
                    note(*rank);
                }
                counts[0] = REGISTERS - pairs.len();
            }
            Registers::Dense(ranks) => ranks.iter().for_each(|rank| note(*rank)),
        }
        counts
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Registers::Sparse(pairs) => {
                let mut bytes = vec![SPARSE];
                for (register, rank) in pairs {
                    bytes.extend_from_slice(&register.to_le_bytes());
                    bytes.push(*rank);
                }
                bytes
            }
            Registers::Dense(ranks) => [&[DENSE], ranks.as_slice()].concat(),
        }
    }

    /// `None` when these are not the bytes of a sketch.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        match *kind {
            DENSE => (rest.len() == REGISTERS).then(|| Self(Registers::Dense(rest.to_vec()))),
            SPARSE => {
                let (triples, left) = rest.as_chunks::<3>();
                let pairs: Vec<_> = triples
                    .iter()
                    .map(|[low, high, rank]| (u16::from_le_bytes([*low, *high]), *rank))
                    .collect();
                let ordered = pairs.is_sorted_by(|a, b| a.0 < b.0);
                let sound =
                    left.is_empty() && ordered && pairs.iter().all(|pair| usize::from(pair.0) < REGISTERS);
                sound.then_some(Self(Registers::Sparse(pairs)))
            }
            _ => None,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most the number of registers")]
const fn as_float(count: usize) -> f64 {
    count as f64
}

fn sigma(x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut x, mut y, mut z) = (x, 1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

fn tau(x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut x, mut y, mut z) = (x, 1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn visitor(number: u64) -> VisitorHash {
        let digest = Sha256::digest(number.to_le_bytes());
        VisitorHash(digest[..16].try_into().unwrap())
    }

    fn sketch(numbers: std::ops::Range<u64>) -> Sketch {
        let mut sketch = Sketch::default();
        numbers.for_each(|number| sketch.add(visitor(number)));
        sketch
    }

    fn is_close(counted: u64, truth: u64) -> bool {
        counted.abs_diff(truth) * 50 <= truth.max(50)
    }

    #[test]
    fn counts_within_two_percent_at_every_size() {
        for truth in [0, 1, 2, 10, 100, 1_000, 5_000, 20_000, 100_000, 300_000] {
            let counted = sketch(0..truth).count();
            assert!(is_close(counted, truth), "{counted} for {truth}");
        }
        assert_eq!(sketch(0..100).count(), 100);
    }

    #[test]
    fn adding_again_changes_nothing_and_merging_is_a_union() {
        let mut once = sketch(0..3_000);
        let before = once.clone();
        (0..3_000).for_each(|number| once.add(visitor(number)));
        assert_eq!(once, before);
        for (left, right) in [(0..400, 200..600), (0..50, 40..9_000), (0..9_000, 4_000..12_000)] {
            let union = sketch(left.start..right.end);
            let mut merged = sketch(left);
            merged.merge(&sketch(right));
            assert_eq!(merged.count(), union.count());
        }
    }

    #[test]
    fn bytes_round_trip_and_others_are_refused() {
        for size in [0, 10, 5_000] {
            let sketch = sketch(0..size);
            assert_eq!(Sketch::from_bytes(&sketch.to_bytes()), Some(sketch));
        }
        for bad in
            [&[][..], &[2], &[DENSE, 1], &[SPARSE, 1], &[SPARSE, 255, 255, 1], &[SPARSE, 2, 0, 1, 1, 0, 1]]
        {
            assert_eq!(Sketch::from_bytes(bad), None, "{bad:?}");
        }
    }
}
