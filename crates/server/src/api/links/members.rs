//! Readers of a link's members.

use hopline_domain::{
    click::Utm,
    limits::{LINK_PASSWORD_BYTES_MAX, QR_DESIGN_BYTES_MAX, URL_BYTES_MAX},
    short_link::{LinkContent, OpenGraph, QrDesign, RedirectStatus, Rule, Slug, TagName, Watch, parse_rules},
};
use serde_json::Value;

use crate::{
    app::App,
    fields::{Fields, Place, integer, object, text},
    qr_design,
};

/// More than any text of a link may have; its own bound is in characters and judged with the whole link.
const TEXT_BYTES_MAX: usize = 16 * 1024;
const HOST_BYTES_MAX: usize = 300;
/// A longer URL is refused anyway; it is read so far that the refusal can say so.
const URL_READ_BYTES_MAX: usize = 4 * URL_BYTES_MAX;

pub(super) fn domain(value: &Value, place: &mut Place<'_>) -> Option<String> {
    text(HOST_BYTES_MAX)(value, place)
}

pub(super) fn slug(value: &Value, place: &mut Place<'_>) -> Option<Slug> {
    let text = text(TEXT_BYTES_MAX)(value, place)?;
    Slug::parse(&text).or_else(|error| place.refuse(error.word(), error.to_string()).ok_or(())).ok()
}

pub(super) fn tag(value: &Value, place: &mut Place<'_>) -> Option<TagName> {
    let text = text(TEXT_BYTES_MAX)(value, place)?;
    TagName::parse(&text).or_else(|error| place.refuse("malformed", error.to_string()).ok_or(())).ok()
}

/// Each tag once, by the spelling that came first.
pub(super) fn without_repeats(tags: Vec<TagName>) -> Vec<TagName> {
    let mut kept: Vec<TagName> = Vec::with_capacity(tags.len());
    for tag in tags {
        if !kept.iter().any(|known| known.key() == tag.key()) {
            kept.push(tag);
        }
    }
    kept
}

/// A URL visits may be sent to. One that stays as it was is taken as it is.
pub(super) fn destination<'a>(
    app: &'a App,
    before: Option<&'a str>,
) -> impl Fn(&Value, &mut Place<'_>) -> Option<String> + 'a {
    move |value, place| {
        let url = text(URL_READ_BYTES_MAX)(value, place)?;
        if before == Some(url.as_str()) {
            return Some(url);
        }
        match app.destinations.judge(&url) {
            Ok(url) => Some(url),
            Err(refusal) => place.refuse(refusal.word(), refusal.to_string()),
        }
    }
}

/// Rules; those that stay as they were are taken as they are.
pub(super) fn rules<'a>(
    app: &'a App,
    before: Option<&'a LinkContent>,
) -> impl Fn(&Value, &mut Place<'_>) -> Option<Vec<Rule>> + 'a {
    move |value, place| {
        let known =
            before.filter(|link| serde_json::to_value(&link.rules).is_ok_and(|rules| rules == *value));
        if let Some(link) = known {
            return Some(link.rules.clone());
        }
        match parse_rules(value, "", &app.destinations) {
            Ok(rules) => Some(rules),
            Err(faults) => {
                for fault in faults {
                    place.refuse_below(&fault.pointer, &fault.code, fault.detail);
                }
                None
            }
        }
    }
}

pub(super) fn redirect_status(value: &Value, place: &mut Place<'_>) -> Option<RedirectStatus> {
    let code = value.as_u64().and_then(|code| u16::try_from(code).ok());
    match code.map(RedirectStatus::try_from) {
        Some(Ok(status)) => Some(status),
        _ => place.refuse("unknown_word", "give 301, 302, 307 or 308"),
    }
}

/// Printable text of one line.
pub(super) fn line(value: &Value, place: &mut Place<'_>) -> Option<String> {
    let text = text(TEXT_BYTES_MAX)(value, place)?;
    if text.chars().any(char::is_control) {
        return place.refuse("malformed", "leave out control characters");
    }
    Some(text)
}

/// Printable text that may have line breaks.
pub(super) fn lines(value: &Value, place: &mut Place<'_>) -> Option<String> {
    let text = text(TEXT_BYTES_MAX)(value, place)?;
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return place.refuse("malformed", "leave out control characters");
    }
    Some(text)
}

pub(super) fn password(value: &Value, place: &mut Place<'_>) -> Option<String> {
    let password = text(LINK_PASSWORD_BYTES_MAX)(value, place)?;
    if password.is_empty() {
        return place.refuse("required", "give at least one character, or leave the password out");
    }
    Some(password)
}

pub(super) fn utm(value: &Value, place: &mut Place<'_>) -> Option<Utm> {
    object(|utm| Utm {
        source: filled(utm, "source"),
        medium: filled(utm, "medium"),
        campaign: filled(utm, "campaign"),
        term: filled(utm, "term"),
        content: filled(utm, "content"),
    })(value, place)
}

pub(super) fn open_graph(value: &Value, place: &mut Place<'_>) -> Option<OpenGraph> {
    object(|og| OpenGraph {
        title: filled(og, "title"),
        description: og.optional("description", lines).filter(|text| !text.is_empty()),
        image: filled(og, "image"),
    })(value, place)
}

/// A text that says something.
fn filled(fields: &mut Fields<'_, '_>, name: &'static str) -> Option<String> {
    fields.optional(name, line).filter(|text| !text.is_empty())
}

pub(super) fn watch(value: &Value, place: &mut Place<'_>) -> Option<Watch> {
    object(|watch| {
        let interval_s = watch.required("interval_s", integer(1, u64::from(u32::MAX)));
        let expected_domain = watch.optional("expected_domain", domain);
        let interval_s = interval_s.and_then(|seconds| u32::try_from(seconds).ok())?;
        Some(Watch { interval_s, expected_domain })
    })(value, place)
    .flatten()
}

/// A saved design; `null` members say nothing.
pub(super) fn qr(value: &Value, place: &mut Place<'_>) -> Option<QrDesign> {
    let Value::Object(design) = value else { return place.refuse("type", "give an object") };
    let design: Value = design.iter().filter(|(_, value)| !value.is_null()).map(pair).collect();
    if serde_json::to_vec(&design).is_ok_and(|bytes| bytes.len() > QR_DESIGN_BYTES_MAX) {
        return place.refuse("too_long", format!("give at most {QR_DESIGN_BYTES_MAX} bytes"));
    }
    let design = QrDesign(design);
    let faults = qr_design::check(&design);
    for fault in &faults {
        place.refuse_below(&fault.pointer, &fault.code, fault.detail.as_str());
    }
    faults.is_empty().then_some(design)
}

fn pair((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fields::Faults;

    fn faults<T>(value: &Value, read: impl Fn(&Value, &mut Place<'_>) -> Option<T>) -> Vec<String> {
        let mut faults = Faults::default();
        read(value, &mut Place::root(&mut faults));
        faults.into_vec().into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn members_are_judged_one_by_one() {
        assert_eq!(faults(&json!("v1/x"), slug), [" reserved_slug"]);
        assert_eq!(faults(&json!("a//b"), slug), [" bad_slug"]);
        assert_eq!(faults(&json!(7), slug), [" type"]);
        assert_eq!(faults(&json!("a,b"), tag), [" malformed"]);
        assert_eq!(faults(&json!(303), redirect_status), [" unknown_word"]);
        assert_eq!(faults(&json!("307"), redirect_status), [" unknown_word"]);
        assert_eq!(faults(&json!("a\nb"), line), [" malformed"]);
        assert!(faults(&json!("a\nb"), lines).is_empty());
        assert_eq!(faults(&json!(""), password), [" required"]);
        assert_eq!(faults(&json!({"source": "x", "sauce": 1}), utm), ["/sauce unknown"]);
        assert_eq!(faults(&json!({"expected_domain": "a.example"}), watch), ["/interval_s required"]);
        assert_eq!(faults(&json!([]), qr), [" type"]);
        assert_eq!(faults(&json!({"logo": "x".repeat(QR_DESIGN_BYTES_MAX)}), qr), [" too_long"]);
    }

    #[test]
    fn a_tag_counts_once() {
        let tags = ["Sale", "sale", "Summer"].map(|name| TagName::parse(name).unwrap());
        let kept = without_repeats(tags.to_vec());
        assert_eq!(kept.iter().map(TagName::as_str).collect::<Vec<_>>(), ["Sale", "Summer"]);
    }

    #[test]
    fn empty_texts_and_nulls_say_nothing() {
        let mut faults = Faults::default();
        let read =
            utm(&json!({"source": "", "medium": null, "term": "x"}), &mut Place::root(&mut faults)).unwrap();
        assert_eq!(read, Utm { term: Some("x".to_owned()), ..Utm::default() });
        let design = qr(&json!({"logo": null, "style": "rounded"}), &mut Place::root(&mut faults)).unwrap();
        assert_eq!(design.0, json!({"style": "rounded"}));
        assert!(faults.is_empty());
    }
}
