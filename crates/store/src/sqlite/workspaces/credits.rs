//! Grants, the ledger, and the turn of the month.

use hopline_domain::{
    credit::{CreditEntry, EntryKind, Pool},
    id::{CreditEntryId, JobId, WorkspaceId},
    store::{Caller, Created, Grant, Page, Paged},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::read;
use crate::sqlite::{
    audit::{self, Actor},
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    ledger::{self, Moved},
    rows::{self, Columns},
};

const CREDIT_ENTRY_GET: &str = "-- credit_entry_get
select seq, id, pool, kind, amount, job_id, note, created_at from credit_entries where seq = ?1 and workspace_id = ?2";

const CREDIT_LIST: &str = "-- credit_list
select seq, id, pool, kind, amount, job_id, note, created_at from credit_entries
where workspace_id = ?1 and seq < ?2 order by seq desc limit ?3";

/// Changes nothing for a month that was turned already.
const CREDIT_MONTH_TURN: &str = "-- credit_month_turn
update workspaces set credit_month = ?2 where id = ?1 and credit_month < ?2";

/// A month to turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Month {
    pub(super) workspace_id: WorkspaceId,
    pub(super) credits: i64,
    pub(super) ledger_ids: [CreditEntryId; 2],
    pub(super) now: Timestamp,
}

pub(super) fn grant(
    connection: &Connection,
    caller: Caller,
    grant: &Grant,
    now: Timestamp,
) -> SqlResult<Created<CreditEntry>> {
    let place = Place { family_id: caller.family_id, kind: Kind::CreditGrant };
    match idempotency::find::<[u8; 8]>(connection, place, grant.idempotency.as_ref(), now)? {
        Known::Reused => return Ok(Created::IdempotencyKeyReused),
        Known::Subject(seq) => {
            let scope = params![i64::from_be_bytes(seq), grant.workspace_id.0];
            if let Some((_, entry)) = rows::one(connection, CREDIT_ENTRY_GET, scope, read_entry)? {
                return Ok(Created::Replayed(entry));
            }
        }
        Known::Nothing => {}
    }
    if read::get(connection, grant.workspace_id)?.is_none() {
        return Ok(Created::NotFound);
    }
    let entry = CreditEntry {
        id: grant.id,
        pool: grant.pool,
        kind: EntryKind::Grant,
        amount: grant.amount,
        job_id: None,
        note: grant.note.clone(),
        created_at: now,
    };
    let entry = std::slice::from_ref(&entry);
    ledger::post(connection, grant.workspace_id, entry, Moved::default())?;
    let seq = connection.last_insert_rowid().to_be_bytes();
    // The log of the workspace it was done to, with the key that did it.
    let actor = Actor { workspace_id: grant.workspace_id, key_id: caller.key_id };
    audit::append(connection, actor, &grant.audit, None, now)?;
    idempotency::record(connection, place, grant.idempotency.as_ref(), &seq)?;
    Ok(Created::New(entry[0].clone()))
}

pub(super) fn list(
    connection: &Connection,
    workspace_id: WorkspaceId,
    page: Page,
) -> SqlResult<Paged<CreditEntry>> {
    let (below, count) = rows::page_bounds(page);
    let entries = rows::many(connection, CREDIT_LIST, params![workspace_id.0, below, count], read_entry)?;
    Ok(rows::page_of(entries, page.limit))
}

fn read_entry(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, CreditEntry)> {
    let seq = columns.take()?;
    let entry = CreditEntry {
        id: CreditEntryId(columns.take()?),
        pool: columns.word("a ledger line's pool")?,
        kind: columns.word("a ledger line's kind")?,
        amount: columns.take()?,
        job_id: columns.take::<Option<_>>()?.map(JobId),
        note: columns.take()?,
        created_at: columns.time()?,
    };
    Ok((seq, entry))
}

/// Expires what is left in the plan pool, then fills it, once a month.
pub(super) fn month_turn(connection: &Connection, month: Month) -> SqlResult<()> {
    let turned = params![month.workspace_id.0, month.now.utc_month()];
    if rows::write(connection, CREDIT_MONTH_TURN, turned)? == 0 {
        return Ok(());
    }
    let left = ledger::balance(connection, month.workspace_id)?.unwrap_or_default().plan;
    let amounts = [(EntryKind::Expire, -left.max(0)), (EntryKind::Grant, month.credits.max(0))];
    let lines = amounts.into_iter().zip(month.ledger_ids).filter(|((_, amount), _)| *amount != 0);
    let lines: Vec<_> = lines
        .map(|((kind, amount), id)| CreditEntry {
            id,
            pool: Pool::Plan,
            kind,
            amount,
            job_id: None,
            note: None,
            created_at: month.now,
        })
        .collect();
    ledger::post(connection, month.workspace_id, &lines, Moved::default())
}
