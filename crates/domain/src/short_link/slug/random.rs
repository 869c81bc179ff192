//! Random slugs: 7 characters that nobody mistakes for each other, never reserved, never offensive.

use super::{Slug, offensive, reserved};
use crate::{entropy::Entropy, limits, short_link::CaseRule};

/// Without `0 O o`, `1 I i l L`, `2 Z`, `5 S s`, `u v U V`.
const ALPHABET: &[u8] = b"346789abcdefghjkmnpqrtwxyzABCDEFGHJKMNPQRTWXY";
/// The same where case says nothing.
const ALPHABET_LOWER: &[u8] = b"346789abcdefghjkmnpqrtwxyz";
/// Draws until one is fit; far fewer than one in a hundred is not.
const DRAWS_MAX: usize = 64;

/// One random slug: 7 of 45 characters make 3.7 · 10¹¹, of 26 make 8 · 10⁹.
pub fn random_slug(rule: CaseRule, entropy: &dyn Entropy) -> Slug {
    let mut slug = draw(rule, entropy);
    for _ in 0..DRAWS_MAX {
        if !reserved::is_reserved(&slug) && !offensive::contains_a_word(&slug) {
            break;
        }
        slug = draw(rule, entropy);
    }
    Slug(slug)
}

fn draw(rule: CaseRule, entropy: &dyn Entropy) -> String {
    let alphabet = match rule {
        CaseRule::Sensitive => ALPHABET,
        CaseRule::Insensitive => ALPHABET_LOWER,
    };
    let last = u64::try_from(alphabet.len()).unwrap_or(1).saturating_sub(1);
    let letter = |_| {
        let place = usize::try_from(entropy.up_to(last)).unwrap_or(0);
        alphabet.get(place).map_or('a', |letter| char::from(*letter))
    };
    (0..limits::RANDOM_SLUG_CHARS).map(letter).collect()
}
