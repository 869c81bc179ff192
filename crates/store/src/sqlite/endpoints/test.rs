//! `endpoint_test`: one event for one endpoint.

use hopline_domain::{
    id::DeliveryId,
    store::{Caller, Created, DeliveryView, EndpointTest},
    time::Timestamp,
};
use rusqlite::Connection;

use crate::sqlite::{
    deliveries::read,
    events,
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    writer::Turn,
};

pub(super) fn test(
    turn: &mut Turn<'_>,
    caller: Caller,
    test: &EndpointTest,
    now: Timestamp,
) -> SqlResult<Created<DeliveryView>> {
    let place = Place { family_id: caller.family_id, kind: Kind::EndpointTest };
    match idempotency::find::<uuid::Uuid>(turn.connection, place, test.idempotency.as_ref(), now)? {
        Known::Nothing => {}
        Known::Reused => return Ok(Created::IdempotencyKeyReused),
        Known::Subject(id) => return view(turn.connection, caller, DeliveryId(id), Created::Replayed),
    }
    let Some(mut target) = events::target(turn.connection, caller.workspace_id, test.endpoint_id)? else {
        return Ok(Created::NotFound);
    };
    let raised = events::raise(turn, &test.event)?;
    let queued = events::queue(turn, &mut target, raised, None, now)?;
    events::count(turn.connection, caller.workspace_id, i64::from(queued))?;
    let id = target.delivery_id(raised.id, None);
    idempotency::record(turn.connection, place, test.idempotency.as_ref(), id.0.as_bytes())?;
    view(turn.connection, caller, id, Created::New)
}

fn view(
    connection: &Connection,
    caller: Caller,
    id: DeliveryId,
    made: impl FnOnce(DeliveryView) -> Created<DeliveryView>,
) -> SqlResult<Created<DeliveryView>> {
    let found = read::get(connection, caller.workspace_id, id)?;
    Ok(found.map_or(Created::NotFound, |(view, _)| made(view)))
}
