//! Readers of an endpoint's members.

use std::collections::BTreeMap;

use hopline_domain::{
    address,
    endpoint::{EventFilter, EventPattern},
    limits::{
        ENDPOINT_DESCRIPTION_CHARS_MAX, ENDPOINT_EVENTS_MAX, ENDPOINT_HEADER_VALUE_BYTES_MAX,
        ENDPOINT_HEADERS_MAX, RETRIES_MAX, RETRY_DELAY_S_MAX, URL_BYTES_MAX,
    },
    retry::RetrySchedule,
};
use serde_json::Value;
use url::Url;

use crate::{
    app::App,
    fields::{Place, integer, list, parsed, text},
};

const EVENT_NAME_BYTES_MAX: usize = 64;
const DESCRIPTION_BYTES_MAX: usize = ENDPOINT_DESCRIPTION_CHARS_MAX * 4;

/// An address that may be called, as far as its text tells.
pub(super) fn url(app: &App) -> impl Fn(&Value, &mut Place<'_>) -> Option<String> {
    move |value, place| {
        let text = text(URL_BYTES_MAX)(value, place)?;
        let url = match Url::parse(&text) {
            Ok(url) => url,
            Err(error) => return place.refuse("malformed", format!("this is no URL: {error}")),
        };
        match address::judge_webhook_text(&url, &app.parts.policy) {
            Ok(()) => Some(text),
            Err(refusal) => place.refuse(refusal.word(), refusal.to_string()),
        }
    }
}

pub(super) fn description(value: &Value, place: &mut Place<'_>) -> Option<String> {
    let parse = |text: &str| {
        let fits =
            text.chars().count() <= ENDPOINT_DESCRIPTION_CHARS_MAX && !text.chars().any(char::is_control);
        let refusal = || format!("give at most {ENDPOINT_DESCRIPTION_CHARS_MAX} printable characters");
        if fits { Ok(text.to_owned()) } else { Err(refusal()) }
    };
    parsed(DESCRIPTION_BYTES_MAX, parse)(value, place)
}

pub(in crate::api) fn event_pattern(value: &Value, place: &mut Place<'_>) -> Option<EventPattern> {
    let name = text(EVENT_NAME_BYTES_MAX)(value, place)?;
    match name.parse() {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let error: hopline_domain::endpoint::UnknownEvent = error;
            place.refuse("unknown_word", error.to_string())
        }
    }
}

pub(super) fn events(value: &Value, place: &mut Place<'_>) -> Option<EventFilter> {
    let patterns = list(ENDPOINT_EVENTS_MAX, event_pattern)(value, place)?;
    if value.as_array().is_some_and(Vec::is_empty) {
        return place.refuse("required", "name at least one event, or `*`");
    }
    Some(EventFilter::new(patterns))
}

/// Seconds before each retry.
pub(super) fn schedule(value: &Value, place: &mut Place<'_>) -> Option<RetrySchedule> {
    let delays = list(RETRIES_MAX, integer(1, u64::from(RETRY_DELAY_S_MAX)))(value, place)?;
    RetrySchedule::new(delays.into_iter().filter_map(|delay| u32::try_from(delay).ok()).collect())
}

/// Names with values; `null` takes a header away. Names and values are judged when all of them are known.
pub(super) fn headers(value: &Value, place: &mut Place<'_>) -> Option<BTreeMap<String, Option<String>>> {
    let Some(object) = value.as_object() else { return place.refuse("type", "give an object of strings") };
    if object.len() > ENDPOINT_HEADERS_MAX {
        return place.refuse("too_many", format!("give at most {ENDPOINT_HEADERS_MAX} headers"));
    }
    let read = text(ENDPOINT_HEADER_VALUE_BYTES_MAX);
    let members = object.iter().filter_map(|(name, value)| {
        let value = if value.is_null() { None } else { Some(read(value, &mut place.below(name))?) };
        Some((name.clone(), value))
    });
    Some(members.collect())
}
