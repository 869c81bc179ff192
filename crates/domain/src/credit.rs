//! The credit ledger: append-only, signed amounts, two pools (I05).

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::{
    id::{CreditEntryId, JobId},
    time::Timestamp,
};

/// Where credits come from, and where a release returns to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Pool {
    /// Granted each month, expires with it, used first.
    Plan,
    /// Granted by hand, never expires.
    Pack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EntryKind {
    Grant,
    Reserve,
    /// Zero: marks a reservation as spent. Unique per job.
    Settle,
    Release,
    Expire,
    Adjust,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditEntry {
    pub id: CreditEntryId,
    pub pool: Pool,
    pub kind: EntryKind,
    pub amount: i64,
    pub job_id: Option<JobId>,
    pub note: Option<String>,
    pub created_at: Timestamp,
}

/// What a workspace can spend, by pool. Neither is ever negative by a reservation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    pub plan: i64,
    pub pack: i64,
}

/// A reservation split over the pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserved {
    pub plan: i64,
    pub pack: i64,
}

impl Reserved {
    pub const fn total(self) -> i64 {
        self.plan + self.pack
    }
}

impl Balance {
    pub const fn total(self) -> i64 {
        self.plan + self.pack
    }

    /// Takes `price` from the plan pool first; `None` when there is not enough.
    pub fn reserve(self, price: i64) -> Option<Reserved> {
        let plan = self.plan.clamp(0, price);
        let pack = price - plan;
        (pack <= self.pack).then_some(Reserved { plan, pack })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserves_from_the_plan_first_and_never_below_zero() {
        let balance = Balance { plan: 1, pack: 5 };
        assert_eq!(balance.reserve(2), Some(Reserved { plan: 1, pack: 1 }));
        assert_eq!(balance.reserve(6), Some(Reserved { plan: 1, pack: 5 }));
        assert_eq!(balance.reserve(7), None);
        assert_eq!(Balance { plan: -3, pack: 1 }.reserve(1), Some(Reserved { plan: 0, pack: 1 }));
    }
}
