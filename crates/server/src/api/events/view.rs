//! An event of the log.

use hopline_domain::{store::LoggedEvent, time::Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventBody {
    #[schema(example = "evt_019e97803c0070008000000000000001")]
    id: String,
    /// Place in the order in which events were committed; clicks have none.
    seq: Option<i64>,
    #[serde(rename = "type")]
    #[schema(example = "link.created")]
    event_type: &'static str,
    job_id: Option<String>,
    link_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// As endpoints get it, byte for byte.
    #[schema(value_type = Object)]
    body: Box<RawValue>,
}

impl EventBody {
    pub(super) fn of(event: LoggedEvent) -> Self {
        let body = String::from_utf8(event.body).ok().and_then(|text| RawValue::from_string(text).ok());
        Self {
            id: event.id.to_string(),
            seq: (event.seq > 0).then_some(event.seq),
            event_type: event.event_type.as_str(),
            job_id: event.job_id.map(|id| id.to_string()),
            link_id: event.link_id.map(|id| id.to_string()),
            created_at: event.created_at,
            body: body.unwrap_or_else(|| RawValue::NULL.to_owned()),
        }
    }
}
