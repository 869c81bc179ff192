//! The credit ledger and the sums that move with it: every line changes the balance in the same statement run (I05).

use hopline_domain::{
    credit::{Balance, CreditEntry, EntryKind, Pool, Reserved},
    id::{CreditEntryId, JobId, WorkspaceId},
    store::StoreError,
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    fault::{Fault, SqlResult},
    rows::{self, Columns},
};

const CREDIT_ENTRY_APPEND: &str = "-- credit_entry_append
insert into credit_entries (id, workspace_id, pool, kind, amount, job_id, note, created_at)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const METERS_MOVE: &str = "-- meters_move
update meters set
    balance_plan = balance_plan + ?2,
    balance_pack = balance_pack + ?3,
    jobs_unfinished = jobs_unfinished + ?4,
    deliveries_unfinished = deliveries_unfinished + ?5,
    evidence_bytes = evidence_bytes + ?6
where workspace_id = ?1";

const BALANCE: &str = "-- balance
select balance_plan, balance_pack from meters where workspace_id = ?1";

/// What a change adds to a workspace's sums beside its credits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moved {
    pub(super) jobs_unfinished: i64,
    pub(super) deliveries_unfinished: i64,
    pub(super) evidence_bytes: i64,
}

/// What a workspace can spend; `None` for an unknown one.
pub(super) fn balance(connection: &Connection, workspace_id: WorkspaceId) -> SqlResult<Option<Balance>> {
    rows::one(connection, BALANCE, [workspace_id.0], read_balance)
}

/// The total a caller is told.
pub(super) fn balance_total(connection: &Connection, workspace_id: WorkspaceId) -> SqlResult<i64> {
    Ok(balance(connection, workspace_id)?.unwrap_or_default().total())
}

fn read_balance(columns: &mut Columns<'_, '_>) -> SqlResult<Balance> {
    Ok(Balance { plan: columns.take()?, pack: columns.take()? })
}

/// Appends lines and moves the sums by them.
pub(super) fn post(
    connection: &Connection,
    workspace_id: WorkspaceId,
    lines: &[CreditEntry],
    moved: Moved,
) -> SqlResult<()> {
    for line in lines {
        append(connection, workspace_id, line)?;
    }
    let sum = |pool| lines.iter().filter(|line| line.pool == pool).map(|line| line.amount).sum::<i64>();
    let sums = params![
        workspace_id.0,
        sum(Pool::Plan),
        sum(Pool::Pack),
        moved.jobs_unfinished,
        moved.deliveries_unfinished,
        moved.evidence_bytes
    ];
    if rows::write(connection, METERS_MOVE, sums)? == 0 {
        let detail = format!("there is no workspace {workspace_id}");
        return Err(Fault::Store(StoreError::Engine { operation: "move the balance", detail }));
    }
    Ok(())
}

fn append(connection: &Connection, workspace_id: WorkspaceId, line: &CreditEntry) -> SqlResult<usize> {
    let (pool, kind): (&str, &str) = (line.pool.into(), line.kind.into());
    let job_id = line.job_id.map(|id| id.0);
    rows::write(
        connection,
        CREDIT_ENTRY_APPEND,
        params![line.id.0, workspace_id.0, pool, kind, line.amount, job_id, line.note, line.created_at.0],
    )
}

/// What the lines of one job's credits have in common.
#[derive(Clone, Copy)]
pub(super) struct OfJob {
    pub(super) job_id: JobId,
    pub(super) ids: [CreditEntryId; 2],
    pub(super) now: Timestamp,
}

impl OfJob {
    /// The lines of a reservation: one for each pool it takes from.
    pub(super) fn reservation(self, reserved: Reserved) -> Vec<CreditEntry> {
        self.by_pool(EntryKind::Reserve, Reserved { plan: -reserved.plan, pack: -reserved.pack })
    }

    /// The lines that give a reservation back to where it came from.
    pub(super) fn release(self, reserved: Reserved) -> Vec<CreditEntry> {
        self.by_pool(EntryKind::Release, reserved)
    }

    /// The line that marks a reservation as spent.
    pub(super) fn settlement(self, reserved: Reserved) -> Vec<CreditEntry> {
        let pool = if reserved.plan > 0 { Pool::Plan } else { Pool::Pack };
        vec![self.line(self.ids[0], EntryKind::Settle, pool, 0)]
    }

    fn by_pool(self, kind: EntryKind, amounts: Reserved) -> Vec<CreditEntry> {
        let pools = [(Pool::Plan, amounts.plan), (Pool::Pack, amounts.pack)];
        let parts = pools.into_iter().filter(|(_, amount)| *amount != 0).zip(self.ids);
        parts.map(|((pool, amount), id)| self.line(id, kind, pool, amount)).collect()
    }

    fn line(self, id: CreditEntryId, kind: EntryKind, pool: Pool, amount: i64) -> CreditEntry {
        CreditEntry { id, pool, kind, amount, job_id: Some(self.job_id), note: None, created_at: self.now }
    }
}
