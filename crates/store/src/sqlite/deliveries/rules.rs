//! What all deliveries of one lane are sent by: its endpoint's settings, or those of a request's receiver.

use std::sync::Arc;

use hopline_domain::{delivery::Receiver, id::EndpointId, store::LaneRules};
use rusqlite::Connection;

use crate::sqlite::{
    fault::SqlResult,
    lanes::Lane,
    rows::{self, Columns},
};

const ENDPOINT_RULES: &str = "-- endpoint_rules
select url, schedule, timeout_ms, sealed_headers from endpoints where id = ?1";

/// The rules of a lane, and where its deliveries go now.
pub(super) struct OfLane {
    pub(super) rules: Arc<LaneRules>,
    /// `None`: where each of them says.
    pub(super) url: Option<String>,
}

pub(super) fn read(connection: &Connection, lane: &Lane) -> SqlResult<OfLane> {
    let of_endpoint =
        |id: EndpointId| rows::one(connection, ENDPOINT_RULES, [id.0], |columns| rules_of(columns, id));
    let found = lane.endpoint_id.map(of_endpoint).transpose()?.flatten();
    Ok(found.unwrap_or_else(|| OfLane { rules: Arc::default(), url: None }))
}

fn rules_of(columns: &mut Columns<'_, '_>, id: EndpointId) -> SqlResult<OfLane> {
    let url = columns.take()?;
    let schedule = columns.json("an endpoint's retry schedule")?;
    let timeout_ms = u64::try_from(columns.take::<i64>()?).unwrap_or(0);
    let sealed: Vec<u8> = columns.take()?;
    let sealed_headers = (!sealed.is_empty()).then_some((id, sealed));
    let rules = LaneRules { receiver: Receiver::Endpoint, schedule, timeout_ms, sealed_headers };
    Ok(OfLane { rules: Arc::new(rules), url: Some(url) })
}
