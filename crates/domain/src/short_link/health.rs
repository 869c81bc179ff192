//! What the last check of a link's destination found. It never changes what a visit is answered.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

use crate::time::Timestamp;

#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HealthStatus {
    /// Never checked, or not checked because `reason` forbids it.
    #[default]
    Unknown,
    Healthy,
    Broken,
    /// The destination is on another registrable domain than expected or than before.
    Drifted,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LinkHealth {
    pub status: HealthStatus,
    /// A stable word: a reason of the resolver, or `out_of_credits`.
    pub reason: Option<String>,
    pub checked_at: Option<Timestamp>,
    pub final_url: Option<String>,
}
