//! Webhook signing secrets, `whsec_…` (wire contracts §3 and §6): the whole text is the key of the `t=,v1=` header,
//! the base64-decoded rest the key of the Standard Webhooks header. Nothing prints the value except `expose()`.

use std::fmt;
use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT};
use zeroize::{Zeroize as _, Zeroizing};

const WEBHOOK_SECRET_PREFIX: &str = "whsec_";
const GENERATED_KEY_BYTES: usize = 32;
/// Standard Webhooks asks for 24 to 64 bytes of key.
const KEY_BYTES: RangeInclusive<usize> = 24..=64;
const DISPLAYED_LAST_CHARACTERS: usize = 4;

/// A webhook secret, ours or one that a receiver brought along. Zeroed when dropped; `Debug` is masked.
#[derive(Clone)]
pub struct WebhookSecret {
    text: Zeroizing<String>,
    standard_key: Option<Zeroizing<Vec<u8>>>,
}

/// Why a text is no webhook secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookSecretError {
    #[error("read the webhook secret: it must begin with `whsec_`")]
    WrongPrefix,
    #[error("read the webhook secret: only visible ASCII characters are allowed, no spaces or line breaks")]
    NotVisibleAscii,
    #[error("read the webhook secret: after `whsec_` it must be, or decode from base64 to, 24 to 64 bytes")]
    WrongLength,
}

impl WebhookSecret {
    /// `whsec_` and the base64 of 32 bytes. `fill` must overwrite the whole slice from a cryptographic source.
    pub fn generate(fill: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut key = Zeroizing::new(vec![0; GENERATED_KEY_BYTES]);
        fill(&mut key);
        let mut encoded = STANDARD.encode(key.as_slice());
        let text = Zeroizing::new(format!("{WEBHOOK_SECRET_PREFIX}{encoded}"));
        encoded.zeroize();
        Self { text, standard_key: Some(key) }
    }

    /// Accepts `whsec_` and a rest of visible ASCII that is 24 to 64 bytes long, or base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, WebhookSecretError> {
        let rest = text.strip_prefix(WEBHOOK_SECRET_PREFIX).ok_or(WebhookSecretError::WrongPrefix)?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(WebhookSecretError::NotVisibleAscii);
        }
        let standard_key = STANDARD_PAD_INDIFFERENT.decode(rest).ok().map(Zeroizing::new);
        let decoded_fits = standard_key.as_ref().is_some_and(|key| KEY_BYTES.contains(&key.len()));
        if !decoded_fits && !KEY_BYTES.contains(&rest.len()) {
            return Err(WebhookSecretError::WrongLength);
        }
        Ok(Self { text: Zeroizing::new(text.to_owned()), standard_key })
    }

    /// The key of the Standard Webhooks signature: the bytes decoded from the standard base64 (padded or not) after
    /// `whsec_`. `None` if that is not base64; only the `t=,v1=` header can be sent then.
    pub fn standard_key(&self) -> Option<&[u8]> {
        self.standard_key.as_deref().map(Vec::as_slice)
    }

    /// The secret itself, prefix included: shown to its owner, and the key of the `t=,v1=` header.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = &self.text[self.text.len() - DISPLAYED_LAST_CHARACTERS..];
        write!(formatter, "WebhookSecret({WEBHOOK_SECRET_PREFIX}…{last})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn generated_secrets_read_both_ways() {
        let secret = WebhookSecret::generate(&mut |bytes| bytes.fill(7));
        assert_eq!(secret.expose(), "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        assert_eq!(secret.standard_key(), Some([7; 32].as_slice()));
        let parsed = WebhookSecret::parse(secret.expose()).unwrap();
        assert_eq!(parsed.standard_key(), secret.standard_key());
    }

    #[test]
    fn debug_is_masked() {
        let secret = WebhookSecret::generate(&mut |bytes| bytes.fill(7));
        assert_eq!(format!("{secret:?}"), "WebhookSecret(whsec_…Bwc=)");
    }

    /// (the text after `whsec_`, bytes of the standard key)
    #[test]
    fn own_secrets_within_the_bounds_are_accepted() {
        let longest_visible = "!".repeat(64);
        let base64_of_64_bytes = STANDARD.encode([1; 64]);
        let cases = [
            ("plJ3nmyCDGBKInavdOK15jsl", Some(18)),
            ("C2FVsBQIhrscChlQIMV+b5sSYspob7oD", Some(24)),
            ("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc", Some(32)),
            (base64_of_64_bytes.as_str(), Some(64)),
            ("not-base64_but-visible-ascii", None),
            ("!\"#$%&'()*+,-./:;<=>?@[\\]", None),
            (longest_visible.as_str(), None),
        ];
        for (rest, key_bytes) in cases {
            let secret = WebhookSecret::parse(&format!("whsec_{rest}")).unwrap();
            assert_eq!(secret.standard_key().map(<[u8]>::len), key_bytes, "{rest}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let too_long_visible = format!("whsec_{}", "!".repeat(65));
        let base64_of_65_bytes = format!("whsec_{}", STANDARD.encode([1; 65]));
        let cases = [
            ("", WebhookSecretError::WrongPrefix),
            ("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", WebhookSecretError::WrongPrefix),
            ("WHSEC_plJ3nmyCDGBKInavdOK15jsl", WebhookSecretError::WrongPrefix),
            ("whsec_", WebhookSecretError::WrongLength),
            ("whsec_plJ3nmyCDGBKInavdOK15js", WebhookSecretError::WrongLength),
            (&too_long_visible, WebhookSecretError::WrongLength),
            (&base64_of_65_bytes, WebhookSecretError::WrongLength),
            ("whsec_plJ3nmyCDGBKInavdOK15jsl\n", WebhookSecretError::NotVisibleAscii),
            ("whsec_plJ3nmyCDGBK navdOK15jsl", WebhookSecretError::NotVisibleAscii),
            ("whsec_plJ3nmyCDGBKInavdOK15jslé", WebhookSecretError::NotVisibleAscii),
        ];
        for (text, expected) in cases {
            assert_eq!(WebhookSecret::parse(text).unwrap_err(), expected, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn every_base64_of_a_fitting_key_is_accepted(key in prop::collection::vec(any::<u8>(), 24..=64)) {
            for encoded in [STANDARD.encode(&key), STANDARD.encode(&key).trim_end_matches('=').to_owned()] {
                let secret = WebhookSecret::parse(&format!("whsec_{encoded}")).unwrap();
                prop_assert_eq!(secret.standard_key(), Some(key.as_slice()));
            }
        }

        #[test]
        fn parsing_never_panics(text in "(whsec_)?\\PC{0,100}") {
            if let Ok(secret) = WebhookSecret::parse(&text) {
                prop_assert_eq!(secret.expose(), text);
            }
        }
    }
}
