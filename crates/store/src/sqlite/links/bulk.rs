//! `link_bulk_chunk`: many links in one transaction, and how far a call with an idempotency key is.

use hopline_domain::{
    id::LeaseToken,
    problem::Fault,
    short_link::ShortLink,
    store::{BulkChunked, BulkProgress, BulkRecord, BulkRow, Caller, LinkBulkChunk},
    time::Timestamp,
};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::make::{self, Making};
use crate::sqlite::{
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    rows,
    writer::Turn,
};

const BULK_BEGIN: &str = "-- bulk_begin
insert into link_bulks (id, run_token, running_until, rows_total, next_row, created, expires_at)
values (?1, ?1, ?2, ?3, ?4, 0, ?5)";

const BULK_GET: &str = "-- bulk_get
select run_token, running_until, rows_total, next_row, created from link_bulks where id = ?1";

const BULK_TAKE_OVER: &str = "-- bulk_take_over
update link_bulks set run_token = ?2, running_until = ?3 where id = ?1";

const BULK_ADVANCE: &str = "-- bulk_advance
update link_bulks set next_row = ?2, created = created + ?3, running_until = ?4 where id = ?1";

const BULK_FAULTS_INSERT: &str = "-- bulk_faults_insert
insert into link_bulk_faults (bulk_id, row, faults) values (?1, ?2, ?3)";

const BULK_FAULTS: &str = "-- bulk_faults
select row, faults from link_bulk_faults where bulk_id = ?1 order by row";

pub(in crate::sqlite) const BULKS_EXPIRED: &str = "-- bulks_expired
select id from link_bulks where expires_at < ?1 order by expires_at limit ?2";

const BULK_FAULTS_REMOVE: &str = "-- bulk_faults_remove
delete from link_bulk_faults where bulk_id = ?1";

const BULK_REMOVE: &str = "-- bulk_remove
delete from link_bulks where id = ?1";

type RowOutcome = Result<Box<ShortLink>, Vec<Fault>>;

pub(super) fn chunk(
    turn: &mut Turn<'_>,
    caller: Caller,
    chunk: &LinkBulkChunk,
    now: Timestamp,
) -> SqlResult<BulkChunked> {
    let bulk_id = match &chunk.record {
        None => None,
        Some(record) => match enter(turn.connection, caller, (chunk, record), now)? {
            Entered::Run(id) => Some(id),
            Entered::Answer(answer) => return Ok(answer),
        },
    };
    let mut outcomes = Vec::with_capacity(chunk.rows.len());
    for row in &chunk.rows {
        outcomes.push(make_row(turn, caller, (chunk, row), now)?);
    }
    if let (Some(id), Some(record)) = (bulk_id, &chunk.record) {
        advance(turn.connection, id, (chunk, record), &outcomes)?;
    }
    Ok(BulkChunked::Done(outcomes))
}

fn make_row(
    turn: &mut Turn<'_>,
    caller: Caller,
    (chunk, row): (&LinkBulkChunk, &BulkRow),
    now: Timestamp,
) -> SqlResult<RowOutcome> {
    let link = match &row.link {
        Ok(link) => link,
        Err(faults) => return Ok(Err(faults.clone())),
    };
    let making = Making { link, deed: row.deed, scene: &chunk.scene };
    Ok(make::make(turn, caller, &making, now)?.map_err(|refused| vec![refused.fault()]))
}

/// What a chunk may do.
enum Entered {
    Run(Uuid),
    Answer(BulkChunked),
}

fn enter(
    connection: &Connection,
    caller: Caller,
    (chunk, record): (&LinkBulkChunk, &BulkRecord),
    now: Timestamp,
) -> SqlResult<Entered> {
    let place = Place { family_id: caller.family_id, kind: Kind::LinkBulk };
    let id = match idempotency::find::<Uuid>(connection, place, Some(&record.claim), now)? {
        Known::Reused => return Ok(Entered::Answer(BulkChunked::IdempotencyKeyReused)),
        Known::Nothing => return begin(connection, place, (chunk, record)),
        Known::Subject(id) => id,
    };
    let Some(bulk) = get(connection, id)? else { return begin(connection, place, (chunk, record)) };
    let is_ours = bulk.run_token == record.token;
    let answer = match bulk.running_until {
        None => BulkChunked::Replayed(progress(connection, id, &bulk)?),
        Some(_) if is_ours && bulk.next_row == chunk.first_row => return Ok(Entered::Run(id)),
        Some(until) if !is_ours && until > now => BulkChunked::InProgress,
        Some(_) => {
            let run = params![id, record.token.0, record.running_until.0];
            rows::write(connection, BULK_TAKE_OVER, run)?;
            BulkChunked::ContinueAt(progress(connection, id, &bulk)?)
        }
    };
    Ok(Entered::Answer(answer))
}

fn begin(
    connection: &Connection,
    place: Place,
    (chunk, record): (&LinkBulkChunk, &BulkRecord),
) -> SqlResult<Entered> {
    let id = record.token.0;
    let columns =
        params![id, record.running_until.0, chunk.rows_total, chunk.first_row, record.claim.expires_at.0];
    rows::write(connection, BULK_BEGIN, columns)?;
    idempotency::record(connection, place, Some(&record.claim), id.as_bytes())?;
    Ok(Entered::Run(id))
}

/// A bulk call as its row.
struct Bulk {
    run_token: LeaseToken,
    running_until: Option<Timestamp>,
    rows_total: u32,
    next_row: u32,
    created: u32,
}

fn get(connection: &Connection, id: Uuid) -> SqlResult<Option<Bulk>> {
    rows::one(connection, BULK_GET, [id], |columns| {
        Ok(Bulk {
            run_token: LeaseToken(columns.take()?),
            running_until: columns.time_or_none()?,
            rows_total: columns.take()?,
            next_row: columns.take()?,
            created: columns.take()?,
        })
    })
}

fn progress(connection: &Connection, id: Uuid, bulk: &Bulk) -> SqlResult<BulkProgress> {
    let Bulk { rows_total, next_row, created, .. } = *bulk;
    let failed = rows::many(connection, BULK_FAULTS, [id], |columns| {
        Ok((columns.take()?, columns.json("the faults of a row")?))
    })?;
    Ok(BulkProgress { next_row, rows_total, created, failed })
}

fn advance(
    connection: &Connection,
    id: Uuid,
    (chunk, record): (&LinkBulkChunk, &BulkRecord),
    outcomes: &[RowOutcome],
) -> SqlResult<()> {
    let mut next_row = chunk.first_row;
    for outcome in outcomes {
        if let Err(faults) = outcome {
            rows::write(connection, BULK_FAULTS_INSERT, params![id, next_row, rows::to_json(faults)?])?;
        }
        next_row = next_row.saturating_add(1);
    }
    let created = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let running_until = (next_row < chunk.rows_total).then_some(record.running_until.0);
    let created = i64::try_from(created).unwrap_or(i64::MAX);
    rows::write(connection, BULK_ADVANCE, params![id, next_row, created, running_until]).map(|_| ())
}

/// Removes records of bulk calls whose idempotency key has expired before then.
pub(in crate::sqlite) fn sweep(connection: &Connection, before: Timestamp, limit: u32) -> SqlResult<()> {
    for id in rows::many(connection, BULKS_EXPIRED, params![before.0, limit], rows::value::<Uuid>)? {
        rows::write(connection, BULK_FAULTS_REMOVE, [id])?;
        rows::write(connection, BULK_REMOVE, [id])?;
    }
    Ok(())
}
