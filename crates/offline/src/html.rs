//! Undoes HTML escapes that survive in links copied from mail sources. Only what ends in `;`: `&copy=1` is a parameter.

/// A character reference is at most this long, `&` and `;` included.
const REFERENCE_BYTES_MAX: usize = 10;

/// Replaces `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and numbered references, once.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        let (character, length) = reference(&rest[at..]).unwrap_or(('&', 1));
        plain.push(character);
        rest = &rest[at + length..];
    }
    plain.push_str(rest);
    plain
}

/// The character that the reference at the start of `text` stands for, and the reference's length.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(REFERENCE_BYTES_MAX).position(|byte| byte == b';')?;
    let character = match &text[1..end] {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        name => numbered(name.strip_prefix('#')?)?,
    };
    Some((character, end + 1))
}

fn numbered(digits: &str) -> Option<char> {
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    char::from_u32(code.ok()?)
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn undoes_references_that_end() {
        for (text, expected) in [
            ("a&amp;b&lt;&gt;&quot;&apos;", "a&b<>\"'"),
            ("&#38;&#x2F;&#X2f;", "&//"),
            ("a&b=1&copy=2&amp", "a&b=1&copy=2&amp"),
            ("&amp;amp;", "&amp;"),
            ("&#xD800;&#99999999;&#;&;", "&#xD800;&#99999999;&#;&;"),
            ("&ä;", "&ä;"),
        ] {
            assert_eq!(unescape(text), expected, "{text}");
        }
    }
}
