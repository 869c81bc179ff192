//! Looking keys up: by the hash of what was presented, or within a workspace (I08).

use hopline_domain::{
    id::{KeyId, WorkspaceId},
    key::Key,
    store::{AuthenticatedKey, Page, Paged},
};
use rusqlite::{Connection, params};

use super::row;
use crate::sqlite::{fault::SqlResult, rows};

pub(in crate::sqlite) const KEY_AUTHENTICATE: &str = concat!(
    "-- key_authenticate\nselect ",
    row::key_view!(", w.plan"),
    " join workspaces w on w.id = k.workspace_id where k.hash = ?1"
);

const KEY_GET: &str =
    concat!("-- key_get\nselect ", row::key_view!(""), " where k.id = ?1 and k.workspace_id = ?2");

const KEY_LIST: &str = concat!(
    "-- key_list\nselect ",
    row::key_view!(""),
    " where k.workspace_id = ?1 and k.seq < ?2 order by k.seq desc limit ?3"
);

const KEYS_UNREVOKED: &str = "-- keys_unrevoked
select count(*) from keys where workspace_id = ?1 and state <> 'revoked'";

pub(super) fn authenticate(connection: &Connection, hash: [u8; 32]) -> SqlResult<Option<AuthenticatedKey>> {
    rows::one(connection, KEY_AUTHENTICATE, params![hash], |columns| {
        let (_, key) = row::read(columns)?;
        Ok(AuthenticatedKey { key, plan: columns.take()? })
    })
}

pub(super) fn get(connection: &Connection, workspace_id: WorkspaceId, id: KeyId) -> SqlResult<Option<Key>> {
    let found = rows::one(connection, KEY_GET, params![id.0, workspace_id.0], row::read)?;
    Ok(found.map(|(_, key)| key))
}

pub(super) fn list(connection: &Connection, workspace_id: WorkspaceId, page: Page) -> SqlResult<Paged<Key>> {
    let (below, count) = rows::page_bounds(page);
    let keys = rows::many(connection, KEY_LIST, params![workspace_id.0, below, count], row::read)?;
    Ok(rows::page_of(keys, page.limit))
}

/// Keys a workspace has that are not revoked.
pub(in crate::sqlite) fn count_unrevoked(
    connection: &Connection,
    workspace_id: WorkspaceId,
) -> SqlResult<u32> {
    Ok(rows::one(connection, KEYS_UNREVOKED, [workspace_id.0], rows::value)?.unwrap_or(0))
}
