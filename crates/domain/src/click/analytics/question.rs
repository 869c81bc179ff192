//! A question about a workspace's clicks.

use strum::{EnumString, IntoStaticStr};

use crate::{
    click::analytics::{Dimension, Interval, Zone},
    time::Timestamp,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Metric {
    Clicks,
    /// Daily uniques; over several days their sum.
    Visitors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Bots {
    Exclude,
    Include,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Time,
    By(Dimension),
}

/// `from` belongs to it, `until` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// Clicks whose value is one of these, or with `negated` none of them. What is unknown is none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub dimension: Dimension,
    pub values: Vec<String>,
    pub negated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub metric: Metric,
    pub group: Group,
    /// Splits the answer by time as well; always given when grouped by time.
    pub interval: Option<Interval>,
    pub zone: Zone,
    pub span: Span,
    /// At most one for each dimension.
    pub filters: Vec<Filter>,
    pub bots: Bots,
}
