//! `delivery_claim`: due lanes off an index, the fair choice among them, then each lane's own first in line.

use std::collections::HashMap;

use hopline_domain::{
    id::{DeliveryId, EventId, FamilyId},
    lane::{ReadyLane, pick_fairly},
    store::{ClaimedDelivery, DeliveryClaim, DeliveryLease, FamilySecret},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    keys::secrets::live_secrets,
    lanes::{self, Lane},
    rows::{self, Columns},
};

/// Due lanes one round looks at.
const DUE_LANES_MAX: u32 = 1_000;
/// Rounds of one claim: what a lane could not use of its share goes to the others in the next.
const CLAIM_ROUNDS_MAX: u32 = 4;

macro_rules! due_of_lane {
    ($retry:literal) => {
        concat!(
            "-- delivery_claim: due of one lane
select d.seq, d.family_id, d.id, d.url, e.id, d.event_seq, d.body, d.attempts + 1, d.step
from deliveries d join events e on e.seq = d.event_seq
where d.lane_id = ?1 and d.retry = ",
            $retry,
            " and d.state = 'pending' and d.next_attempt_at <= ?2
order by d.next_attempt_at, d.seq limit ?3"
        )
    };
}

pub(in crate::sqlite) const DELIVERIES_DUE_FIRST: &str = due_of_lane!(0);
pub(in crate::sqlite) const DELIVERIES_DUE_RETRY: &str = due_of_lane!(1);

const DELIVERY_LEASE: &str = "-- delivery_lease
update deliveries set state = 'delivering', lease_token = ?2, lease_until = ?3 where seq = ?1";

const FAMILY_SIGNATURE_HEADERS: &str = "-- family_signature_headers
select signature_headers from families where id = ?1";

/// A claim under way.
struct Claiming<'a> {
    connection: &'a Connection,
    claim: DeliveryClaim,
    now: Timestamp,
    turn: Option<i64>,
    families: HashMap<FamilyId, Signing>,
    claimed: Vec<ClaimedDelivery>,
}

/// How a family's deliveries are signed.
#[derive(Clone)]
struct Signing {
    secrets: Vec<FamilySecret>,
    headers: Vec<String>,
}

pub(super) fn claim(
    connection: &Connection,
    claim: DeliveryClaim,
    now: Timestamp,
) -> SqlResult<Vec<ClaimedDelivery>> {
    let mut claiming =
        Claiming { connection, claim, now, turn: None, families: HashMap::new(), claimed: Vec::new() };
    for _ in 0..CLAIM_ROUNDS_MAX {
        if !claiming.round()? {
            break;
        }
    }
    Ok(claiming.claimed)
}

impl Claiming<'_> {
    /// One choice among the due lanes; whether another one may find more.
    fn round(&mut self) -> SqlResult<bool> {
        let left = self.claim.limit.saturating_sub(u32::try_from(self.claimed.len()).unwrap_or(u32::MAX));
        if left == 0 {
            return Ok(false);
        }
        let picked = pick_fairly(self.ready()?, left);
        for (lane, count) in &picked {
            self.take(lane, *count)?;
        }
        Ok(!picked.is_empty())
    }

    /// Due lanes with room. One without is put aside until one of its attempts ends.
    fn ready(&self) -> SqlResult<Vec<ReadyLane<Lane>>> {
        let mut ready = Vec::new();
        for lane in lanes::due(self.connection, self.now, DUE_LANES_MAX)? {
            let room = lane.room(self.claim.run_length, self.now);
            if room == 0 {
                lanes::save_claimed(self.connection, &lane, self.claim.run_length, self.now)?;
            } else {
                ready.push(ReadyLane { workspace_id: lane.workspace_id, turn: lane.turn, room, lane });
            }
        }
        Ok(ready)
    }

    /// Leases up to `count` of a lane: first attempts before retries.
    fn take(&mut self, lane: &Lane, count: u32) -> SqlResult<()> {
        let mut due = self.due(lane, DELIVERIES_DUE_FIRST, count)?;
        let left = count.saturating_sub(u32::try_from(due.len()).unwrap_or(u32::MAX));
        if left > 0 {
            due.extend(self.due(lane, DELIVERIES_DUE_RETRY, left)?);
        }
        let taken = u32::try_from(due.len()).unwrap_or(u32::MAX);
        for (seq, family_id, delivery) in due {
            self.lease(seq, family_id, delivery)?;
        }
        let turn = if taken > 0 { self.turn()? } else { lane.turn };
        let lane = Lane { under_way: lane.under_way + taken, turn, ..lane.clone() };
        lanes::save_claimed(self.connection, &lane, self.claim.run_length, self.now)
    }

    fn turn(&mut self) -> SqlResult<i64> {
        if self.turn.is_none() {
            self.turn = Some(lanes::next_turn(self.connection)?);
        }
        Ok(self.turn.unwrap_or(0))
    }

    fn due(&self, lane: &Lane, sql: &str, count: u32) -> SqlResult<Vec<(i64, FamilyId, ClaimedDelivery)>> {
        rows::many(self.connection, sql, params![lane.id, self.now.0, count], |columns| {
            self.read(columns, lane)
        })
    }

    fn read(
        &self,
        columns: &mut Columns<'_, '_>,
        lane: &Lane,
    ) -> SqlResult<(i64, FamilyId, ClaimedDelivery)> {
        let (seq, family_id) = (columns.take()?, FamilyId(columns.take()?));
        let delivery = ClaimedDelivery {
            lease: DeliveryLease { delivery_id: DeliveryId(columns.take()?), token: self.claim.token },
            lease_until: self.claim.lease_until,
            workspace_id: lane.workspace_id,
            lane: lane.key.clone(),
            lane_concurrency: lane.concurrency,
            url: columns.take()?,
            event_id: EventId(columns.take()?),
            event_seq: columns.take()?,
            body: columns.take()?,
            attempt_number: columns.take()?,
            step: columns.take()?,
            secrets: Vec::new(),
            signature_headers: Vec::new(),
        };
        Ok((seq, family_id, delivery))
    }

    fn lease(&mut self, seq: i64, family_id: FamilyId, delivery: ClaimedDelivery) -> SqlResult<()> {
        let lease = params![seq, self.claim.token.0, self.claim.lease_until.0];
        rows::write(self.connection, DELIVERY_LEASE, lease)?;
        let Signing { secrets, headers } = self.signing(family_id)?;
        self.claimed.push(ClaimedDelivery { secrets, signature_headers: headers, ..delivery });
        Ok(())
    }

    fn signing(&mut self, family_id: FamilyId) -> SqlResult<Signing> {
        if let Some(signing) = self.families.get(&family_id) {
            return Ok(signing.clone());
        }
        let read = |columns: &mut Columns<'_, '_>| columns.json("a family's signature headers");
        let headers = rows::one(self.connection, FAMILY_SIGNATURE_HEADERS, [family_id.0], read)?;
        let secrets = live_secrets(self.connection, family_id, self.now)?;
        let signing = Signing { secrets, headers: headers.unwrap_or_default() };
        self.families.insert(family_id, signing.clone());
        Ok(signing)
    }
}
