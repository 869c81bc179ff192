//! Why a visit does not count as a person's click.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

/// The first reason that holds, in this order.
#[derive(
    Clone,
    Copy,
    Debug,
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
pub enum BotReason {
    /// `HEAD`: someone looks, nobody reads.
    Head,
    /// The browser fetches ahead (`Sec-Purpose: prefetch`, `Purpose: prefetch`).
    Prefetch,
    /// A messenger or network unfolds the link.
    PreviewBot,
    /// A search engine, archive, monitor or scanner.
    Crawler,
    /// A program's own library (`curl/…`, `python-requests/…`).
    Library,
    /// No `User-Agent` at all.
    NoAgent,
}

impl BotReason {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
