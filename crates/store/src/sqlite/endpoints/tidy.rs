//! `endpoint_tidy`: what deleted endpoints leave behind, a bounded piece at a time.

use hopline_domain::{
    id::{FamilyId, WorkspaceId},
    time::{DAY_MS, Timestamp},
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    ledger::{self, Moved},
    rows,
};

/// How long a deleted endpoint can still be learnt of by whoever made it: the longest life of an idempotency record.
const KEPT_MS: i64 = 31 * DAY_MS;

pub(in crate::sqlite) const DELIVERIES_LEFT: &str = "-- deliveries_left
select d.seq, d.workspace_id from endpoints p join deliveries d on d.lane_id = p.lane_id
where p.state = 'deleted' and d.state = 'pending' limit ?1";

const DELIVERY_DROP: &str = "-- delivery_drop
update deliveries set state = 'cancelled', next_attempt_at = null, finished_at = ?2 where seq = ?1";

pub(in crate::sqlite) const ENDPOINTS_OVER: &str = "-- endpoints_over
select p.seq, p.family_id, p.lane_id from endpoints p join lanes l on l.id = p.lane_id
where p.state = 'deleted' and p.updated_at < ?1 and l.deliveries <= 0 order by p.updated_at limit ?2";

const REMOVALS: [&str; 4] = [
    "-- endpoint_remove\ndelete from endpoints where seq = ?1",
    "-- secrets_remove\ndelete from family_secrets where family_id = ?1",
    "-- family_remove\ndelete from families where id = ?1",
    "-- endpoint_lane_remove\ndelete from lanes where id = ?1",
];

pub(super) fn tidy(connection: &Connection, now: Timestamp, limit: u32) -> SqlResult<u32> {
    let left = rows::many(connection, DELIVERIES_LEFT, [limit], |columns| {
        Ok((columns.take::<i64>()?, WorkspaceId(columns.take()?)))
    })?;
    for (seq, workspace_id) in &left {
        rows::write(connection, DELIVERY_DROP, params![seq, now.0])?;
        let moved = Moved { deliveries_unfinished: -1, ..Moved::default() };
        ledger::post(connection, *workspace_id, &[], moved)?;
    }
    let over = rows::many(connection, ENDPOINTS_OVER, params![now.minus_ms(KEPT_MS).0, limit], |columns| {
        Ok((columns.take::<i64>()?, FamilyId(columns.take()?), columns.take::<i64>()?))
    })?;
    for (seq, family_id, lane_id) in &over {
        rows::write(connection, REMOVALS[0], [seq])?;
        rows::write(connection, REMOVALS[1], [family_id.0])?;
        rows::write(connection, REMOVALS[2], [family_id.0])?;
        rows::write(connection, REMOVALS[3], [lane_id])?;
    }
    Ok(u32::try_from(left.len() + over.len()).unwrap_or(u32::MAX))
}
