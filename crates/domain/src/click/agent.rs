//! What a visitor's agent is: device, operating system, browser.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

/// The kind of machine a visitor holds.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Device {
    Desktop,
    Mobile,
    Tablet,
    Tv,
    Console,
    Wearable,
    /// The agent names no machine, or a program without one.
    #[default]
    Unknown,
}

impl Device {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a `User-Agent` says. Names are the catalogue's (`Chrome`, `iOS`), without versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    pub device: Device,
    pub os: Option<String>,
    pub browser: Option<String>,
}
