//! Who has roll-ups: workspaces and links, by short keys, with the numbers shown on links.

use std::collections::HashMap;

use hopline_domain::{
    id::{LinkId, WorkspaceId},
    store::LinkCount,
    time::Timestamp,
};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{Found, count, rows, stored};
use crate::sqlite::fault::SqlResult;

pub(in crate::sqlite) const SUBJECT_FIND: &str = "-- subject_find
select key from subjects where id = ?1 and owner is ?2";

const SUBJECT_MAKE: &str = "-- subject_make
insert into subjects (id, owner) values (?1, ?2)
on conflict (id) do update set owner = ifnull(owner, excluded.owner) returning key";

pub(in crate::sqlite) const LINK_COUNTS: &str = "-- link_counts
select humans, bots, spent, last_clicked_at from subjects where id = ?1";

const SUBJECT_COUNT: &str = "-- subject_count
update subjects set humans = humans + ?2, bots = bots + ?3, spent = spent + ?2,
    last_clicked_at = nullif(max(ifnull(last_clicked_at, 0), ifnull(?4, 0)), 0)
where key = ?1";

/// The workspace's key, if anything was ever folded for it.
pub(super) fn workspace(connection: &Connection, id: WorkspaceId) -> Found<i64> {
    rows::one(connection, SUBJECT_FIND, params![id.0, None::<i64>], rows::value)
}

/// The key of a link of that workspace.
pub(super) fn link(connection: &Connection, workspace: i64, id: LinkId) -> Found<i64> {
    rows::one(connection, SUBJECT_FIND, params![id.0, workspace], rows::value)
}

pub(super) fn counts(connection: &Connection, id: LinkId) -> SqlResult<LinkCount> {
    let found = rows::one(connection, LINK_COUNTS, params![id.0], |columns| {
        Ok(LinkCount {
            humans: count(columns.take()?),
            bots: count(columns.take()?),
            spent: count(columns.take()?),
            last_clicked_at: columns.time_or_none()?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// Keys of one batch, each asked for once.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<Uuid, i64>);

impl Keys {
    /// The keys of a click's workspace and link; makes them when they are new.
    pub(super) fn of(
        &mut self,
        connection: &Connection,
        workspace: WorkspaceId,
        link: LinkId,
    ) -> SqlResult<(i64, i64)> {
        let workspace = self.key(connection, workspace.0, None)?;
        Ok((workspace, self.key(connection, link.0, Some(workspace))?))
    }

    fn key(&mut self, connection: &Connection, id: Uuid, owner: Option<i64>) -> SqlResult<i64> {
        if let Some(key) = self.0.get(&id) {
            return Ok(*key);
        }
        let made = rows::one(connection, SUBJECT_MAKE, params![id, owner], rows::value)?;
        let key = made.ok_or_else(|| super::broken("a subject"))?;
        self.0.insert(id, key);
        Ok(key)
    }
}

/// What a batch adds to one subject's numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Added {
    pub(super) humans: u64,
    pub(super) bots: u64,
    pub(super) last_clicked_at: Option<Timestamp>,
}

pub(super) fn add(connection: &Connection, subject: i64, added: Added) -> SqlResult<()> {
    let last = added.last_clicked_at.map(|at| at.0);
    let numbers = params![subject, stored(added.humans), stored(added.bots), last];
    rows::write(connection, SUBJECT_COUNT, numbers).map(|_| ())
}
