//! The common form of generated secrets: a prefix, 30 random base62 characters and 6 check characters.
//! The check catches typing and truncation before any look-up; it is no protection against forgery.

use zeroize::{Zeroize as _, Zeroizing};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE62_RADIX: u8 = 62;
const RANDOM_CHARACTERS: usize = 30;
const CHECK_CHARACTERS: usize = 6;
/// The largest multiple of 62 that a byte reaches; bytes from here on are rejected to keep all 62 equally likely.
const UNBIASED_BYTE_LIMIT: u8 = BASE62_RADIX * 4;
/// Enough that one round nearly always suffices: 34 of 64 bytes would have to be rejected (1 in 32 is).
const ROUND_BYTES: usize = 64;

/// Why a text is no key of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckedSecretError {
    #[error("read the key: it must begin with `{expected}`")]
    WrongPrefix { expected: &'static str },
    #[error("read the key: it has {actual} characters instead of {expected}; copy it whole")]
    WrongLength { actual: usize, expected: usize },
    /// `position` counts bytes from 0 in the whole text.
    #[error("read the key: character {position} is none of 0-9, A-Z, a-z")]
    WrongAlphabet { position: usize },
    #[error("read the key: its check characters do not fit, a character was mistyped or changed")]
    WrongChecksum,
}

/// `fill` must overwrite the whole slice with random bytes.
pub(crate) fn generate(prefix: &str, fill: &mut dyn FnMut(&mut [u8])) -> Zeroizing<String> {
    let random = random_base62(fill);
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + RANDOM_CHARACTERS + CHECK_CHARACTERS));
    text.push_str(prefix);
    text.extend(random.iter().copied().map(char::from));
    text.extend(check_characters(random.as_slice()).map(char::from));
    text
}

pub(crate) fn check(prefix: &'static str, text: &str) -> Result<(), CheckedSecretError> {
    let rest =
        text.strip_prefix(prefix).ok_or(CheckedSecretError::WrongPrefix { expected: prefix })?.as_bytes();
    if let Some(index) = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()) {
        return Err(CheckedSecretError::WrongAlphabet { position: prefix.len() + index });
    }
    let expected = RANDOM_CHARACTERS + CHECK_CHARACTERS;
    if rest.len() != expected {
        let actual = text.len();
        return Err(CheckedSecretError::WrongLength { actual, expected: prefix.len() + expected });
    }
    let (random, check) = rest.split_at(RANDOM_CHARACTERS);
    if check != check_characters(random) {
        return Err(CheckedSecretError::WrongChecksum);
    }
    Ok(())
}

/// Rejection sampling. Ends with probability 1 for random bytes; a source stuck above the limit never ends it.
fn random_base62(fill: &mut dyn FnMut(&mut [u8])) -> Zeroizing<Vec<u8>> {
    let mut characters = Zeroizing::new(Vec::with_capacity(RANDOM_CHARACTERS));
    while characters.len() < RANDOM_CHARACTERS {
        let mut round = [0; ROUND_BYTES];
        fill(&mut round);
        let unbiased = round.iter().filter(|byte| **byte < UNBIASED_BYTE_LIMIT);
        let missing = RANDOM_CHARACTERS - characters.len();
        characters.extend(unbiased.take(missing).map(|byte| BASE62[usize::from(byte % BASE62_RADIX)]));
        round.zeroize();
    }
    characters
}

/// CRC-32 (IEEE) in base62, left-padded with `0`. Six characters hold every 32-bit number: 62^6 > 2^32.
fn check_characters(random: &[u8]) -> [u8; CHECK_CHARACTERS] {
    let mut remaining = crc32fast::hash(random);
    let mut characters = [b'0'; CHECK_CHARACTERS];
    for character in characters.iter_mut().rev() {
        *character = BASE62[(remaining % u32::from(BASE62_RADIX)) as usize];
        remaining /= u32::from(BASE62_RADIX);
    }
    characters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_bytes_leave_no_trace() {
        // Every second byte is above the limit; what is left are the characters 0, 1, 2, … in order.
        let mut next = 0_u8;
        let mut fill = |bytes: &mut [u8]| {
            for (index, byte) in bytes.iter_mut().enumerate() {
                *byte = if index % 2 == 0 { UNBIASED_BYTE_LIMIT + (next % 8) } else { next };
                next += u8::from(index % 2 == 1);
            }
        };
        assert_eq!(random_base62(&mut fill).as_slice(), &BASE62[..RANDOM_CHARACTERS]);
    }

    #[test]
    fn every_character_stands_for_equally_many_bytes() {
        let mut counts = [0; 62];
        for byte in 0..UNBIASED_BYTE_LIMIT {
            counts[usize::from(byte % BASE62_RADIX)] += 1;
        }
        assert_eq!(counts, [4; 62]);
    }

    #[test]
    fn small_checksums_are_left_padded() {
        // CRC-32 of the empty message is 0.
        assert_eq!(&check_characters(b""), b"000000");
    }
}
