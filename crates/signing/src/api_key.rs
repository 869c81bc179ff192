//! API keys as their holders see them: `sk_live_` and 36 base62 characters (wire contracts §3).
//! The store must only ever see `hash()`; nothing prints the value except through `expose()`.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::checked_secret::{self, CheckedSecretError};

const API_KEY_PREFIX: &str = "sk_live_";
const DISPLAYED_LAST_CHARACTERS: usize = 4;

/// A whole API key. Zeroed when dropped; `Debug` prints the masked form.
#[derive(Clone)]
pub struct ApiKeySecret(Zeroizing<String>);

impl ApiKeySecret {
    /// `fill` must overwrite the whole slice with bytes of a cryptographic source; it is called until enough of
    /// them are usable, normally once.
    pub fn generate(fill: &mut dyn FnMut(&mut [u8])) -> Self {
        Self(checked_secret::generate(API_KEY_PREFIX, fill))
    }

    /// Exact: surrounding white space is refused.
    pub fn parse(text: &str) -> Result<Self, CheckedSecretError> {
        checked_secret::check(API_KEY_PREFIX, text)?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// SHA-256 of the whole key. Unsalted on purpose: the key holds 178 random bits and is looked up by this hash.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// What lists and logs may show: the prefix and the last four characters, `sk_live_…pbCX`.
    pub fn display(&self) -> String {
        let last = &self.0[self.0.len() - DISPLAYED_LAST_CHARACTERS..];
        format!("{API_KEY_PREFIX}…{last}")
    }

    /// The key itself, to be shown once or sent as a bearer token.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiKeySecret({})", self.display())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mac::hex;

    const VECTOR: &str = "sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX";

    fn from_bytes(seed: [u8; 64]) -> ApiKeySecret {
        ApiKeySecret::generate(&mut |bytes| bytes.copy_from_slice(&seed))
    }

    #[test]
    fn contract_vector_parses() {
        let key = ApiKeySecret::parse(VECTOR).unwrap();
        assert_eq!(key.expose(), VECTOR);
        assert_eq!(key.display(), "sk_live_…pbCX");
        assert_eq!(format!("{key:?}"), "ApiKeySecret(sk_live_…pbCX)");
        assert_eq!(hex(&key.hash()), "478e3758dbfd5f2500f378b0b8fd3c4736329096d9e3cec95c7a5793866e8918");
    }

    #[test]
    fn each_defect_has_its_error() {
        let cases = [
            ("", CheckedSecretError::WrongPrefix { expected: "sk_live_" }),
            (
                "ls_live_0123456789abcdefghijABCDEFGHIJ3mpbCX",
                CheckedSecretError::WrongPrefix { expected: "sk_live_" },
            ),
            (
                " sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX",
                CheckedSecretError::WrongPrefix { expected: "sk_live_" },
            ),
            ("sk_live_", CheckedSecretError::WrongLength { actual: 8, expected: 44 }),
            (&VECTOR[..43], CheckedSecretError::WrongLength { actual: 43, expected: 44 }),
            (
                "sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCXa",
                CheckedSecretError::WrongLength { actual: 45, expected: 44 },
            ),
            (
                "sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX\n",
                CheckedSecretError::WrongAlphabet { position: 44 },
            ),
            (
                "sk_live_0123456789-bcdefghijABCDEFGHIJ3mpbCX",
                CheckedSecretError::WrongAlphabet { position: 18 },
            ),
            (
                "sk_live_0123456789ébcdefghijABCDEFGHIJ3mpbC",
                CheckedSecretError::WrongAlphabet { position: 18 },
            ),
            ("sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCY", CheckedSecretError::WrongChecksum),
            ("sk_live_1023456789abcdefghijABCDEFGHIJ3mpbCX", CheckedSecretError::WrongChecksum),
        ];
        for (text, expected) in cases {
            assert_eq!(ApiKeySecret::parse(text).unwrap_err(), expected, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn generated_keys_parse(seed in prop::array::uniform32(0_u8..248)) {
            let mut round = [0; 64];
            round[..32].copy_from_slice(&seed);
            let key = from_bytes(round);
            prop_assert_eq!(ApiKeySecret::parse(key.expose()).unwrap().hash(), key.hash());
        }

        /// A CRC finds every burst of up to 32 bits, so no single changed character can pass.
        #[test]
        fn a_single_changed_character_is_detected(
            seed in prop::array::uniform32(0_u8..248),
            position in 8_usize..44,
            replacement in "[0-9A-Za-z]",
        ) {
            let mut round = [0; 64];
            round[..32].copy_from_slice(&seed);
            let key = from_bytes(round);
            let mut text = key.expose().to_owned();
            prop_assume!(text[position..=position] != replacement);
            text.replace_range(position..=position, &replacement);
            prop_assert_eq!(ApiKeySecret::parse(&text).unwrap_err(), CheckedSecretError::WrongChecksum);
        }

        #[test]
        fn parsing_never_panics(text in "(sk_live_)?\\PC{0,60}") {
            let _ = ApiKeySecret::parse(&text);
        }
    }
}
