//! Percent-decoding that loses nothing: bytes that are no UTF-8 stay escaped, `+` stays `+`.

use std::fmt::Write;

use percent_encoding::percent_decode_str;

/// Decodes every `%XX` once.
pub(crate) fn decode(text: &str) -> String {
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Invariant: writing to a String does not fail.
            let _ = write!(decoded, "%{byte:02X}");
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_once_and_keeps_what_is_no_text() {
        for (text, expected) in [
            ("https%3A%2F%2Fa.com%2F", "https://a.com/"),
            ("a%2520b", "a%20b"),
            ("a+b", "a+b"),
            ("caf%C3%A9", "café"),
            ("caf%E9/%C3", "caf%E9/%C3"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }
}
