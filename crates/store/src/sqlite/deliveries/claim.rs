//! `delivery_claim`: due lanes off an index, the fair choice among them, then each lane's own first in line.

use std::{collections::HashMap, sync::Arc};

use hopline_domain::{
    delivery::MessageId,
    id::{DeliveryId, EventId, FamilyId},
    lane::{ReadyLane, pick_fairly},
    store::{ClaimedDelivery, DeliveryClaim, DeliveryLease, FamilySecret, LaneRules},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{batch, rules};
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
/// Bodies one claim takes before it stops: batches are large.
const CLAIM_BYTES_MAX: usize = 16 * 1024 * 1024;

macro_rules! due_columns {
    () => {
        "
select d.seq, d.family_id, d.id, d.url, e.id, d.event_seq, iif(length(d.body) = 0, e.body, d.body), d.attempts + 1, d.step,
    d.batch_seq
from deliveries d join events e on e.seq = d.event_seq
"
    };
}

macro_rules! due_of_lane {
    ($retry:literal) => {
        concat!(
            "-- delivery_claim: due of one lane",
            due_columns!(),
            "where d.lane_id = ?1 and d.retry = ",
            $retry,
            " and d.state = 'pending' and d.next_attempt_at <= ?2
order by d.next_attempt_at, d.seq limit ?3"
        )
    };
}

pub(in crate::sqlite) const DELIVERIES_DUE_FIRST: &str = due_of_lane!(0);
pub(in crate::sqlite) const DELIVERIES_DUE_RETRY: &str = due_of_lane!(1);

const DELIVERY_LEADING: &str =
    concat!("-- delivery_claim: the leader of a new batch", due_columns!(), "where d.seq = ?1");

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
    bytes: usize,
}

/// A delivery that is due, before it is leased.
struct Due {
    seq: i64,
    family_id: FamilyId,
    delivery: ClaimedDelivery,
    batch_seq: Option<i64>,
}

/// A lane with what all its deliveries are sent by.
struct Served<'a> {
    lane: &'a Lane,
    rules: Arc<LaneRules>,
    /// Where its endpoint is now.
    url: Option<String>,
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
    let mut claiming = Claiming {
        connection,
        claim,
        now,
        turn: None,
        families: HashMap::new(),
        claimed: Vec::new(),
        bytes: 0,
    };
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
        if left == 0 || self.bytes >= CLAIM_BYTES_MAX {
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
        let mut lane = lane.clone();
        let due = self.first_in_line(&mut lane, count)?;
        let mut taken = 0;
        for due in due {
            if self.bytes >= CLAIM_BYTES_MAX {
                break;
            }
            self.lease(due)?;
            taken += 1;
        }
        let turn = if taken > 0 { self.turn()? } else { lane.turn };
        let lane = lane.claimed(taken, turn, self.now);
        lanes::save_claimed(self.connection, &lane, self.claim.run_length, self.now)
    }

    /// Up to `count` that are due; in a lane of batches, batches that are ready are made here.
    fn first_in_line(&self, lane: &mut Lane, count: u32) -> SqlResult<Vec<Due>> {
        let made = batch::make(self.connection, lane, count, self.now)?;
        let rules::OfLane { rules, url } = rules::read(self.connection, lane)?;
        let served = Served { lane, rules, url };
        let mut due = Vec::new();
        for leader in &made {
            due.extend(self.due(&served, DELIVERY_LEADING, params![leader])?);
        }
        for sql in [DELIVERIES_DUE_FIRST, DELIVERIES_DUE_RETRY] {
            let left = i64::from(count) - i64::try_from(due.len()).unwrap_or(i64::MAX);
            let gathers = sql == DELIVERIES_DUE_FIRST && lane.batch.is_some();
            if left > 0 && !gathers {
                let more = self.due(&served, sql, params![served.lane.id, self.now.0, left])?;
                due.extend(more.into_iter().filter(|due| !made.contains(&due.seq)));
            }
        }
        Ok(due)
    }

    fn turn(&mut self) -> SqlResult<i64> {
        if self.turn.is_none() {
            self.turn = Some(lanes::next_turn(self.connection)?);
        }
        Ok(self.turn.unwrap_or(0))
    }

    fn due(&self, served: &Served<'_>, sql: &str, params: impl rusqlite::Params) -> SqlResult<Vec<Due>> {
        rows::many(self.connection, sql, params, |columns| self.read(columns, served))
    }

    fn read(&self, columns: &mut Columns<'_, '_>, served: &Served<'_>) -> SqlResult<Due> {
        let (seq, family_id) = (columns.take()?, FamilyId(columns.take()?));
        let lane = served.lane;
        let delivery = ClaimedDelivery {
            lease: DeliveryLease { delivery_id: DeliveryId(columns.take()?), token: self.claim.token },
            lease_until: self.claim.lease_until,
            workspace_id: lane.workspace_id,
            lane: lane.key.clone(),
            lane_concurrency: lane.concurrency,
            url: columns.take()?,
            message_id: MessageId::Event(EventId(columns.take()?)),
            event_seq: Some(columns.take()?).filter(|seq| *seq > 0),
            body: columns.take()?,
            rules: Arc::clone(&served.rules),
            attempt_number: columns.take()?,
            step: columns.take()?,
            secrets: Vec::new(),
            signature_headers: Vec::new(),
        };
        let url = served.url.clone().unwrap_or(delivery.url);
        Ok(Due { seq, family_id, delivery: ClaimedDelivery { url, ..delivery }, batch_seq: columns.take()? })
    }

    fn lease(&mut self, due: Due) -> SqlResult<()> {
        let Due { seq, family_id, mut delivery, batch_seq } = due;
        let lease = params![seq, self.claim.token.0, self.claim.lease_until.0];
        rows::write(self.connection, DELIVERY_LEASE, lease)?;
        if let Some(leader) = batch_seq {
            let batch = batch::read(self.connection, leader, delivery.lease.delivery_id)?;
            (delivery.message_id, delivery.event_seq) = (MessageId::Batch(batch.id), None);
            delivery.body = batch.body;
        }
        self.bytes += delivery.body.len();
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
