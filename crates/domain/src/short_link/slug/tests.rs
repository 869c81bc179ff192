//! Slugs: grammar, words that are kept or refused, random ones.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::entropy::{Entropy, OsEntropy};

#[test]
fn slugs_are_segments_joined_by_slashes() {
    for good in ["a", "A1", "summer-sale_2026", "a/b/c/d/e", "a--b", "v2", "apis", &"y".repeat(100)] {
        assert_eq!(Slug::parse(good).unwrap().as_str(), good);
    }
    for (bad, error) in [
        ("", SlugError::Empty),
        ("/a", SlugError::Malformed),
        ("a/", SlugError::Malformed),
        ("a//b", SlugError::Malformed),
        ("-a", SlugError::Malformed),
        ("a_", SlugError::Malformed),
        ("_a", SlugError::Malformed),
        ("a b", SlugError::Malformed),
        ("a+", SlugError::Malformed),
        ("a.b", SlugError::Malformed),
        ("ä", SlugError::Malformed),
        ("a%62", SlugError::Malformed),
        ("a/../b", SlugError::Malformed),
        ("a/b/c/d/e/f", SlugError::TooManySegments),
        (&"x".repeat(101), SlugError::TooLong),
    ] {
        assert_eq!(Slug::parse(bad), Err(error), "{bad}");
    }
}

#[test]
fn the_servers_own_words_are_kept_in_any_case() {
    for word in ["v1", "V1", "api", "app/x", "docs/a/b", "feeds", "healthz", "readyz", "Metrics", "assets"] {
        assert!(matches!(Slug::parse(word), Err(SlugError::Reserved { .. })), "{word}");
    }
    // Whatever the grammar will be: these are never a link.
    for word in ["openapi.json", ".well-known", "robots.txt", "favicon.ico", "_hopline"] {
        assert!(reserved::is_reserved(word), "{word}");
    }
    assert!(Slug::parse("x/api").is_ok(), "only the first segment is kept");
}

#[test]
fn offensive_words_are_seen_through_their_spelling() {
    for word in ["shit", "SHIT", "5h1t", "sh-it", "s-h-i-t", "holy-shit", "a/shiiit/b", "n1gg3r", "pu7a"] {
        assert_eq!(Slug::parse(word), Err(SlugError::Offensive), "{word}");
    }
    for innocent in [
        "scunthorpe",
        "summa-cum-laude",
        "analysis",
        "as",
        "assets-list",
        "class",
        "con",
        "dick-van-dyke",
        "therapist",
        "sex-ed",
    ] {
        assert!(Slug::parse(innocent).is_ok(), "{innocent}");
    }
    assert!(Slug::of_stored("shit").is_ok(), "what was accepted before stays readable");
}

#[test]
fn random_slugs_never_contain_what_a_chosen_one_may() {
    for word in ["xsex7pq", "kfuckkk", "4n4lmkp", "qqt1tqq", "f4gpqrt"] {
        assert!(offensive::contains_a_word(word), "{word}");
    }
    assert!(!offensive::contains_a_word("gatekpr"));
}

#[test]
fn the_list_has_no_word_that_refuses_nearly_everything() {
    let mut clean = 0_u32;
    for _ in 0..2_000 {
        let mut bytes = [0_u8; 7];
        OsEntropy.fill(&mut bytes);
        let text: String = bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        clean += u32::from(!offensive::contains_a_word(&text));
    }
    assert!(clean > 1_900, "{clean} of 2000 texts of 7 letters are clean");
}

#[test]
fn random_slugs_are_fit_and_different() {
    let mut seen = HashSet::new();
    for rule in [CaseRule::Sensitive, CaseRule::Insensitive] {
        for _ in 0..2_000 {
            let slug = random_slug(rule, &OsEntropy);
            assert_eq!(Slug::parse(slug.as_str()).as_ref(), Ok(&slug));
            assert_eq!(slug.as_str().len(), limits::RANDOM_SLUG_CHARS);
            let confusing = |c: char| "0Oo1IilL2Z5SsuvUV".contains(c);
            assert!(!slug.as_str().chars().any(confusing), "{slug}");
            let is_lower = slug.as_str() == slug.as_str().to_ascii_lowercase();
            assert!(rule == CaseRule::Sensitive || is_lower, "{slug}");
            seen.insert(slug);
        }
    }
    assert!(seen.len() > 3_990, "{}", seen.len());
}

/// Draws the same letters again and again: those of a word, then harmless ones.
#[derive(Debug)]
struct Stubborn(std::sync::Mutex<std::vec::IntoIter<u8>>);

impl Entropy for Stubborn {
    fn fill(&self, out: &mut [u8]) {
        out.fill(0);
        if let (Some(first), Some(next)) = (out.first_mut(), self.0.lock().unwrap().next()) {
            *first = next;
        }
    }
}

#[test]
fn an_offensive_draw_is_drawn_again() {
    // Places in the alphabet of 26 letters: `3 4 6 7 8 9 a b c d e f g h j k m n p q r t w x y z`.
    let porn = [18, 6, 18, 14, 6, 18, 14];
    let fags = [11, 6, 12, 25, 25, 25, 25];
    let fine = [23, 24, 25, 23, 24, 25, 23];
    let draws: Vec<u8> = fags.into_iter().chain(fine).chain(porn).collect();
    let slug = random_slug(CaseRule::Insensitive, &Stubborn(std::sync::Mutex::new(draws.into_iter())));
    assert_eq!(slug.as_str(), "xyzxyzx");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_parses_obeys_the_grammar(text in "[A-Za-z0-9_/-]{0,20}") {
        let segment = |part: &str| {
            let inner = part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
            let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            inner && edge(part.chars().next()) && edge(part.chars().last())
        };
        let obeys = text.split('/').count() <= 5 && text.split('/').all(segment);
        prop_assert_eq!(Slug::of_stored(&text).is_ok(), obeys);
    }

    #[test]
    fn a_key_forgets_case_only_where_the_rule_says_so(text in "[A-Za-z0-9]{1,9}") {
        let slug = Slug::of_stored(&text).unwrap();
        let key = slug.key(CaseRule::Sensitive);
        prop_assert_eq!(key.as_str(), text.as_str());
        let upper = Slug::of_stored(&text.to_ascii_uppercase()).unwrap();
        prop_assert_eq!(slug.key(CaseRule::Insensitive), upper.key(CaseRule::Insensitive));
    }
}
