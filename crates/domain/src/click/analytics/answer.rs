//! What a question about clicks came to.

use strum::IntoStaticStr;

use crate::{click::analytics::Dimension, time::Timestamp};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DimensionValue {
    Known(String),
    /// The click did not say.
    Unknown,
    /// What came after the day's first thousand values.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalyticsRow {
    /// Beginning of the bucket, when there is an interval.
    pub time: Option<Timestamp>,
    /// When grouped by a dimension.
    pub value: Option<DimensionValue>,
    pub count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AnswerSource {
    Rollup,
    Raw,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Analysed {
    /// By time, then by count, highest first.
    Answer { rows: Vec<AnalyticsRow>, total: u64, source: AnswerSource },
    /// More raw clicks than one answer may read; with a filter on `add` there would be fewer.
    TooWide { rows_max: u64, add: Option<Dimension> },
}
