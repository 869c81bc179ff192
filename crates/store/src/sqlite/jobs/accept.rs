//! `job_accept`: idempotency, same body, cache, quota, credits, job; the first that answers wins.

use hopline_domain::{
    credit::Reserved,
    id::JobId,
    job::Job,
    store::{Accepted, Caller, JobAccept, JobView, NewJob, Refused},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{read, row};
use crate::sqlite::{
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    ledger::{self, Moved, OfJob},
    rows,
    writer::Turn,
};

pub(in crate::sqlite) const JOB_BY_BODY: &str = concat!(
    "-- job_by_body
select ",
    row::job_columns!(),
    " from jobs
where seq = ?1 and body_hash = ?2 and family_id = ?3 and workspace_id = ?4 and status in ('queued', 'running')"
);

pub(in crate::sqlite) const JOB_CACHED: &str = concat!(
    "-- job_cached
select ",
    row::job_columns!(),
    " from jobs
where cache_key = ?1 and status = 'done' and finished_at >= ?2 and workspace_id = ?3
order by finished_at desc limit 1"
);

const RESOLVES_TODAY: &str = "-- resolves_today
select resolves from family_days where family_id = ?1 and day = ?2";

const RESOLVES_COUNT: &str = "-- resolves_count
insert into family_days (family_id, day, resolves) values (?1, ?2, 1)
on conflict (family_id, day) do update set resolves = resolves + 1";

const JOB_INSERT: &str = "-- job_insert
insert into jobs (
    id, workspace_id, family_id, key_id, url, options, webhook_url, provider, tier, reserved_plan, reserved_pack,
    cache_key, body_hash, status, due_at, created_at
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'queued', ?14, ?14)";

pub(super) fn accept(
    turn: &mut Turn<'_>,
    caller: Caller,
    accept: &JobAccept,
    now: Timestamp,
) -> SqlResult<Accepted> {
    let connection = turn.connection;
    if let Some(known) = known(turn, caller, accept, now)? {
        return Ok(known);
    }
    let cached = cached(connection, caller, accept)?;
    if let Some(refused) = over_quota(connection, caller, accept, now)? {
        return Ok(Accepted::Refused(refused));
    }
    let balance = ledger::balance(connection, caller.workspace_id)?.unwrap_or_default();
    if let Some(job) = cached {
        count_resolve(connection, caller, now)?;
        return Ok(Accepted::Cached { job: Box::new(job), balance: balance.total() });
    }
    let price = accept.job.price;
    let Some(reserved) = balance.reserve(price) else {
        return Ok(Accepted::Refused(Refused::OutOfCredits { price, balance: balance.total() }));
    };
    count_resolve(connection, caller, now)?;
    let queue_position = queue(turn, caller, accept, reserved, now)?;
    Ok(Accepted::Queued { job_id: accept.job.id, queue_position })
}

/// The outcome this request had before, if it had one.
fn known(turn: &Turn<'_>, caller: Caller, accept: &JobAccept, now: Timestamp) -> SqlResult<Option<Accepted>> {
    match idempotency::find(turn.connection, place(caller), accept.idempotency.as_ref(), now)? {
        Known::Reused => Ok(Some(Accepted::Refused(Refused::IdempotencyKeyReused))),
        // A job that retention has taken leaves its key free.
        Known::Subject(id) => {
            let view = read::get(turn.connection, caller, JobId(id))?;
            Ok(view.map(|view| Accepted::Replayed(Box::new(view))))
        }
        Known::Nothing => Ok(same_body(turn, caller, accept)?.map(|view| Accepted::SameBody(Box::new(view)))),
    }
}

const fn place(caller: Caller) -> Place {
    Place { family_id: caller.family_id, kind: Kind::Job }
}

fn same_body(turn: &Turn<'_>, caller: Caller, accept: &JobAccept) -> SqlResult<Option<JobView>> {
    let Some(body_hash) = accept.body_hash else { return Ok(None) };
    let Some(seq) = turn.bodies.find(caller.family_id, body_hash) else { return Ok(None) };
    let job = params![seq, body_hash, caller.family_id.0, caller.workspace_id.0];
    let found = rows::one(turn.connection, JOB_BY_BODY, job, row::read)?;
    found.map(|(seq, job)| row::view(turn.connection, seq, job)).transpose()
}

fn cached(connection: &Connection, caller: Caller, accept: &JobAccept) -> SqlResult<Option<Job>> {
    let Some(since) = accept.cached_since else { return Ok(None) };
    let wanted = params![accept.job.cache_key, since.0, caller.workspace_id.0];
    Ok(rows::one(connection, JOB_CACHED, wanted, row::read)?.map(|(_, job)| job))
}

fn over_quota(
    connection: &Connection,
    caller: Caller,
    accept: &JobAccept,
    now: Timestamp,
) -> SqlResult<Option<Refused>> {
    let Some(limit) = accept.daily_quota else { return Ok(None) };
    let used = resolves_today(connection, caller, now)?;
    Ok((used >= limit).then(|| Refused::QuotaExceeded { limit, resets_at: now.next_utc_midnight() }))
}

/// Resolve calls of the family this UTC day.
pub(in crate::sqlite) fn resolves_today(
    connection: &Connection,
    caller: Caller,
    now: Timestamp,
) -> SqlResult<u32> {
    let day = params![caller.family_id.0, now.utc_day()];
    Ok(rows::one(connection, RESOLVES_TODAY, day, rows::value)?.unwrap_or(0))
}

fn count_resolve(connection: &Connection, caller: Caller, now: Timestamp) -> SqlResult<()> {
    rows::write(connection, RESOLVES_COUNT, params![caller.family_id.0, now.utc_day()]).map(|_| ())
}

/// Reserves, inserts and records; answers the place in the queue.
fn queue(
    turn: &mut Turn<'_>,
    caller: Caller,
    accept: &JobAccept,
    reserved: Reserved,
    now: Timestamp,
) -> SqlResult<u64> {
    let connection = turn.connection;
    let job = &accept.job;
    let ids = [job.reservation_id, job.second_reservation_id];
    let lines = OfJob { job_id: job.id, ids, now }.reservation(reserved);
    let moved = Moved { jobs_unfinished: 1, ..Moved::default() };
    ledger::post(connection, caller.workspace_id, &lines, moved)?;
    insert(connection, caller, &Row { job, reserved, body_hash: accept.body_hash, now })?;
    let seq = connection.last_insert_rowid();
    idempotency::record(connection, place(caller), accept.idempotency.as_ref(), job.id.0.as_bytes())?;
    if let Some(body_hash) = accept.body_hash {
        turn.bodies.insert(caller.family_id, body_hash, seq);
    }
    turn.wakes.jobs_queued = true;
    row::queue_position(connection, seq)
}

struct Row<'a> {
    job: &'a NewJob,
    reserved: Reserved,
    body_hash: Option<[u8; 32]>,
    now: Timestamp,
}

fn insert(connection: &Connection, caller: Caller, row: &Row<'_>) -> SqlResult<usize> {
    let job = row.job;
    let columns = params![
        job.id.0,
        caller.workspace_id.0,
        caller.family_id.0,
        caller.key_id.0,
        job.url,
        rows::to_json(&job.options)?,
        job.webhook_url,
        job.provider,
        job.tier.as_str(),
        row.reserved.plan,
        row.reserved.pack,
        job.cache_key,
        row.body_hash,
        row.now.0
    ];
    rows::write(connection, JOB_INSERT, columns)
}
