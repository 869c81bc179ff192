//! Readers of single values. Each takes a value and its place, and answers it typed or notes what is wrong.

use std::{collections::BTreeMap, str::FromStr};

use hopline_domain::time::Timestamp;
use serde_json::Value;

use super::{Fields, Place};

/// A string of at most so many bytes.
pub(crate) fn text(bytes_max: usize) -> impl Fn(&Value, &mut Place<'_>) -> Option<String> {
    move |value, place| match value {
        Value::String(text) if text.len() > bytes_max => {
            place.refuse("too_long", format!("give at most {bytes_max} bytes"))
        }
        Value::String(text) => Some(text.clone()),
        _ => place.refuse("type", "give a string"),
    }
}

/// A whole number within bounds.
pub(crate) fn integer(min: u64, max: u64) -> impl Fn(&Value, &mut Place<'_>) -> Option<u64> {
    move |value, place| match (whole(value), value.is_number()) {
        (Some(number), _) if (min..=max).contains(&number) => Some(number),
        (_, true) => place.refuse("out_of_range", format!("give a whole number from {min} to {max}")),
        _ => place.refuse("type", "give a whole number"),
    }
}

/// JSON does not tell `5` from `5.0`, and neither does JSON Schema.
fn whole(value: &Value) -> Option<u64> {
    let from_float = || value.as_f64().filter(|float| float.fract() == 0.0)?.to_string().parse().ok();
    value.as_u64().or_else(from_float)
}

pub(crate) fn boolean(value: &Value, place: &mut Place<'_>) -> Option<bool> {
    value.as_bool().or_else(|| place.refuse("type", "give true or false"))
}

/// One of a closed set of words.
pub(crate) fn word<T: FromStr>(choices: &'static str) -> impl Fn(&Value, &mut Place<'_>) -> Option<T> {
    move |value, place| match value.as_str() {
        Some(text) => {
            text.parse().ok().or_else(|| place.refuse("unknown_word", format!("give one of: {choices}")))
        }
        None => place.refuse("type", "give a string"),
    }
}

/// A string that `parse` makes something of, or refuses with a sentence.
pub(crate) fn parsed<T>(
    bytes_max: usize,
    parse: impl Fn(&str) -> Result<T, String>,
) -> impl Fn(&Value, &mut Place<'_>) -> Option<T> {
    let read = text(bytes_max);
    move |value, place| match parse(&read(value, place)?) {
        Ok(parsed) => Some(parsed),
        Err(detail) => place.refuse("malformed", detail),
    }
}

/// A point in time, ISO 8601 with an offset.
pub(crate) fn timestamp(value: &Value, place: &mut Place<'_>) -> Option<Timestamp> {
    let parse = |text: &str| {
        Timestamp::parse(text)
            .ok_or_else(|| "give an ISO 8601 time with an offset, as 2026-06-05T12:00:00Z".to_owned())
    };
    parsed(64, parse)(value, place)
}

/// A list of at most so many items. Items that are refused are left out; their faults are noted.
pub(crate) fn list<T>(
    items_max: usize,
    item: impl Fn(&Value, &mut Place<'_>) -> Option<T>,
) -> impl Fn(&Value, &mut Place<'_>) -> Option<Vec<T>> {
    move |value, place| {
        let Some(items) = value.as_array() else { return place.refuse("type", "give a list") };
        if items.len() > items_max {
            return place.refuse("too_many", format!("give at most {items_max} items"));
        }
        let read = items
            .iter()
            .enumerate()
            .filter_map(|(index, value)| item(value, &mut place.below(&index.to_string())));
        Some(read.collect())
    }
}

/// An object, read member by member; unknown members are faults.
pub(crate) fn object<T>(
    read: impl Fn(&mut Fields<'_, '_>) -> T,
) -> impl Fn(&Value, &mut Place<'_>) -> Option<T> {
    move |value, place| {
        let Some(object) = value.as_object() else { return place.refuse("type", "give an object") };
        let here = Place { pointer: place.pointer.clone(), faults: place.faults };
        let mut fields = Fields::new(object, here);
        let answer = read(&mut fields);
        fields.finish();
        Some(answer)
    }
}

/// An object of strings under names of the caller's choice.
pub(crate) fn text_map(
    members_max: usize,
    bytes_max: usize,
) -> impl Fn(&Value, &mut Place<'_>) -> Option<BTreeMap<String, String>> {
    let read = text(bytes_max);
    move |value, place| {
        let Some(object) = value.as_object() else {
            return place.refuse("type", "give an object of strings");
        };
        if object.len() > members_max {
            return place.refuse("too_many", format!("give at most {members_max} members"));
        }
        let members = object
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), read(value, &mut place.below(name))?)));
        Some(members.collect())
    }
}
