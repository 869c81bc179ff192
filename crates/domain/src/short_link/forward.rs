//! The `Location` of a redirect: the destination with campaign parameters and what the visitor brought.

use url::{Url, form_urlencoded};

use super::{LinkContent, Visit};
use crate::click::Utm;

/// Marks a scanned code; it is ours and goes no further.
const SOURCE_PAIR: &str = "src=qr";

/// Where a visit goes; `None` when its path can't be handed on safely.
///
/// A parameter of the link's `utm` replaces the destination's of that name; one the visitor brings replaces both.
pub(super) fn location(destination: &str, content: &LinkContent, visit: &Visit<'_>) -> Option<String> {
    let brought = if content.forward_query { visit.query.unwrap_or_default() } else { "" };
    let brought: Vec<&str> = pairs(brought).filter(|pair| *pair != SOURCE_PAIR).collect();
    if brought.is_empty() && visit.rest.is_none() && content.utm == Utm::default() {
        return Some(destination.to_owned());
    }
    let mut url = Url::parse(destination).ok()?;
    if let Some(rest) = visit.rest {
        append_path(&mut url, rest)?;
    }
    set_query(&mut url, &content.utm, &brought);
    Some(url.into())
}

/// Appends what followed the slug, percent-encoding as it came.
fn append_path(url: &mut Url, rest: &str) -> Option<()> {
    if is_trap(rest) {
        return None;
    }
    let path = format!("{}/{rest}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    // Whatever a URL parser may make of it: what it was given is what is sent.
    (url.path() == path).then_some(())
}

/// Paths that would climb out of the destination's, or that servers read in different ways: dot segments in any
/// spelling, backslashes, empty segments.
fn is_trap(rest: &str) -> bool {
    let segments: Vec<&str> = rest.split('/').collect();
    let last = segments.len().saturating_sub(1);
    let climbs = |segment: &str| {
        let decoded = decode(segment);
        decoded.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"." || part == b"..")
    };
    let is_empty = |(place, segment): (usize, &&str)| segment.is_empty() && place != last;
    rest.contains('\\') || segments.iter().enumerate().any(is_empty) || segments.iter().any(|one| climbs(one))
}

/// Percent-decoded bytes; what is no escape stays.
fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let escape = text.get(place + 1..place + 3).filter(|_| *byte == b'%');
        if let Some(escaped) = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(escaped);
            place += 3;
        } else {
            decoded.push(*byte);
            place += 1;
        }
    }
    decoded
}

fn set_query(url: &mut Url, utm: &Utm, brought: &[&str]) {
    let own = campaign(utm);
    let brought_names: Vec<String> = brought.iter().map(|pair| name_of(pair)).collect();
    let stays = |name: &str| !brought_names.iter().any(|brought| brought == name);
    let mut query = String::new();
    let given = url.query().unwrap_or_default().to_owned();
    for pair in pairs(&given) {
        let name = name_of(pair);
        if stays(&name) && !own.iter().any(|(own, _)| *own == name) {
            join(&mut query, pair);
        }
    }
    for (name, value) in own.iter().filter(|(name, _)| stays(name)) {
        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        join(&mut query, &pair);
    }
    for pair in brought {
        join(&mut query, pair);
    }
    url.set_query((!query.is_empty()).then_some(query.as_str()));
}

fn campaign(utm: &Utm) -> Vec<(&'static str, &str)> {
    let named = [
        ("utm_source", &utm.source),
        ("utm_medium", &utm.medium),
        ("utm_campaign", &utm.campaign),
        ("utm_term", &utm.term),
        ("utm_content", &utm.content),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
}

fn pairs(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|pair| !pair.is_empty())
}

/// The decoded name of a pair.
fn name_of(pair: &str) -> String {
    form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn join(query: &mut String, pair: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(pair);
}

#[cfg(test)]
mod tests;
