//! Which unfinished job has which request body: kept in the writer's memory, because an index of random hashes would cost
//! every accept more than the rest of it together. Rebuilt from the unfinished jobs when the file is opened.
//!
//! An entry is a hint: whoever follows it checks the row. Bounded by the unfinished jobs, 16 bytes each.

use std::collections::HashMap;

use hopline_domain::id::FamilyId;
use rusqlite::Connection;

use super::{fault::SqlResult, rows};

const BODIES_QUEUED: &str = "-- bodies_queued
select seq, family_id, body_hash from jobs where status = 'queued' and body_hash is not null";

const BODIES_RUNNING: &str = "-- bodies_running
select seq, family_id, body_hash from jobs where status = 'running' and body_hash is not null";

/// Row numbers by 64 bits of family and body.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    rows: HashMap<u64, i64>,
    /// Jobs that have ended if the transaction under way is committed.
    ended: Vec<(u64, i64)>,
}

impl Bodies {
    pub(super) fn load(connection: &Connection) -> SqlResult<Self> {
        let mut bodies = Self::default();
        for sql in [BODIES_QUEUED, BODIES_RUNNING] {
            let unfinished = rows::many(connection, sql, [], |columns| {
                Ok((columns.take::<i64>()?, FamilyId(columns.take()?), columns.take::<[u8; 32]>()?))
            })?;
            for (seq, family_id, body_hash) in unfinished {
                bodies.insert(family_id, body_hash, seq);
            }
        }
        Ok(bodies)
    }

    pub(super) fn find(&self, family_id: FamilyId, body_hash: [u8; 32]) -> Option<i64> {
        self.rows.get(&key(family_id, body_hash)).copied()
    }

    pub(super) fn insert(&mut self, family_id: FamilyId, body_hash: [u8; 32], seq: i64) {
        self.rows.insert(key(family_id, body_hash), seq);
    }

    /// Forgets a job's body once its end is committed.
    pub(super) fn end(&mut self, family_id: FamilyId, body_hash: [u8; 32], seq: i64) {
        self.ended.push((key(family_id, body_hash), seq));
    }

    /// The ends of this transaction stand. A body that is a later job's by now stays.
    pub(super) fn commit(&mut self) {
        for (key, seq) in self.ended.drain(..) {
            if self.rows.get(&key) == Some(&seq) {
                self.rows.remove(&key);
            }
        }
        if self.rows.is_empty() {
            // Memory that a long queue took is given back.
            self.rows = HashMap::new();
        }
    }

    /// The ends of this transaction did not happen; what it inserted leads to no row.
    pub(super) fn rollback(&mut self) {
        self.ended.clear();
    }
}

/// Family ids end in random bits, hashes are random throughout.
fn key(family_id: FamilyId, body_hash: [u8; 32]) -> u64 {
    let (_, family) = family_id.0.as_u64_pair();
    let body: [u8; 8] = std::array::from_fn(|index| body_hash[index]);
    family ^ u64::from_be_bytes(body)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_ended_job_does_not_take_a_later_ones_entry_along() {
        let (family, body) = (FamilyId(Uuid::from_u128(7)), [1; 32]);
        let mut bodies = Bodies::default();
        bodies.insert(family, body, 1);
        bodies.insert(family, body, 2);
        bodies.end(family, body, 1);
        bodies.commit();
        assert_eq!(bodies.find(family, body), Some(2));
        assert_eq!(bodies.find(FamilyId(Uuid::from_u128(8)), body), None);
        bodies.end(family, body, 2);
        bodies.commit();
        assert_eq!(bodies.find(family, body), None);
    }

    #[test]
    fn an_end_that_was_not_committed_forgets_nothing() {
        let (family, body) = (FamilyId(Uuid::from_u128(7)), [1; 32]);
        let mut bodies = Bodies::default();
        bodies.insert(family, body, 1);
        bodies.end(family, body, 1);
        bodies.rollback();
        bodies.commit();
        assert_eq!(bodies.find(family, body), Some(1));
    }
}
