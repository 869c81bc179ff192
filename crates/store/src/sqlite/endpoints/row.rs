//! An endpoint as its columns, and as the audit log shows it.

use hopline_domain::{
    endpoint::{Endpoint, EndpointSettings, EndpointState, Pace, SealedHeaders},
    id::{EndpointId, FamilyId, KeyId, WorkspaceId},
};
use serde_json::{Value, json};

use crate::sqlite::{
    fault::{Fault, SqlResult},
    lanes,
    rows::Columns,
};

/// The columns [`read`] takes, in its order, with the tables they come from.
macro_rules! endpoint_view {
    () => {
        "p.seq, p.id, p.workspace_id, p.family_id, p.url, p.description, p.events, p.links, p.header_names,
    p.sealed_headers, f.signature_headers, p.schedule, p.timeout_ms, l.concurrency, l.rate_per_s, l.batch_events,
    l.batch_wait_ms, p.state, p.disabled_reason, p.disabled_at, l.failing_since, p.created_by, p.created_at, p.updated_at
from endpoints p join families f on f.id = p.family_id join lanes l on l.id = p.lane_id"
    };
}
pub(super) use endpoint_view;

/// An endpoint with its row number.
pub(super) fn read(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, Endpoint)> {
    let seq = columns.take()?;
    let endpoint = Endpoint {
        id: EndpointId(columns.take()?),
        workspace_id: WorkspaceId(columns.take()?),
        family_id: FamilyId(columns.take()?),
        settings: read_settings(columns)?,
        state: read_state(columns)?,
        failing_since: columns.time_or_none()?,
        created_by: KeyId(columns.take()?),
        created_at: columns.time()?,
        updated_at: columns.time()?,
    };
    Ok((seq, endpoint))
}

fn read_settings(columns: &mut Columns<'_, '_>) -> SqlResult<EndpointSettings> {
    Ok(EndpointSettings {
        url: columns.take()?,
        description: columns.take()?,
        events: columns.json("an endpoint's event filter")?,
        links: columns.json("an endpoint's link filter")?,
        headers: SealedHeaders {
            names: columns.json("an endpoint's header names")?,
            sealed: columns.take()?,
        },
        signature_headers: columns.json("an endpoint's signature headers")?,
        pace: Pace {
            schedule: columns.json("an endpoint's retry schedule")?,
            timeout_ms: u64::try_from(columns.take::<i64>()?).unwrap_or(0),
            concurrency: columns.take()?,
            rate_per_s: columns.take()?,
        },
        batch: lanes::read_batch(columns)?,
    })
}

fn read_state(columns: &mut Columns<'_, '_>) -> SqlResult<EndpointState> {
    let (word, reason) = (columns.take::<String>()?, columns.word_or_none("why an endpoint is disabled")?);
    let at = columns.time_or_none()?;
    match (word.as_str(), reason, at) {
        ("active", ..) => Ok(EndpointState::Active),
        ("deleted", ..) => Ok(EndpointState::Deleted),
        ("disabled", Some(reason), Some(at)) => Ok(EndpointState::Disabled { reason, at }),
        _ => Err(Fault::decode("an endpoint's state", &word)),
    }
}

/// A state as its word, reason and time.
pub(super) fn state_columns(state: EndpointState) -> (&'static str, Option<&'static str>, Option<i64>) {
    match state {
        EndpointState::Active => ("active", None, None),
        EndpointState::Deleted => ("deleted", None, None),
        EndpointState::Disabled { reason, at } => ("disabled", Some(reason.as_str()), Some(at.0)),
    }
}

/// What the audit log keeps: names of headers, no values (I10).
pub(super) fn describe(endpoint: &Endpoint) -> Value {
    let settings = &endpoint.settings;
    let (status, reason, _) = state_columns(endpoint.state);
    json!({
        "id": endpoint.id,
        "url": settings.url,
        "description": settings.description,
        "events": settings.events,
        "link_ids": settings.links.link_ids,
        "tag_ids": settings.links.tag_ids,
        "headers": settings.headers.names,
        "signature_headers": settings.signature_headers,
        "retry_schedule_s": settings.pace.schedule,
        "timeout_ms": settings.pace.timeout_ms,
        "concurrency": settings.pace.concurrency,
        "rate_per_s": settings.pace.rate_per_s,
        "batch": settings.batch,
        "status": status,
        "disabled_reason": reason,
    })
}
