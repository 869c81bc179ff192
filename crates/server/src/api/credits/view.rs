//! One line of the ledger.

use hopline_domain::{
    credit::{CreditEntry, EntryKind, Pool},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

/// One line of the ledger; the balance is the sum of all amounts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreditEntry)]
pub(crate) struct CreditBody {
    id: String,
    /// `plan` expires with the month and is used first; `pack` stays.
    #[schema(value_type = String, pattern = "^(plan|pack)$")]
    pool: Pool,
    #[schema(value_type = String, pattern = "^(grant|reserve|settle|release|expire|adjust)$")]
    kind: EntryKind,
    /// Negative takes away.
    amount: i64,
    job_id: Option<String>,
    note: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl CreditBody {
    pub(super) fn of(entry: CreditEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            pool: entry.pool,
            kind: entry.kind,
            amount: entry.amount,
            job_id: entry.job_id.map(|id| id.to_string()),
            note: entry.note,
            created_at: entry.created_at,
        }
    }
}
