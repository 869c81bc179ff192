//! Which languages a visitor likes best, from `Accept-Language` (RFC 9110 §12.5.4).

/// Languages this much behind the best one still count as liked best, in thousandths of q.
const CLOSE_ENOUGH: u16 = 100;
/// Languages read of one header.
const LANGUAGES_MAX: usize = 20;

/// Whether a visitor reads one of the wanted languages best.
pub(super) fn is_liked(wanted: &[String], accept_language: &str) -> bool {
    let offers: Vec<(&str, u16)> = accept_language.split(',').take(LANGUAGES_MAX).filter_map(offer).collect();
    let best = offers.iter().map(|(_, weight)| *weight).max().unwrap_or(0);
    let liked = offers.iter().filter(|(_, weight)| weight.saturating_add(CLOSE_ENOUGH) >= best);
    liked.into_iter().any(|(tag, _)| wanted.iter().any(|wanted| covers(wanted, tag)))
}

/// A language with its weight in thousandths; `None` for what is refused (`q=0`), `*` or malformed.
fn offer(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';');
    let tag = parts.next()?.trim();
    let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Some(1_000), thousandths)?;
    (!tag.is_empty() && tag != "*" && weight > 0).then_some((tag, weight))
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if fraction.len() > 3 {
        return None;
    }
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole * 1_000 + fraction).min(1_000))
}

/// `de` covers `de` and `de-AT` (RFC 4647 §3.3.1).
fn covers(wanted: &str, tag: &str) -> bool {
    let begins = tag.get(..wanted.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(wanted));
    begins && matches!(tag.as_bytes().get(wanted.len()), None | Some(b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn liked(wanted: &str, header: &str) -> bool {
        is_liked(&[wanted.to_owned()], header)
    }

    #[test]
    fn the_best_languages_count() {
        assert!(liked("de", "de-AT,de;q=0.9,en;q=0.8"));
        assert!(!liked("en", "de-AT,de;q=0.9,en;q=0.8"));
        assert!(liked("en", "de;q=0.8, en;q=0.7"));
        assert!(liked("pt-BR", "PT-br"));
        assert!(!liked("pt-BR", "pt"));
        assert!(!liked("de", "den"));
    }

    #[test]
    fn nonsense_is_passed_over() {
        for header in ["", "*", ";", "de;q=0", "de;q=2", "de;q=0.9999", "de;q=x"] {
            assert!(!liked("de", header), "{header}");
        }
        assert!(liked("de", "x;q=y, de"));
    }
}
