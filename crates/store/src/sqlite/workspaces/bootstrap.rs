//! `workspace_bootstrap`: the first workspace with its key and credits, in one transaction.

use hopline_domain::{
    credit::{CreditEntry, EntryKind, Pool},
    id::WorkspaceId,
    store::{Bootstrap, Bootstrapped},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    keys::{self, NewFamily},
    ledger::{self, Moved},
    rows,
};

const WORKSPACE_FIRST: &str = "-- workspace_first
select id from workspaces order by id limit 1";

const WORKSPACE_INSERT: &str = "-- workspace_insert
insert into workspaces (id, name, plan, created_at) values (?1, ?2, ?3, ?4)";

const METERS_INSERT: &str = "-- meters_insert
insert into meters (workspace_id) values (?1)";

pub(super) fn bootstrap(
    connection: &Connection,
    bootstrap: &Bootstrap,
    now: Timestamp,
) -> SqlResult<Bootstrapped> {
    if let Some(id) = rows::one(connection, WORKSPACE_FIRST, [], rows::value)? {
        return Ok(Bootstrapped::Existing(WorkspaceId(id)));
    }
    let workspace = &bootstrap.workspace;
    let columns = params![workspace.id.0, workspace.name, workspace.plan, workspace.created_at.0];
    rows::write(connection, WORKSPACE_INSERT, columns)?;
    rows::write(connection, METERS_INSERT, [workspace.id.0])?;
    ledger::post(connection, workspace.id, &[first_grant(bootstrap, now)], Moved::default())?;
    first_key(connection, bootstrap, now)?;
    Ok(Bootstrapped::Made)
}

fn first_grant(bootstrap: &Bootstrap, now: Timestamp) -> CreditEntry {
    CreditEntry {
        id: bootstrap.grant_id,
        pool: Pool::Pack,
        kind: EntryKind::Grant,
        amount: bootstrap.credits,
        job_id: None,
        note: Some("first workspace".to_owned()),
        created_at: now,
    }
}

fn first_key(connection: &Connection, bootstrap: &Bootstrap, now: Timestamp) -> SqlResult<()> {
    let family = NewFamily {
        id: bootstrap.family_id,
        workspace_id: bootstrap.workspace.id,
        sealed_secret: &bootstrap.sealed_secret,
    };
    keys::insert_family(connection, &family, &bootstrap.key, now)?;
    keys::insert_key(connection, &keys::of_new(&bootstrap.key, &family, None, now), bootstrap.key.hash)
}
