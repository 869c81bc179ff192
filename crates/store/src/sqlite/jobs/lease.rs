//! Extending leases, giving jobs back, finding leases that ran out. A stale token changes nothing (I06).

use hopline_domain::{
    id::{JobId, LeaseToken},
    store::{Counted, ExpiredJob, Finished, JobLease},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use crate::sqlite::{fault::SqlResult, rows, writer::Turn};

const JOB_LEASE_EXTEND: &str = "-- job_lease_extend
update jobs set lease_until = ?3 where id = ?1 and lease_token = ?2 and status = 'running'";

const JOB_REQUEUE: &str = "-- job_requeue
update jobs set status = 'queued', due_at = ?3, lost_leases = lost_leases + ?4, lease_token = null, lease_until = null
where id = ?1 and lease_token = ?2 and status = 'running'";

pub(in crate::sqlite) const JOB_LEASE_EXPIRED: &str = "-- job_lease_expired
select id, lease_token, lost_leases + 1 from jobs
where status = 'running' and lease_until <= ?1 order by lease_until limit ?2";

/// Answers the leases that were lost.
pub(super) fn extend(
    connection: &Connection,
    leases: &[JobLease],
    until: Timestamp,
) -> SqlResult<Vec<JobLease>> {
    let mut lost = Vec::new();
    for lease in leases {
        if rows::write(connection, JOB_LEASE_EXTEND, params![lease.job_id.0, lease.token.0, until.0])? == 0 {
            lost.push(*lease);
        }
    }
    Ok(lost)
}

pub(super) fn requeue(
    turn: &mut Turn<'_>,
    lease: JobLease,
    counted: Counted,
    due_at: Timestamp,
) -> SqlResult<Finished> {
    let lost = match counted {
        Counted::Lost => 1,
        Counted::HandedBack => 0,
    };
    let changed =
        rows::write(turn.connection, JOB_REQUEUE, params![lease.job_id.0, lease.token.0, due_at.0, lost])?;
    if changed == 0 {
        return Ok(Finished::LeaseLost);
    }
    turn.wakes.jobs_queued = true;
    Ok(Finished::Recorded)
}

pub(super) fn expired(connection: &Connection, now: Timestamp, limit: u32) -> SqlResult<Vec<ExpiredJob>> {
    rows::many(connection, JOB_LEASE_EXPIRED, params![now.0, limit], |columns| {
        let lease = JobLease { job_id: JobId(columns.take()?), token: LeaseToken(columns.take()?) };
        Ok(ExpiredJob { lease, lost_leases: columns.take()? })
    })
}
