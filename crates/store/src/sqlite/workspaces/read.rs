//! Workspaces and what they use.

use hopline_domain::{
    id::WorkspaceId,
    store::{Caller, Workspace, WorkspaceUsage},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    jobs::accept::resolves_today,
    keys::read::count_unrevoked,
    links::meters::held,
    rows::{self, Columns},
};

const WORKSPACE_GET: &str = "-- workspace_get
select id, name, plan, created_at from workspaces where id = ?1";

const METERS_USAGE: &str = "-- meters_usage
select jobs_unfinished, evidence_bytes from meters where workspace_id = ?1";

const CREDIT_MONTH_DUE: &str = "-- credit_month_due
select id, name, plan, created_at from workspaces where credit_month < ?1 order by credit_month, id limit ?2";

pub(super) fn get(connection: &Connection, id: WorkspaceId) -> SqlResult<Option<Workspace>> {
    rows::one(connection, WORKSPACE_GET, [id.0], read)
}

fn read(columns: &mut Columns<'_, '_>) -> SqlResult<Workspace> {
    Ok(Workspace {
        id: WorkspaceId(columns.take()?),
        name: columns.take()?,
        plan: columns.take()?,
        created_at: columns.time()?,
    })
}

pub(super) fn usage(connection: &Connection, caller: Caller, now: Timestamp) -> SqlResult<WorkspaceUsage> {
    let meters = rows::one(connection, METERS_USAGE, [caller.workspace_id.0], |columns| {
        Ok((columns.take::<i64>()?, columns.take::<i64>()?))
    })?;
    let (jobs_unfinished, evidence_bytes) = meters.unwrap_or_default();
    let held = held(connection, caller.workspace_id)?;
    Ok(WorkspaceUsage {
        keys: count_unrevoked(connection, caller.workspace_id)?,
        jobs_unfinished: u64::try_from(jobs_unfinished).unwrap_or(0),
        evidence_bytes: u64::try_from(evidence_bytes).unwrap_or(0),
        links: held.links,
        qr_codes: held.qr_codes,
        resolves_today: resolves_today(connection, caller, now)?,
    })
}

pub(super) fn month_due(connection: &Connection, now: Timestamp, limit: u32) -> SqlResult<Vec<Workspace>> {
    rows::many(connection, CREDIT_MONTH_DUE, params![now.utc_month(), limit], read)
}
