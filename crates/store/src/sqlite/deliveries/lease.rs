//! Deliveries that come back unsent: released by their worker, or taken from one that is gone.

use std::collections::BTreeMap;

use hopline_domain::{store::DeliveryLease, time::Timestamp};
use rusqlite::{Connection, params};

use crate::sqlite::{fault::SqlResult, lanes, rows, writer::Turn};

const DELIVERY_RELEASE: &str = "-- delivery_release
update deliveries set state = 'pending', next_attempt_at = ?3, lease_token = null, lease_until = null
where id = ?1 and lease_token = ?2 and state = 'delivering' returning lane_id";

pub(in crate::sqlite) const DELIVERY_LEASE_SWEEP: &str = "-- delivery_lease_sweep
update deliveries set state = 'pending', next_attempt_at = ?1, lease_token = null, lease_until = null
where seq in (
    select seq from deliveries where state = 'delivering' and lease_until <= ?1 order by lease_until limit ?2
) returning lane_id";

pub(in crate::sqlite) const DELIVERY_NEXT_DUE: &str = "-- delivery_next_due
select min(due_at) from lanes where due_at is not null";

pub(super) fn release(turn: &mut Turn<'_>, leases: &[DeliveryLease], now: Timestamp) -> SqlResult<()> {
    let mut returned = BTreeMap::new();
    for lease in leases {
        let columns = params![lease.delivery_id.0, lease.token.0, now.0];
        if let Some(lane_id) = rows::one(turn.connection, DELIVERY_RELEASE, columns, rows::value::<i64>)? {
            *returned.entry(lane_id).or_insert(0) += 1;
        }
    }
    make_room(turn, returned, now)
}

pub(super) fn sweep(turn: &mut Turn<'_>, now: Timestamp, limit: u32) -> SqlResult<u32> {
    let lane_ids =
        rows::many(turn.connection, DELIVERY_LEASE_SWEEP, params![now.0, limit], rows::value::<i64>)?;
    let swept = u32::try_from(lane_ids.len()).unwrap_or(u32::MAX);
    let mut returned = BTreeMap::new();
    for lane_id in lane_ids {
        *returned.entry(lane_id).or_insert(0) += 1;
    }
    make_room(turn, returned, now)?;
    Ok(swept)
}

/// Takes returned deliveries off their lanes' count of attempts under way.
fn make_room(turn: &mut Turn<'_>, returned: BTreeMap<i64, u32>, now: Timestamp) -> SqlResult<()> {
    for (lane_id, count) in returned {
        let mut lane = lanes::get(turn.connection, lane_id)?;
        lane.under_way = lane.under_way.saturating_sub(count);
        lanes::save(turn.connection, &lane, now)?;
        turn.wakes.deliveries_due = true;
    }
    Ok(())
}

/// Lanes without room are not counted: nothing can be claimed from them until an attempt ends.
pub(super) fn next_due(connection: &Connection, now: Timestamp) -> SqlResult<Option<Timestamp>> {
    let first = rows::one(connection, DELIVERY_NEXT_DUE, [], rows::time_or_none)?.flatten();
    Ok(first.map(|at| at.max(now)))
}
