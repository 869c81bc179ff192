//! Reading rules strictly: every fault of every rule at once, each with its JSON pointer.

use std::{collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;
use serde_json::{Map, Value};

use super::{Conditions, Rule, TimeWindow, countries};
use crate::{click::Device, limits, problem::Fault, short_link::DestinationPolicy};

/// The members a rule and its conditions may have.
const RULE_MEMBERS: [&str; 2] = ["when", "url"];
const CONDITIONS: [&str; 9] =
    ["country", "device", "os", "browser", "language", "query", "cidr", "time_window", "percent"];

/// Reads the `rules` of a link; `pointer` is where they stand in the body.
pub fn parse_rules(
    value: &Value,
    pointer: &str,
    policy: &DestinationPolicy,
) -> Result<Vec<Rule>, Vec<Fault>> {
    let Value::Array(items) = value else {
        return Err(vec![Fault::new(pointer, "wrong_type", "expected a list of rules")]);
    };
    if items.len() > limits::LINK_RULES_MAX {
        let detail = format!("a link has at most {} rules", limits::LINK_RULES_MAX);
        return Err(vec![Fault::new(pointer, "too_many", detail)]);
    }
    let mut faults = Vec::new();
    let read = |(place, item): (usize, &Value)| {
        Reader { faults: &mut faults, policy }.rule(item, &format!("{pointer}/{place}"))
    };
    let rules: Vec<Rule> = items.iter().enumerate().filter_map(read).collect();
    if faults.is_empty() { Ok(rules) } else { Err(faults) }
}

/// Collects faults while reading.
struct Reader<'a> {
    faults: &'a mut Vec<Fault>,
    policy: &'a DestinationPolicy,
}

impl Reader<'_> {
    fn fault(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        self.faults.push(Fault::new(pointer, code, detail));
    }

    /// An object without members that are not named.
    fn object<'v>(&mut self, value: &'v Value, at: &str, members: &[&str]) -> Option<&'v Map<String, Value>> {
        let Value::Object(object) = value else {
            self.fault(at, "wrong_type", "expected an object");
            return None;
        };
        for unknown in object.keys().filter(|name| !members.contains(&name.as_str())) {
            self.fault(&member(at, unknown), "unknown_field", "there is no such field");
        }
        Some(object)
    }

    fn rule(&mut self, value: &Value, at: &str) -> Option<Rule> {
        let object = self.object(value, at, &RULE_MEMBERS)?;
        let when = object.get("when").map(|when| self.conditions(when, &member(at, "when")));
        if when.is_none() {
            self.fault(&member(at, "when"), "required", "a rule says when it holds");
        }
        let url = self.url(object.get("url"), &member(at, "url"));
        Some(Rule { when: when??, url: url? })
    }

    fn url(&mut self, value: Option<&Value>, at: &str) -> Option<String> {
        let Some(Value::String(text)) = value else {
            let code = if value.is_none() { "required" } else { "wrong_type" };
            self.fault(at, code, "a rule says where it leads");
            return None;
        };
        let judged = self.policy.judge(text);
        judged.inspect_err(|refusal| self.fault(at, refusal.word(), refusal.to_string())).ok()
    }

    fn conditions(&mut self, value: &Value, at: &str) -> Option<Conditions> {
        let object = self.object(value, at, &CONDITIONS)?;
        if object.is_empty() {
            self.fault(at, "required", "give at least one condition");
        }
        let mut when = Conditions::default();
        for (name, value) in object {
            let at = member(at, name);
            match name.as_str() {
                "country" => when.country = self.list(value, &at, country),
                "device" => when.device = self.list(value, &at, device),
                "os" => when.os = self.list(value, &at, text),
                "browser" => when.browser = self.list(value, &at, text),
                "language" => when.language = self.list(value, &at, language),
                "query" => when.query = self.query(value, &at),
                "cidr" => when.cidr = self.list(value, &at, net),
                "time_window" => when.time_window = self.time_window(value, &at),
                "percent" => when.percent = self.percent(value, &at),
                _ => {}
            }
        }
        Some(when)
    }

    /// One text, or a list of texts that is not empty.
    fn list<T>(&mut self, value: &Value, at: &str, read: fn(&str) -> Result<T, &'static str>) -> Vec<T> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        if items.is_empty() || items.len() > limits::RULE_VALUES_MAX {
            self.fault(at, "wrong_length", format!("give 1 to {} values", limits::RULE_VALUES_MAX));
            return Vec::new();
        }
        let mut values = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let here = if value.is_array() { format!("{at}/{place}") } else { at.to_owned() };
            match item.as_str().ok_or("expected a text").and_then(read) {
                Ok(value) => values.push(value),
                Err(detail) => self.fault(&here, "invalid_value", detail),
            }
        }
        values
    }

    fn query(&mut self, value: &Value, at: &str) -> BTreeMap<String, Option<String>> {
        let Value::Object(object) = value else {
            self.fault(at, "wrong_type", "expected an object of parameters");
            return BTreeMap::new();
        };
        if object.is_empty() || object.len() > limits::RULE_VALUES_MAX {
            self.fault(at, "wrong_length", format!("give 1 to {} parameters", limits::RULE_VALUES_MAX));
        }
        let mut query = BTreeMap::new();
        for (name, value) in object {
            match value {
                Value::Null => drop(query.insert(name.clone(), None)),
                Value::String(value) if value.len() <= limits::RULE_TEXT_BYTES_MAX => {
                    query.insert(name.clone(), Some(value.clone()));
                }
                _ => self.fault(
                    &member(at, name),
                    "invalid_value",
                    "expected a short text, or null for any value",
                ),
            }
        }
        query
    }

    fn time_window(&mut self, value: &Value, at: &str) -> Option<TimeWindow> {
        let window: TimeWindow = match serde_json::from_value(value.clone()) {
            Ok(window) => window,
            Err(error) => {
                self.fault(at, "invalid_value", error.to_string());
                return None;
            }
        };
        for (name, detail) in window.faults() {
            let here = if name.is_empty() { at.to_owned() } else { member(at, name) };
            self.fault(&here, "invalid_value", detail);
        }
        Some(window)
    }

    fn percent(&mut self, value: &Value, at: &str) -> Option<u8> {
        let percent = value.as_u64().and_then(|percent| u8::try_from(percent).ok());
        let percent = percent.filter(|percent| *percent <= 100);
        if percent.is_none() {
            self.fault(at, "invalid_value", "expected a whole number from 0 to 100");
        }
        percent
    }
}

/// A JSON pointer one step deeper (RFC 6901 §3).
fn member(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn country(text: &str) -> Result<crate::click::Country, &'static str> {
    countries::find(text).ok_or("there is no such country; give an ISO 3166-1 code of two letters")
}

fn device(text: &str) -> Result<Device, &'static str> {
    text.parse().map_err(|_| "expected desktop, mobile, tablet, tv, console, wearable or unknown")
}

fn text(text: &str) -> Result<String, &'static str> {
    let fits = !text.trim().is_empty() && text.len() <= limits::RULE_TEXT_BYTES_MAX;
    if fits { Ok(text.trim().to_owned()) } else { Err("expected a name of 1 to 255 bytes") }
}

/// A language range of RFC 4647 §2.1 without `*`.
fn language(text: &str) -> Result<String, &'static str> {
    let subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    let is_language = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    if is_language && parts.all(subtag) {
        Ok(text.to_owned())
    } else {
        Err("expected a language such as `de` or `pt-BR`")
    }
}

/// A network, or one address.
fn net(text: &str) -> Result<IpNet, &'static str> {
    let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    net.map(|net| net.trunc()).map_err(|_| "expected a network such as `192.0.2.0/24`, or an address")
}

#[cfg(test)]
mod tests;
