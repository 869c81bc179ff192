//! Texts of a click are bounded: what is longer is cut between characters.

/// At most `bytes_max` bytes of `text`.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters() {
        assert_eq!((cut("abc", 5), cut("abc", 2), cut("aä", 2), cut("ä", 1)), ("abc", "ab", "a", ""));
    }
}
