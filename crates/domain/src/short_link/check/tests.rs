//! What of a link's content does not fit together.

use super::*;
use crate::short_link::CachePolicy;

const NOW: Timestamp = Timestamp(1_780_660_800_000);
const INTERVAL_S_MIN: u32 = 3_600;

fn faults(change: impl FnOnce(&mut LinkContent)) -> Vec<(String, String)> {
    let mut content = LinkContent::to("https://example.com/");
    change(&mut content);
    let faults = check(&content, None, NOW, INTERVAL_S_MIN);
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn a_plain_link_and_a_full_one_pass() {
    assert_eq!(faults(|_| ()), []);
    let full = |content: &mut LinkContent| {
        content.starts_at = Some(NOW.minus_ms(1));
        content.expires_at = Some(NOW.plus_ms(1));
        content.max_clicks = Some(1);
        content.external_id = Some("crm:4711".to_owned());
        content.cache = CachePolicy::of_max_age(Some(60));
        content.og.image = Some("https://example.com/i.png".to_owned());
        content.watch = Some(Watch { interval_s: 3_600, expected_domain: Some("example.com".to_owned()) });
    };
    assert_eq!(faults(full), []);
}

#[test]
fn dates_must_lie_ahead_and_in_order() {
    assert_eq!(faults(|content| content.expires_at = Some(NOW)), one("/expires_at", "in_the_past"));
    let crossed = |content: &mut LinkContent| {
        content.starts_at = Some(NOW.plus_ms(10));
        content.expires_at = Some(NOW.plus_ms(10));
    };
    assert_eq!(faults(crossed), one("/expires_at", "conflicting_dates"));
}

#[test]
fn an_expiry_that_stays_may_have_passed() {
    let mut content = LinkContent::to("https://example.com/");
    content.expires_at = Some(NOW.minus_ms(1));
    assert_eq!(check(&content, Some(&content), NOW, INTERVAL_S_MIN), []);
    let before = LinkContent { expires_at: Some(NOW.minus_ms(2)), ..content.clone() };
    assert_eq!(check(&content, Some(&before), NOW, INTERVAL_S_MIN).len(), 1);
}

#[test]
fn each_bound_has_its_pointer() {
    assert_eq!(faults(|content| content.max_clicks = Some(0)), one("/max_clicks", "out_of_range"));
    assert_eq!(faults(|content| content.title = Some("ä".repeat(301))), one("/title", "too_long"));
    assert_eq!(faults(|content| content.note = Some("x".repeat(2_001))), one("/note", "too_long"));
    for id in ["", "a b", "é"] {
        assert_eq!(
            faults(|content| content.external_id = Some(id.to_owned())),
            one("/external_id", "invalid_value")
        );
    }
    let forever = CachePolicy::of_max_age(Some(u32::MAX));
    assert_eq!(faults(|content| content.cache = forever), one("/cache_max_age_s", "out_of_range"));
    assert_eq!(faults(|content| content.utm.term = Some("x".repeat(256))), one("/utm/term", "too_long"));
    assert_eq!(faults(|content| content.og.title = Some("x".repeat(1_001))), one("/og/title", "too_long"));
    assert_eq!(
        faults(|content| content.og.image = Some("data:,x".to_owned())),
        one("/og/image", "not_a_url")
    );
    let watch =
        |interval_s, domain: &str| Some(Watch { interval_s, expected_domain: Some(domain.to_owned()) });
    assert_eq!(
        faults(|content| content.watch = watch(3_599, "example.com")),
        one("/watch/interval_s", "out_of_range")
    );
    assert_eq!(
        faults(|content| content.watch = watch(3_600, "https://x")),
        one("/watch/expected_domain", "invalid_value")
    );
}
