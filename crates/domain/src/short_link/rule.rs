//! Rules of a link: ordered, the first whose conditions all hold chooses the destination.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::click::{Country, Device};

mod countries;
mod holds;
mod language;
mod parse;
mod percent;
mod time_window;

pub use parse::parse_rules;
pub use time_window::TimeWindow;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub when: Conditions,
    /// Serialised as WHATWG URL does.
    pub url: String,
}

/// What must hold of a visit: every condition that is given, of a list one value. At least one is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub country: Vec<Country>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device: Vec<Device>,
    /// As agents are read (`iOS`, `Windows`), compared without regard to case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub os: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub browser: Vec<String>,
    /// `de` holds for `de-AT` too; `de-AT` for itself alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<String>,
    /// Every parameter must be there; with a value, with that one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, Option<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cidr: Vec<IpNet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_window: Option<TimeWindow>,
    /// Of the visits that come this far in the list, 0–100; the same visitor always falls on the same side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
}
