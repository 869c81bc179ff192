//! `job_claim`: the oldest due jobs, straight off the index of queued ones.

use hopline_domain::{
    chain::ChainStatus,
    id::{FamilyId, JobId, KeyId, WorkspaceId},
    store::{Caller, ClaimedJob, JobClaim, JobLease},
    time::Timestamp,
    verdict::Previous,
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    rows::{self, Columns},
};

pub(in crate::sqlite) const JOB_CLAIM: &str = "-- job_claim
update jobs set status = 'running', lease_token = ?1, lease_until = ?2
where seq in (select seq from jobs where status = 'queued' and due_at <= ?3 order by due_at, seq limit ?4)
returning due_at, seq, id, workspace_id, family_id, key_id, url, options, cache_key, lost_leases";

pub(in crate::sqlite) const JOB_PREVIOUS: &str = "-- job_previous
select target_url, finished_at from jobs
where cache_key = ?1 and status = 'done' and workspace_id = ?2
order by finished_at desc limit 1";

pub(super) fn claim(connection: &Connection, claim: JobClaim, now: Timestamp) -> SqlResult<Vec<ClaimedJob>> {
    let wanted = params![claim.token.0, claim.lease_until.0, now.0, claim.limit];
    let mut claimed = rows::many(connection, JOB_CLAIM, wanted, |columns| read(columns, claim))?;
    // `returning` promises no order.
    claimed.sort_by_key(|(order, _)| *order);
    let before = |(_, job): (_, ClaimedJob)| {
        let previous = previous(connection, &job)?;
        Ok(ClaimedJob { previous, ..job })
    };
    claimed.into_iter().map(before).collect()
}

fn previous(connection: &Connection, job: &ClaimedJob) -> SqlResult<Option<Previous>> {
    let same = params![job.cache_key, job.caller.workspace_id.0];
    rows::one(connection, JOB_PREVIOUS, same, |columns| {
        Ok(Previous {
            final_url: columns.take()?,
            status: ChainStatus::Done,
            http_status: None,
            checked_at: columns.time()?,
        })
    })
}

fn read(columns: &mut Columns<'_, '_>, claim: JobClaim) -> SqlResult<((i64, i64), ClaimedJob)> {
    let order = (columns.take()?, columns.take()?);
    let job = ClaimedJob {
        lease: JobLease { job_id: JobId(columns.take()?), token: claim.token },
        caller: Caller {
            workspace_id: WorkspaceId(columns.take()?),
            family_id: FamilyId(columns.take()?),
            key_id: KeyId(columns.take()?),
        },
        url: columns.take()?,
        options: columns.json("a job's options")?,
        cache_key: columns.take()?,
        lost_leases: columns.take()?,
        previous: None,
    };
    Ok((order, job))
}
