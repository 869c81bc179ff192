//! What attempts teach about an endpoint: nothing but failures for long, or a receiver that is gone, disables it.

use hopline_domain::{
    delivery::Next,
    endpoint::{DisabledReason, disabled_event},
    event::Occasion,
    id::{EndpointId, EventId, derive},
    lane::LaneEffect,
    limits,
    store::AttemptEnd,
    time::Timestamp,
};
use rusqlite::params;

use crate::sqlite::{events, fault::SqlResult, lanes::Lane, rows, writer::Turn};

const ENDPOINT_DISABLE: &str = "-- endpoint_disable
update endpoints set state = 'disabled', disabled_reason = ?2, disabled_at = ?3, updated_at = ?3
where id = ?1 and state = 'active' returning url";

/// Follows the end of an attempt in an endpoint's lane; the caller keeps the lane.
pub(super) fn follow(
    turn: &mut Turn<'_>,
    lane: &mut Lane,
    end: &AttemptEnd,
    now: Timestamp,
) -> SqlResult<()> {
    let Some(endpoint_id) = lane.endpoint_id else { return Ok(()) };
    if end.decision.next == Next::Succeeded {
        lane.failing_since = None;
        return Ok(());
    }
    let since = *lane.failing_since.get_or_insert(end.attempt.started_at);
    let reason = match end.decision.lane {
        LaneEffect::Disable => Some(DisabledReason::Gone),
        _ if now.since_ms(since) >= limits::ENDPOINT_FAILING_MS_MAX => Some(DisabledReason::Failing),
        _ => None,
    };
    let Some(reason) = reason.filter(|_| !lane.disabled) else { return Ok(()) };
    lane.disable();
    let disabled = params![endpoint_id.0, reason.as_str(), now.0];
    let Some(url) = rows::one(turn.connection, ENDPOINT_DISABLE, disabled, rows::value::<String>)? else {
        return Ok(());
    };
    let id = EventId(derive(end.attempt.id.0, b"endpoint.disabled"));
    let occasion = Occasion { id, workspace_id: lane.workspace_id, created_at: now };
    tell(turn, endpoint_id, &url, (occasion, reason))
}

/// The endpoint itself is told when it is enabled again, if it subscribes.
fn tell(
    turn: &mut Turn<'_>,
    endpoint_id: EndpointId,
    url: &str,
    (occasion, reason): (Occasion, DisabledReason),
) -> SqlResult<()> {
    tracing::warn!(endpoint.id = %endpoint_id, reason = reason.as_str(), "an endpoint was disabled");
    events::write(turn, &disabled_event(occasion, endpoint_id, url, reason)).map(|_| ())
}
