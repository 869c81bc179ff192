//! Retention in the core file: bounded, oldest first, and never unfinished work or what it refers to.

use hopline_domain::store::{EvidenceDigest, Retention, Swept};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    ledger::{self, Moved},
    links::bulk,
    rows,
};

/// A job whose webhook is still to be told stays as long as that takes.
pub(in crate::sqlite) const JOBS_ENDED: &str = "-- jobs_ended
select seq, workspace_id, evidence, screenshot, evidence_bytes + screenshot_bytes from jobs
where finished_at is not null and finished_at < ?1
    and not exists (
        select 1 from deliveries d where d.job_id = jobs.id and d.state in ('pending', 'delivering')
    )
order by finished_at limit ?2";

const JOB_REMOVE: &str = "-- job_remove
delete from jobs where seq = ?1";

pub(in crate::sqlite) const EVENTS_TOLD: &str = "-- events_told
select seq from events e
where created_at < ?1
    and not exists (
        select 1 from deliveries d where d.event_seq = e.seq
            and (d.state in ('pending', 'delivering') or (d.state = 'expired' and d.finished_at >= ?1))
    )
order by created_at limit ?2";

/// What waits for an endpoint that never came back. It is shown as expired for as long again as events are kept.
pub(in crate::sqlite) const DELIVERIES_OVERDUE: &str = "-- deliveries_overdue
select ifnull(d.batch_seq, d.seq), d.workspace_id
from events e cross join deliveries d on d.event_seq = e.seq cross join lanes l on l.id = d.lane_id
where e.created_at < ?1 and d.state = 'pending' and l.disabled = 1 order by e.created_at limit ?2";

const DELIVERIES_EXPIRE: &str = "-- deliveries_expire
update deliveries set state = 'expired', next_attempt_at = null, finished_at = ?2
where (seq = ?1 or batch_seq = ?1) and state = 'pending'";

const ATTEMPTS_OF_EVENT_REMOVE: &str = "-- attempts_of_event_remove
delete from attempts where delivery_seq in (select seq from deliveries where event_seq = ?1)";

const DELIVERIES_OF_EVENT_REMOVE: &str = "-- deliveries_of_event_remove
delete from deliveries where event_seq = ?1 returning lane_id";

const EVENT_REMOVE: &str = "-- event_remove
delete from events where seq = ?1";

const LANE_LEAVE: &str = "-- lane_leave
update lanes set deliveries = deliveries - 1 where id = ?1";

const LANE_REMOVE: &str = "-- lane_remove
delete from lanes where id = ?1 and deliveries <= 0 and endpoint_id is null";

/// Attempts and audit lines are made in the order of time: the oldest are the first rows.
pub(in crate::sqlite) const ATTEMPTS_SWEEP: &str = "-- attempts_sweep
delete from attempts where seq in (select seq from attempts order by seq limit ?2) and started_at < ?1";

pub(in crate::sqlite) const AUDIT_SWEEP: &str = "-- audit_sweep
delete from audit where seq in (select seq from audit order by seq limit ?2) and at < ?1";

pub(in crate::sqlite) const IDEMPOTENCY_SWEEP: &str = "-- idempotency_sweep
delete from idempotency where (family_id, key) in (
    select family_id, key from idempotency where expires_at < ?1 order by expires_at limit ?2
)";

/// Day counters are small and bounded by families; yesterday's are of no use.
const FAMILY_DAYS_SWEEP: &str = "-- family_days_sweep
delete from family_days where day < ?1 and (family_id, day) in (
    select family_id, day from family_days where day < ?1 order by day limit ?2
)";

/// What a sweep of the core did.
pub(super) struct CoreSwept {
    pub(super) swept: Swept,
    /// Chains and pictures of removed jobs: nothing may refer to them any more.
    pub(super) chains: Vec<EvidenceDigest>,
    pub(super) screenshots: Vec<EvidenceDigest>,
}

pub(super) fn sweep(connection: &Connection, retention: Retention, limit: u32) -> SqlResult<CoreSwept> {
    let ended = sweep_jobs(connection, retention, limit)?;
    expire(connection, retention, limit)?;
    let events = sweep_events(connection, retention, limit)?;
    let remove = |sql, before: i64| rows::write(connection, sql, params![before, limit]).map(count);
    rows::write(connection, FAMILY_DAYS_SWEEP, params![retention.idempotency_before.utc_day() - 1, limit])?;
    bulk::sweep(connection, retention.idempotency_before, limit)?;
    let swept = Swept {
        jobs: count(ended.len()),
        evidence: 0,
        screenshots: 0,
        events,
        attempts: remove(ATTEMPTS_SWEEP, retention.attempts_before.0)?,
        audit: remove(AUDIT_SWEEP, retention.audit_before.0)?,
        idempotency: remove(IDEMPOTENCY_SWEEP, retention.idempotency_before.0)?,
    };
    let chains = ended.iter().filter_map(|job| job.evidence).collect();
    let screenshots = ended.iter().filter_map(|job| job.screenshot).collect();
    Ok(CoreSwept { swept, chains, screenshots })
}

/// What a removed job leaves behind.
struct EndedJob {
    evidence: Option<EvidenceDigest>,
    screenshot: Option<EvidenceDigest>,
}

fn sweep_jobs(connection: &Connection, retention: Retention, limit: u32) -> SqlResult<Vec<EndedJob>> {
    let ended = rows::many(connection, JOBS_ENDED, params![retention.jobs_before.0, limit], |columns| {
        let (seq, workspace_id) = (columns.take::<i64>()?, hopline_domain::id::WorkspaceId(columns.take()?));
        let job = EndedJob { evidence: columns.take()?, screenshot: columns.take()? };
        Ok((seq, workspace_id, job, columns.take::<i64>()?))
    })?;
    let mut removed = Vec::with_capacity(ended.len());
    for (seq, workspace_id, job, bytes) in ended {
        rows::write(connection, JOB_REMOVE, [seq])?;
        if bytes != 0 {
            let moved = Moved { evidence_bytes: -bytes, ..Moved::default() };
            ledger::post(connection, workspace_id, &[], moved)?;
        }
        removed.push(job);
    }
    Ok(removed)
}

/// An attempt under way is never disturbed: it ends first.
fn expire(connection: &Connection, retention: Retention, limit: u32) -> SqlResult<()> {
    let now = retention.idempotency_before;
    let overdue = params![retention.events_before.0, limit];
    let overdue = rows::many(connection, DELIVERIES_OVERDUE, overdue, |columns| {
        Ok((columns.take::<i64>()?, hopline_domain::id::WorkspaceId(columns.take()?)))
    })?;
    for (seq, workspace_id) in overdue {
        let expired = rows::write(connection, DELIVERIES_EXPIRE, params![seq, now.0])?;
        let deliveries_unfinished = -i64::try_from(expired).unwrap_or(0);
        ledger::post(connection, workspace_id, &[], Moved { deliveries_unfinished, ..Moved::default() })?;
    }
    Ok(())
}

/// Deliveries and their attempts go with their event, a lane with its last delivery.
fn sweep_events(connection: &Connection, retention: Retention, limit: u32) -> SqlResult<u32> {
    let told =
        rows::many(connection, EVENTS_TOLD, params![retention.events_before.0, limit], rows::value::<i64>)?;
    for seq in &told {
        rows::write(connection, ATTEMPTS_OF_EVENT_REMOVE, [seq])?;
        let lane_ids = rows::many(connection, DELIVERIES_OF_EVENT_REMOVE, [seq], rows::value::<i64>)?;
        rows::write(connection, EVENT_REMOVE, [seq])?;
        for lane_id in lane_ids {
            rows::write(connection, LANE_LEAVE, [lane_id])?;
            rows::write(connection, LANE_REMOVE, [lane_id])?;
        }
    }
    Ok(count(told.len()))
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
