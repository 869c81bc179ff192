//! An answer about clicks as the API shows it.

use hopline_domain::{
    click::analytics::{AnalyticsRow, AnswerSource, DimensionValue, Group, Question},
    time::Timestamp,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Analytics)]
pub(super) struct AnalyticsBody {
    /// `time` or a dimension.
    #[schema(value_type = String)]
    group_by: &'static str,
    /// `hour`, `day`, `week` or `month`; `null` = not split by time.
    #[schema(value_type = Option<String>)]
    interval: Option<&'static str>,
    /// `clicks` or `visitors`.
    #[schema(value_type = String)]
    metric: &'static str,
    #[schema(value_type = String)]
    from: Timestamp,
    #[schema(value_type = String)]
    until: Timestamp,
    time_zone: String,
    /// The zone is off the whole hour: its buckets begin at the nearest one.
    time_zone_rounded: bool,
    /// `rollup` or `raw`.
    #[schema(value_type = String)]
    source: &'static str,
    /// Sum of all counts.
    total: u64,
    /// By time, then by count, highest first. What has no clicks is left out.
    data: Vec<AnalyticsRowBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsRow)]
struct AnalyticsRowBody {
    /// Beginning of the bucket, when split by time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    time: Option<Timestamp>,
    /// When grouped by a dimension; `null` = the clicks did not say, or the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Value>,
    /// The rest beyond a thousand values.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    other: bool,
    count: u64,
}

impl AnalyticsBody {
    pub(super) fn of(question: &Question, rows: Vec<AnalyticsRow>, total: u64, source: AnswerSource) -> Self {
        let group_by = match question.group {
            Group::Time => "time",
            Group::By(dimension) => dimension.as_str(),
        };
        Self {
            group_by,
            interval: question.interval.map(hopline_domain::click::analytics::Interval::as_str),
            metric: question.metric.into(),
            from: question.span.from,
            until: question.span.until,
            time_zone: question.zone.name().to_owned(),
            time_zone_rounded: question.zone.is_rounded(),
            source: source.into(),
            total,
            data: rows.into_iter().map(AnalyticsRowBody::of).collect(),
        }
    }
}

impl AnalyticsRowBody {
    fn of(row: AnalyticsRow) -> Self {
        let other = row.value == Some(DimensionValue::Other);
        let value = row.value.map(|value| match value {
            DimensionValue::Known(value) => Value::String(value),
            DimensionValue::Unknown | DimensionValue::Other => Value::Null,
        });
        Self { time: row.time, value, other, count: row.count }
    }
}
