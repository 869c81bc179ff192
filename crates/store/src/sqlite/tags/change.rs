//! `tag_rename` and `tag_delete`.

use hopline_domain::{
    short_link::TagName,
    store::{Caller, Changed, TagDelete, TagRename, TagView},
    time::Timestamp,
};
use rusqlite::{Connection, params};
use serde_json::json;

use super::read;
use crate::sqlite::{audit, fault::SqlResult, rows};

const TAG_NAME_IN_USE: &str = "-- tag_name_in_use
select 1 from tags where workspace_id = ?1 and name_key = ?2 and seq <> ?3";

const TAG_RENAME: &str = "-- tag_rename
update tags set name = ?2, name_key = ?3, updated_at = ?4 where seq = ?1";

const TAG_OFF_LINKS: &str = "-- tag_off_links
delete from link_tags where tag_seq = ?1";

const TAG_REMOVE: &str = "-- tag_remove
delete from tags where seq = ?1";

pub(super) fn rename(
    connection: &Connection,
    caller: Caller,
    rename: &TagRename,
    now: Timestamp,
) -> SqlResult<Changed<TagView>> {
    let Some((seq, before)) = read::get(connection, caller.workspace_id, rename.id)? else {
        return Ok(Changed::NotFound);
    };
    if is_stale(rename.expected.as_ref(), &before) {
        return Ok(Changed::Stale);
    }
    if before.tag.name == rename.name {
        return Ok(Changed::Done(before));
    }
    let key = rename.name.key();
    let other = params![caller.workspace_id.0, key, seq];
    if rows::one(connection, TAG_NAME_IN_USE, other, rows::value::<i64>)?.is_some() {
        return Ok(Changed::Conflict);
    }
    rows::write(connection, TAG_RENAME, params![seq, rename.name.as_str(), key, now.0])?;
    let was = json!({"id": before.tag.id, "name": before.tag.name});
    audit::append(connection, caller.into(), &rename.audit, Some(&was), now)?;
    let changed = read::get(connection, caller.workspace_id, rename.id)?;
    let (_, tag) = changed.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Changed::Done(tag))
}

pub(super) fn delete(
    connection: &Connection,
    caller: Caller,
    delete: &TagDelete,
    now: Timestamp,
) -> SqlResult<Changed<TagView>> {
    let Some((seq, tag)) = read::get(connection, caller.workspace_id, delete.id)? else {
        return Ok(Changed::NotFound);
    };
    if is_stale(delete.expected.as_ref(), &tag) {
        return Ok(Changed::Stale);
    }
    rows::write(connection, TAG_OFF_LINKS, [seq])?;
    rows::write(connection, TAG_REMOVE, [seq])?;
    let was = json!({"id": tag.tag.id, "name": tag.tag.name});
    audit::append(connection, caller.into(), &delete.audit, Some(&was), now)?;
    Ok(Changed::Done(tag))
}

fn is_stale(expected: Option<&TagName>, tag: &TagView) -> bool {
    expected.is_some_and(|expected| *expected != tag.tag.name)
}
