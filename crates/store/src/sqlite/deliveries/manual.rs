//! `delivery_retry` and `delivery_cancel`: what people do by hand. An attempt under way is never disturbed.

use hopline_domain::{
    delivery::DeliveryState,
    id::{DeliveryId, WorkspaceId},
    store::{DeliveryView, ManualRetry},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{read, row};
use crate::sqlite::{
    fault::SqlResult,
    lanes,
    ledger::{self, Moved},
    rows,
    writer::Turn,
};

const DELIVERY_RETRY: &str = "-- delivery_retry
update deliveries set
    state = 'pending',
    step = case state when 'pending' then step else 0 end,
    next_attempt_at = ?2,
    finished_at = null
where seq = ?1 returning lane_id";

const DELIVERY_CANCEL: &str = "-- delivery_cancel
update deliveries set state = 'cancelled', next_attempt_at = null, finished_at = ?2 where seq = ?1 returning lane_id";

pub(super) fn retry(
    turn: &mut Turn<'_>,
    workspace_id: WorkspaceId,
    id: DeliveryId,
    now: Timestamp,
) -> SqlResult<ManualRetry> {
    let Some((seq, view)) = find(turn.connection, workspace_id, id)? else {
        return Ok(ManualRetry::NotFound);
    };
    let again = match view.delivery.state {
        DeliveryState::Delivering => return Ok(ManualRetry::UnderWay),
        DeliveryState::Pending => 0,
        _ => 1,
    };
    change(turn.connection, DELIVERY_RETRY, seq, now)?;
    count(turn.connection, workspace_id, again)?;
    turn.wakes.deliveries_due = true;
    changed(turn.connection, workspace_id, id)
}

pub(super) fn cancel(
    turn: &mut Turn<'_>,
    workspace_id: WorkspaceId,
    id: DeliveryId,
    now: Timestamp,
) -> SqlResult<ManualRetry> {
    let Some((seq, view)) = find(turn.connection, workspace_id, id)? else {
        return Ok(ManualRetry::NotFound);
    };
    match view.delivery.state {
        DeliveryState::Pending => {}
        DeliveryState::Delivering => return Ok(ManualRetry::UnderWay),
        ended => return Ok(ManualRetry::Ended(ended)),
    }
    change(turn.connection, DELIVERY_CANCEL, seq, now)?;
    count(turn.connection, workspace_id, -1)?;
    changed(turn.connection, workspace_id, id)
}

fn find(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: DeliveryId,
) -> SqlResult<Option<(i64, DeliveryView)>> {
    rows::one(connection, read::DELIVERY_GET, params![id.0, workspace_id.0], row::read)
}

/// Changes the delivery and when its lane is looked at next.
fn change(connection: &Connection, sql: &str, seq: i64, now: Timestamp) -> SqlResult<()> {
    if let Some(lane_id) = rows::one(connection, sql, params![seq, now.0], rows::value)? {
        lanes::save(connection, &lanes::get(connection, lane_id)?, now)?;
    }
    Ok(())
}

fn count(connection: &Connection, workspace_id: WorkspaceId, deliveries_unfinished: i64) -> SqlResult<()> {
    ledger::post(connection, workspace_id, &[], Moved { deliveries_unfinished, ..Moved::default() })
}

fn changed(connection: &Connection, workspace_id: WorkspaceId, id: DeliveryId) -> SqlResult<ManualRetry> {
    let now = find(connection, workspace_id, id)?;
    Ok(now.map_or(ManualRetry::NotFound, |(_, view)| ManualRetry::Changed(Box::new(view))))
}
