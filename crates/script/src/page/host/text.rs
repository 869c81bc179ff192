//! Encodings and digests.

use encoding_rs::Encoding;
use rquickjs::{Ctx, Result, TypedArray};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::provide::Host;

/// Bytes as JavaScript hands them over: one character each.
pub(super) fn bytes_of(binary: &str) -> Vec<u8> {
    binary.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}

/// Text of bytes in the encoding of that label, UTF-8 where there is none.
pub(super) fn decode(bytes: &[u8], label: &str) -> String {
    let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(bytes).0.into_owned()
}

pub(super) fn provide<'js>(host: &Host<'js>) -> Result<()> {
    // A byte-order mark wins over the label, as everywhere on the web.
    host.add("decode", |_realm| move |binary: String, label: String| decode(&bytes_of(&binary), &label))?;
    // What does not fit the encoding becomes `&#…;`, as in forms.
    host.add("encode", |_realm| {
        move |ctx: Ctx<'js>, text: String, label: String| {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
            TypedArray::<u8>::new(ctx, encoding.encode(&text).0.into_owned())
        }
    })?;
    host.add("encodingName", |_realm| {
        move |label: String| Encoding::for_label(label.as_bytes()).map(|encoding| encoding.name().to_owned())
    })?;
    host.add("digest", |_realm| {
        move |ctx: Ctx<'js>, algorithm: String, binary: String| -> Result<Option<TypedArray<'js, u8>>> {
            let bytes = bytes_of(&binary);
            let digest = match algorithm.as_str() {
                "SHA-256" => Sha256::digest(&bytes).to_vec(),
                "SHA-384" => Sha384::digest(&bytes).to_vec(),
                "SHA-512" => Sha512::digest(&bytes).to_vec(),
                _ => return Ok(None),
            };
            TypedArray::new(ctx, digest).map(Some)
        }
    })
}
