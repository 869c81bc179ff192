//! The language liked best of an `Accept-Language` (RFC 9110 §12.5.4).

/// Longest primary subtag (RFC 5646 §2.1).
const SUBTAG_LETTERS_MAX: usize = 8;

/// Its primary subtag in lower case; the first of those with the highest weight.
pub(super) fn preferred(accept_language: &str) -> Option<String> {
    let mut best: Option<(u16, &str)> = None;
    for range in accept_language.split(',') {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight(parameters);
        let primary = tag.trim().split('-').next().unwrap_or_default();
        let named = (2..=SUBTAG_LETTERS_MAX).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        if named && weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, primary));
        }
    }
    best.map(|(_, primary)| primary.to_ascii_lowercase())
}

/// In thousandths; what is no weight counts as none given.
fn weight(parameters: &str) -> u16 {
    let given = parameters.trim().strip_prefix("q=").and_then(|value| value.trim().parse::<f32>().ok());
    match given {
        Some(value) if (0.0..=1.0).contains(&value) => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
            let thousandths = (value * 1_000.0).round() as u16;
            thousandths
        }
        _ => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_wins() {
        for (header, expected) in [
            ("de-DE,de;q=0.9,en;q=0.8", Some("de")),
            ("en;q=0.5, FR-ca", Some("fr")),
            ("en;q=0.2, es ; q=0.7", Some("es")),
            ("*", None),
            ("de;q=0", None),
            ("", None),
            ("x", None),
            ("<script>, en", Some("en")),
        ] {
            assert_eq!(preferred(header).as_deref(), expected, "{header}");
        }
    }
}
