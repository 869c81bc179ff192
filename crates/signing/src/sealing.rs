//! Sealing of secrets that must be read again (webhook secrets), under a master key kept outside the database:
//! XChaCha20-Poly1305, bound to its context. Where the key file lies and who may read it is not decided here.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::mac::hex;

pub const SEALING_NONCE_BYTES: usize = 24;

const MASTER_KEY_FILE_PREFIX: &str = "hopline-master-key-v1:";
const MASTER_KEY_BYTES: usize = 32;
const MASTER_KEY_ID_BYTES: usize = 4;
/// First byte of everything sealed in the layout: version, key id, nonce, ciphertext with tag.
const SEALED_VERSION: u8 = 1;

/// The 32-byte key under which a server's secrets are sealed. Zeroed when dropped; `Debug` prints only its id.
pub struct MasterKey(Zeroizing<[u8; MASTER_KEY_BYTES]>);

/// The first 4 bytes of SHA-256 of a master key: tells keys apart during rotation, gives nothing of the key away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKeyId([u8; MASTER_KEY_ID_BYTES]);

/// A sealed value, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// Why a text is no master key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    #[error("read the master key: the file must begin with `hopline-master-key-v1:`")]
    WrongPrefix,
    #[error("read the master key: base64 of 32 bytes must follow the prefix; restore the file from a backup")]
    WrongKey,
}

/// Why a sealed value could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("open a sealed value: its layout version {version} is unknown; a newer Hopline wrote it")]
    UnknownVersion { version: u8 },
    #[error("open a sealed value: it needs the master key {needed}, the one given is {given}")]
    WrongKey { needed: MasterKeyId, given: MasterKeyId },
    #[error("open a sealed value: it is damaged or was sealed for something else")]
    Corrupt,
}

impl MasterKey {
    /// `fill` must overwrite the whole slice from a cryptographic source.
    pub fn generate(fill: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut key = Zeroizing::new([0; MASTER_KEY_BYTES]);
        fill(key.as_mut_slice());
        Self(key)
    }

    /// Reads the text form, `hopline-master-key-v1:<base64>`; white space around it is ignored.
    pub fn parse(file_text: &str) -> Result<Self, MasterKeyError> {
        let encoded =
            file_text.trim().strip_prefix(MASTER_KEY_FILE_PREFIX).ok_or(MasterKeyError::WrongPrefix)?;
        let decoded = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| MasterKeyError::WrongKey)?);
        let key = decoded.as_slice().try_into().map_err(|_| MasterKeyError::WrongKey)?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// The text form that `parse` reads, one line with its end.
    pub fn file_text(&self) -> Zeroizing<String> {
        let mut encoded = STANDARD.encode(self.0.as_slice());
        let text = Zeroizing::new(format!("{MASTER_KEY_FILE_PREFIX}{encoded}\n"));
        encoded.zeroize();
        text
    }

    pub fn id(&self) -> MasterKeyId {
        let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(self.0.as_slice()));
        MasterKeyId([a, b, c, d])
    }

    /// Seals `plaintext` for one `context`, such as `webhook_secret:<family id>`, which must be given again to open
    /// it. The nonce must be random for every call: a repeated one breaks the cipher.
    pub fn seal(&self, context: &str, plaintext: &[u8], nonce: [u8; SEALING_NONCE_BYTES]) -> Sealed {
        let payload = Payload { msg: plaintext, aad: context.as_bytes() };
        let ciphertext = self.encrypt(nonce, payload);
        Sealed([&[SEALED_VERSION], self.id().0.as_slice(), &nonce, &ciphertext].concat())
    }

    /// Opens what `seal` made with this key for the same context.
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (&version, rest) = sealed.0.split_first().ok_or(OpenError::Corrupt)?;
        if version != SEALED_VERSION {
            return Err(OpenError::UnknownVersion { version });
        }
        let (&key_id, rest) = rest.split_first_chunk().ok_or(OpenError::Corrupt)?;
        let (needed, given) = (MasterKeyId(key_id), self.id());
        if needed != given {
            return Err(OpenError::WrongKey { needed, given });
        }
        let (&nonce, ciphertext) =
            rest.split_first_chunk::<SEALING_NONCE_BYTES>().ok_or(OpenError::Corrupt)?;
        let payload = Payload { msg: ciphertext, aad: context.as_bytes() };
        let opened = self.cipher().decrypt(&XNonce::from(nonce), payload);
        opened.map(Zeroizing::new).map_err(|_| OpenError::Corrupt)
    }

    fn encrypt(&self, nonce: [u8; SEALING_NONCE_BYTES], payload: Payload<'_, '_>) -> Vec<u8> {
        // Invariant: the cipher only refuses messages of 256 GiB and more.
        #[expect(clippy::expect_used, reason = "secrets are far below the bound of the line above")]
        self.cipher().encrypt(&XNonce::from(nonce), payload).expect("a secret is shorter than 256 GiB")
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MasterKey({})", self.id())
    }
}

impl fmt::Display for MasterKeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for MasterKeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MasterKeyId({self})")
    }
}

impl Sealed {
    /// Takes stored bytes back; whether they are a sealed value shows when they are opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONTEXT: &str = "webhook_secret:key_1";
    const NONCE: [u8; SEALING_NONCE_BYTES] = [9; SEALING_NONCE_BYTES];
    const TAG_BYTES: usize = 16;
    const HEADER_BYTES: usize = 1 + MASTER_KEY_ID_BYTES + SEALING_NONCE_BYTES;

    fn key(byte: u8) -> MasterKey {
        MasterKey::generate(&mut |bytes| bytes.fill(byte))
    }

    #[test]
    fn layout_is_version_key_id_nonce_ciphertext() {
        let bytes = key(1).seal(CONTEXT, b"whsec_x", NONCE).into_bytes();
        assert_eq!(bytes[0], 1);
        // SHA-256 of 32 bytes of 0x01 begins with 72cd6e84.
        assert_eq!(hex(&bytes[1..5]), "72cd6e84");
        assert_eq!(bytes[5..HEADER_BYTES], NONCE);
        assert_eq!(bytes.len(), HEADER_BYTES + "whsec_x".len() + TAG_BYTES);
    }

    #[test]
    fn another_key_or_context_does_not_open() {
        let sealed = key(1).seal(CONTEXT, b"whsec_x", NONCE);
        assert_eq!(key(1).open(CONTEXT, &sealed).unwrap().as_slice(), b"whsec_x");
        let wrong_key = OpenError::WrongKey { needed: key(1).id(), given: key(2).id() };
        assert_eq!(key(2).open(CONTEXT, &sealed).unwrap_err(), wrong_key);
        assert_eq!(key(1).open("webhook_secret:key_2", &sealed).unwrap_err(), OpenError::Corrupt);
    }

    #[test]
    fn damage_is_told_apart_from_other_versions_and_keys() {
        let good = key(1).seal(CONTEXT, b"whsec_x", NONCE).into_bytes();
        let flipped = |index: usize| {
            let mut bytes = good.clone();
            bytes[index] ^= 0x80;
            key(1).open(CONTEXT, &Sealed::from_bytes(bytes)).unwrap_err()
        };
        assert_eq!(flipped(0), OpenError::UnknownVersion { version: 0x81 });
        for index in 1..5 {
            assert!(matches!(flipped(index), OpenError::WrongKey { .. }), "byte {index}");
        }
        for index in 5..good.len() {
            assert_eq!(flipped(index), OpenError::Corrupt, "byte {index}");
        }
        for length in 0..good.len() {
            let truncated = Sealed::from_bytes(good[..length].to_vec());
            assert_eq!(key(1).open(CONTEXT, &truncated).unwrap_err(), OpenError::Corrupt, "{length} bytes");
        }
    }

    #[test]
    fn file_text_roundtrips() {
        let text = key(1).file_text();
        assert_eq!(text.as_str(), "hopline-master-key-v1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n");
        assert_eq!(MasterKey::parse(&text).unwrap().id(), key(1).id());
        assert_eq!(MasterKey::parse(text.trim()).unwrap().id(), key(1).id());
    }

    #[test]
    fn bad_files_are_refused() {
        let cases = [
            ("", MasterKeyError::WrongPrefix),
            ("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", MasterKeyError::WrongPrefix),
            (
                "hopline-master-key-v2:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
                MasterKeyError::WrongPrefix,
            ),
            ("hopline-master-key-v1:", MasterKeyError::WrongKey),
            ("hopline-master-key-v1:AQEB", MasterKeyError::WrongKey),
            ("hopline-master-key-v1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB", MasterKeyError::WrongKey),
            ("hopline-master-key-v1:not base64", MasterKeyError::WrongKey),
        ];
        for (text, expected) in cases {
            assert_eq!(MasterKey::parse(text).unwrap_err(), expected, "{text:?}");
        }
    }

    #[test]
    fn debug_shows_only_the_id() {
        assert_eq!(format!("{:?}", key(1)), "MasterKey(72cd6e84)");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn sealed_values_open(
            plaintext in prop::collection::vec(any::<u8>(), 0..200),
            nonce in prop::array::uniform24(any::<u8>()),
            context in "\\PC{0,40}",
        ) {
            let sealed = key(1).seal(&context, &plaintext, nonce);
            let stored = Sealed::from_bytes(sealed.into_bytes());
            let opened = key(1).open(&context, &stored).unwrap();
            prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
        }

        #[test]
        fn opening_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(key(1).open(CONTEXT, &Sealed::from_bytes(bytes)).is_err());
        }
    }
}
