//! Whether what an owner wrote into a link fits together: dates, bounds and lengths, every fault at once.

use super::{LinkContent, OpenGraph, Watch};
use crate::{click::Utm, limits, problem::Fault, time::Timestamp};

/// Every fault of a link's content. Destinations and rules were judged as they were read; a date that stays as it was in `before`
/// may lie in the past. `watch_interval_s_min` is the plan's.
pub fn check(
    content: &LinkContent,
    before: Option<&LinkContent>,
    now: Timestamp,
    watch_interval_s_min: u32,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    dates(content, before, now, &mut faults);
    texts(content, &mut faults);
    numbers(content, &mut faults);
    campaign(&content.utm, &mut faults);
    preview(&content.og, &mut faults);
    if let Some(watch) = &content.watch {
        watching(watch, watch_interval_s_min, &mut faults);
    }
    faults
}

fn dates(content: &LinkContent, before: Option<&LinkContent>, now: Timestamp, faults: &mut Vec<Fault>) {
    let Some(expires_at) = content.expires_at else { return };
    let is_new = before.is_none_or(|before| before.expires_at != Some(expires_at));
    if is_new && expires_at <= now {
        faults.push(Fault::new(
            "/expires_at",
            "in_the_past",
            "the link would have expired already; give a later time",
        ));
    }
    if content.starts_at.is_some_and(|starts_at| starts_at >= expires_at) {
        faults.push(Fault::new(
            "/expires_at",
            "conflicting_dates",
            "the link would expire before it starts; `expires_at` must lie after `starts_at`",
        ));
    }
}

fn texts(content: &LinkContent, faults: &mut Vec<Fault>) {
    let texts = [
        ("/title", &content.title, limits::LINK_TITLE_CHARS_MAX),
        ("/note", &content.note, limits::LINK_NOTE_CHARS_MAX),
    ];
    for (pointer, text, max) in texts {
        length(pointer, text.as_ref(), max, faults);
    }
    let id = content.external_id.as_deref();
    let is_id = |id: &str| {
        (1..=limits::LINK_EXTERNAL_ID_BYTES_MAX).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_graphic())
    };
    if !id.is_none_or(is_id) {
        let detail = format!("give 1 to {} visible ASCII characters", limits::LINK_EXTERNAL_ID_BYTES_MAX);
        faults.push(Fault::new("/external_id", "invalid_value", detail));
    }
}

fn length(pointer: &str, text: Option<&String>, chars_max: usize, faults: &mut Vec<Fault>) {
    if text.is_some_and(|text| text.chars().count() > chars_max) {
        faults.push(Fault::new(pointer, "too_long", format!("give at most {chars_max} characters")));
    }
}

fn numbers(content: &LinkContent, faults: &mut Vec<Fault>) {
    if content.max_clicks.is_some_and(|max| !(1..=limits::LINK_MAX_CLICKS_MAX).contains(&max)) {
        let detail = format!("give a number from 1 to {}", limits::LINK_MAX_CLICKS_MAX);
        faults.push(Fault::new("/max_clicks", "out_of_range", detail));
    }
    if content.cache.max_age_s().is_some_and(|seconds| seconds > limits::LINK_CACHE_S_MAX) {
        let detail = format!("give at most {} seconds", limits::LINK_CACHE_S_MAX);
        faults.push(Fault::new("/cache_max_age_s", "out_of_range", detail));
    }
}

fn campaign(utm: &Utm, faults: &mut Vec<Fault>) {
    let values = [
        ("/utm/source", &utm.source),
        ("/utm/medium", &utm.medium),
        ("/utm/campaign", &utm.campaign),
        ("/utm/term", &utm.term),
        ("/utm/content", &utm.content),
    ];
    for (pointer, value) in values {
        length(pointer, value.as_ref(), limits::UTM_VALUE_CHARS_MAX, faults);
    }
}

fn preview(og: &OpenGraph, faults: &mut Vec<Fault>) {
    for (pointer, text) in [("/og/title", &og.title), ("/og/description", &og.description)] {
        length(pointer, text.as_ref(), limits::OG_TEXT_CHARS_MAX, faults);
    }
    let is_image = |text: &String| {
        let url = url::Url::parse(text);
        text.len() <= limits::URL_BYTES_MAX && url.is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    };
    if !og.image.as_ref().is_none_or(is_image) {
        faults.push(Fault::new("/og/image", "not_a_url", "expected the http(s) URL of an image"));
    }
}

fn watching(watch: &Watch, interval_s_min: u32, faults: &mut Vec<Fault>) {
    let interval_s = interval_s_min..=limits::WATCH_INTERVAL_S_MAX;
    if !interval_s.contains(&watch.interval_s) {
        let detail = format!("give {} to {} seconds", interval_s.start(), interval_s.end());
        faults.push(Fault::new("/watch/interval_s", "out_of_range", detail));
    }
    let expected = watch.expected_domain.as_deref();
    if expected.is_some_and(|domain| super::DomainHost::parse(domain).is_err()) {
        faults.push(Fault::new(
            "/watch/expected_domain",
            "invalid_value",
            super::DomainHostError.to_string(),
        ));
    }
}

#[cfg(test)]
mod tests;
