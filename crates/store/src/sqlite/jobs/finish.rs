//! `job_finish`: state, charge or release, event and delivery in one transaction (I02, I05), fenced by the lease (I06).

use hopline_domain::{
    credit::Reserved,
    event::{EventType, NewEvent, ResolveEvent},
    id::{FamilyId, WorkspaceId},
    job::JobStatus,
    outcome::{Outcome, Reason},
    provider::Tier,
    store::{Finished, JobEnd, JobLease},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    events::{self, DeliveryRow},
    fault::SqlResult,
    ledger::{self, Moved, OfJob},
    rows,
    writer::Turn,
};

const JOB_FINISH: &str = "-- job_finish
update jobs set
    status = ?3,
    credits_charged = case ?3 when 'done' then reserved_plan + reserved_pack else 0 end,
    target_url = ?4,
    reason = ?5,
    vendor = ?6,
    hops_count = ?7,
    verdicts = ?8,
    evidence = ?9,
    evidence_bytes = ?10,
    screenshot = ?11,
    screenshot_bytes = ?12,
    finished_at = ?13,
    lease_token = null,
    lease_until = null
where id = ?1 and lease_token = ?2 and status = 'running'
returning seq, body_hash, workspace_id, family_id, webhook_url, provider, tier, reserved_plan, reserved_pack, credits_charged";

/// How a job ends, when, and what its evidence and picture weigh.
pub(super) struct Ending {
    pub(super) end: JobEnd,
    pub(super) evidence_bytes: i64,
    pub(super) screenshot_bytes: i64,
    pub(super) now: Timestamp,
}

/// What the end needs to know of its job.
struct Ended {
    seq: i64,
    body_hash: Option<[u8; 32]>,
    workspace_id: WorkspaceId,
    family_id: FamilyId,
    webhook_url: Option<String>,
    provider: String,
    tier: Tier,
    reserved: Reserved,
    credits_charged: i64,
}

pub(super) fn finish(turn: &mut Turn<'_>, lease: JobLease, ending: &Ending) -> SqlResult<Finished> {
    let Some(job) = end(turn.connection, lease, ending)? else { return Ok(Finished::LeaseLost) };
    let balance = charge(turn.connection, lease, ending, &job)?;
    tell(turn, lease, ending, &job, balance)?;
    if let Some(body_hash) = job.body_hash {
        turn.bodies.end(job.family_id, body_hash, job.seq);
    }
    turn.wakes.jobs_ended.push(lease.job_id);
    Ok(Finished::Recorded)
}

fn end(connection: &Connection, lease: JobLease, ending: &Ending) -> SqlResult<Option<Ended>> {
    let end = &ending.end;
    let status: &str = JobStatus::of(&end.outcome).into();
    let (target_url, reason, vendor) = parts(&end.outcome);
    let columns = params![
        lease.job_id.0,
        lease.token.0,
        status,
        target_url,
        reason.map(Reason::as_str),
        vendor,
        end.hops_count,
        end.verdicts.as_ref().map(rows::to_json).transpose()?,
        end.evidence,
        ending.evidence_bytes,
        end.screenshot,
        ending.screenshot_bytes,
        ending.now.0
    ];
    rows::one(connection, JOB_FINISH, columns, |columns| {
        Ok(Ended {
            seq: columns.take()?,
            body_hash: columns.take()?,
            workspace_id: WorkspaceId(columns.take()?),
            family_id: FamilyId(columns.take()?),
            webhook_url: columns.take()?,
            provider: columns.take()?,
            tier: columns.word("a job's tier")?,
            reserved: Reserved { plan: columns.take()?, pack: columns.take()? },
            credits_charged: columns.take()?,
        })
    })
}

fn parts(outcome: &Outcome) -> (Option<&str>, Option<Reason>, Option<&str>) {
    match outcome {
        Outcome::Done { target_url } => (Some(target_url), None, None),
        Outcome::Failed { reason } => (None, Some(*reason), None),
        Outcome::Invalid { reason, vendor } => (None, Some(*reason), vendor.as_deref()),
    }
}

/// Settles on `done`, releases otherwise; answers the balance after.
fn charge(connection: &Connection, lease: JobLease, ending: &Ending, job: &Ended) -> SqlResult<i64> {
    let of_job = OfJob { job_id: lease.job_id, ids: ending.end.ledger_ids, now: ending.now };
    let lines = match &ending.end.outcome {
        Outcome::Done { .. } => of_job.settlement(job.reserved),
        Outcome::Failed { .. } | Outcome::Invalid { .. } => of_job.release(job.reserved),
    };
    let moved = Moved {
        jobs_unfinished: -1,
        deliveries_unfinished: i64::from(job.webhook_url.is_some()),
        evidence_bytes: ending.evidence_bytes + ending.screenshot_bytes,
    };
    ledger::post(connection, job.workspace_id, &lines, moved)?;
    ledger::balance_total(connection, job.workspace_id)
}

fn tell(turn: &mut Turn<'_>, lease: JobLease, ending: &Ending, job: &Ended, balance: i64) -> SqlResult<()> {
    let end = &ending.end;
    let event = ResolveEvent {
        created_at: ending.now,
        job_id: lease.job_id,
        outcome: &end.outcome,
        provider: &job.provider,
        tier: job.tier,
        credits_charged: job.credits_charged,
        balance,
    };
    let raised = NewEvent {
        id: end.event_id,
        workspace_id: job.workspace_id,
        event_type: EventType::of(&end.outcome),
        job_id: Some(lease.job_id),
        link_id: None,
        tag_ids: Vec::new(),
        body: event.event_body(end.event_id, job.workspace_id),
        created_at: ending.now,
    };
    let event_seq = events::write(turn, &raised)?;
    let Some(url) = &job.webhook_url else { return Ok(()) };
    let delivery = DeliveryRow {
        id: end.delivery.id,
        workspace_id: job.workspace_id,
        family_id: job.family_id,
        event_seq,
        job_id: Some(lease.job_id),
        url,
        body: event.request_body(),
    };
    events::deliver(turn, &delivery, ending.now)
}
