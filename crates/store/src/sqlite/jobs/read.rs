//! `job_get` and `job_list`: a family sees its own jobs only (I08).

use hopline_domain::{
    id::JobId,
    store::{Caller, JobView, Page, Paged},
};
use rusqlite::{Connection, params};

use super::row;
use crate::sqlite::{fault::SqlResult, rows};

const JOB_GET: &str = concat!(
    "-- job_get
select ",
    row::job_columns!(),
    " from jobs where id = ?1 and family_id = ?2 and workspace_id = ?3"
);

pub(in crate::sqlite) const JOB_LIST: &str = concat!(
    "-- job_list
select ",
    row::job_columns!(),
    " from jobs where family_id = ?1 and workspace_id = ?2 and seq < ?3 order by seq desc limit ?4"
);

pub(super) fn get(connection: &Connection, caller: Caller, id: JobId) -> SqlResult<Option<JobView>> {
    let scope = params![id.0, caller.family_id.0, caller.workspace_id.0];
    let found = rows::one(connection, JOB_GET, scope, row::read)?;
    found.map(|(seq, job)| row::view(connection, seq, job)).transpose()
}

pub(super) fn list(connection: &Connection, caller: Caller, page: Page) -> SqlResult<Paged<JobView>> {
    let (below, count) = rows::page_bounds(page);
    let scope = params![caller.family_id.0, caller.workspace_id.0, below, count];
    let jobs = rows::many(connection, JOB_LIST, scope, row::read)?;
    let views = jobs.into_iter().map(|(seq, job)| Ok((seq, row::view(connection, seq, job)?)));
    Ok(rows::page_of(views.collect::<SqlResult<_>>()?, page.limit))
}
