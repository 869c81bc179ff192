//! A job as its columns, and where it stands in the queue.

use hopline_domain::{
    credit::Reserved,
    id::{FamilyId, JobId, KeyId, WorkspaceId},
    job::{Job, JobStatus},
    store::JobView,
};
use rusqlite::Connection;

use crate::sqlite::{
    fault::SqlResult,
    ledger,
    rows::{self, Columns},
};

/// The columns [`read`] takes, in its order.
macro_rules! job_columns {
    () => {
        "seq, id, workspace_id, family_id, key_id, url, options, webhook_url, provider, tier, reserved_plan,
    reserved_pack, status, credits_charged, target_url, reason, vendor, hops_count, verdicts, evidence, screenshot,
    created_at, finished_at"
    };
}
pub(super) use job_columns;

/// The head of the queue, in the order of claiming.
pub(in crate::sqlite) const QUEUE_HEAD: &str = "-- queue_head
select seq from jobs where status = 'queued' order by due_at, seq limit 1";

/// A job with its row number.
pub(super) fn read(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, Job)> {
    let seq = columns.take()?;
    let job = Job {
        id: JobId(columns.take()?),
        workspace_id: WorkspaceId(columns.take()?),
        family_id: FamilyId(columns.take()?),
        key_id: KeyId(columns.take()?),
        url: columns.take()?,
        options: columns.json("a job's options")?,
        webhook_url: columns.take()?,
        provider: columns.take()?,
        tier: columns.word("a job's tier")?,
        reserved: Reserved { plan: columns.take()?, pack: columns.take()? },
        status: columns.word("a job's status")?,
        credits_charged: columns.take()?,
        target_url: columns.take()?,
        reason: columns.word_or_none("a job's reason")?,
        vendor: columns.take()?,
        hops_count: columns.take()?,
        verdicts: columns.json_or_none("a job's verdicts")?,
        evidence: columns.take()?,
        screenshot: columns.take()?,
        created_at: columns.time()?,
        finished_at: columns.time_or_none()?,
    };
    Ok((seq, job))
}

/// Places up to the head of the queue: never too low for a job that was queued once, and found without counting.
pub(super) fn queue_position(connection: &Connection, seq: i64) -> SqlResult<u64> {
    let head = rows::one(connection, QUEUE_HEAD, [], rows::value::<i64>)?.unwrap_or(seq);
    Ok(u64::try_from(seq - head).unwrap_or(0) + 1)
}

/// What the caller sees of a job now.
pub(super) fn view(connection: &Connection, seq: i64, job: Job) -> SqlResult<JobView> {
    let balance = ledger::balance_total(connection, job.workspace_id)?;
    let queue_position = match job.status {
        JobStatus::Queued => queue_position(connection, seq)?,
        _ => 0,
    };
    Ok(JobView { job, balance, queue_position })
}
