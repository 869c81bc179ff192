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

/// A batch is retried and cancelled as a whole: what was composed stays composed.
const DELIVERY_RETRY: &str = "-- delivery_retry
update deliveries set
    state = 'pending',
    step = case state when 'pending' then step else 0 end,
    next_attempt_at = ?2,
    finished_at = null
where seq = ?1 or batch_seq = ?1";

const DELIVERY_CANCEL: &str = "-- delivery_cancel
update deliveries set state = 'cancelled', next_attempt_at = null, finished_at = ?2
where (seq = ?1 or batch_seq = ?1) and state = 'pending'";

/// The delivery that leads, with its lane and how many of its batch have ended.
const DELIVERY_LED: &str = "-- delivery_led
select b.seq, b.lane_id, b.state = 'delivering',
    b.finished_at is not null or exists (
        select 1 from deliveries m where m.batch_seq = b.seq and m.finished_at is not null
    )
from deliveries d join deliveries b on b.seq = ifnull(d.batch_seq, d.seq) where d.id = ?1";

/// What a change by hand works on.
struct Led {
    seq: i64,
    lane_id: i64,
    under_way: bool,
    ended: bool,
}

pub(super) fn retry(
    turn: &mut Turn<'_>,
    workspace_id: WorkspaceId,
    id: DeliveryId,
    now: Timestamp,
) -> SqlResult<ManualRetry> {
    let Some((_, led)) = find(turn.connection, workspace_id, id)? else { return Ok(ManualRetry::NotFound) };
    if led.under_way {
        return Ok(ManualRetry::UnderWay);
    }
    let changed = change(turn.connection, DELIVERY_RETRY, &led, now)?;
    count(turn.connection, workspace_id, if led.ended { changed } else { 0 })?;
    turn.wakes.deliveries_due = true;
    answer(turn.connection, workspace_id, id)
}

pub(super) fn cancel(
    turn: &mut Turn<'_>,
    workspace_id: WorkspaceId,
    id: DeliveryId,
    now: Timestamp,
) -> SqlResult<ManualRetry> {
    let Some((view, led)) = find(turn.connection, workspace_id, id)? else {
        return Ok(ManualRetry::NotFound);
    };
    match view.delivery.state {
        _ if led.under_way => return Ok(ManualRetry::UnderWay),
        DeliveryState::Pending => {}
        ended => return Ok(ManualRetry::Ended(ended)),
    }
    let changed = change(turn.connection, DELIVERY_CANCEL, &led, now)?;
    count(turn.connection, workspace_id, -changed)?;
    answer(turn.connection, workspace_id, id)
}

fn find(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: DeliveryId,
) -> SqlResult<Option<(DeliveryView, Led)>> {
    let Some((_, view)) =
        rows::one(connection, read::DELIVERY_GET, params![id.0, workspace_id.0], row::read)?
    else {
        return Ok(None);
    };
    let led = rows::one(connection, DELIVERY_LED, [id.0], |columns| {
        let (seq, lane_id) = (columns.take()?, columns.take()?);
        Ok(Led { seq, lane_id, under_way: columns.take()?, ended: columns.take()? })
    })?;
    Ok(led.map(|led| (view, led)))
}

/// Changes the delivery, or its batch, and when its lane is looked at next; answers how many that were.
fn change(connection: &Connection, sql: &str, led: &Led, now: Timestamp) -> SqlResult<i64> {
    let changed = rows::write(connection, sql, params![led.seq, now.0])?;
    let mut lane = lanes::get(connection, led.lane_id)?;
    lane.gathering = lanes::gathering(connection, &lane)?;
    lanes::save(connection, &lane, now)?;
    Ok(i64::try_from(changed).unwrap_or(0))
}

fn count(connection: &Connection, workspace_id: WorkspaceId, deliveries_unfinished: i64) -> SqlResult<()> {
    ledger::post(connection, workspace_id, &[], Moved { deliveries_unfinished, ..Moved::default() })
}

fn answer(connection: &Connection, workspace_id: WorkspaceId, id: DeliveryId) -> SqlResult<ManualRetry> {
    let now = find(connection, workspace_id, id)?;
    Ok(now.map_or(ManualRetry::NotFound, |(view, _)| ManualRetry::Changed(Box::new(view))))
}
