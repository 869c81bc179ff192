//! Looking tags up within a workspace (I08).

use hopline_domain::{
    id::{TagId, WorkspaceId},
    short_link::{Tag, TagName},
    store::{Page, Paged, TagView},
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::{Fault, SqlResult},
    rows::{self, Columns},
};

macro_rules! tag_view {
    () => {
        "t.seq, t.id, t.name, (select count(*) from link_tags x where x.tag_seq = t.seq), t.created_at, t.updated_at
from tags t"
    };
}

const TAG_GET: &str = concat!("-- tag_get\nselect ", tag_view!(), " where t.id = ?1 and t.workspace_id = ?2");

pub(in crate::sqlite) const TAG_LIST: &str = concat!(
    "-- tag_list\nselect ",
    tag_view!(),
    " where t.workspace_id = ?1 and t.seq < ?2 order by t.seq desc limit ?3"
);

/// A tag with its row number.
pub(super) fn get(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: TagId,
) -> SqlResult<Option<(i64, TagView)>> {
    rows::one(connection, TAG_GET, params![id.0, workspace_id.0], read)
}

pub(super) fn list(
    connection: &Connection,
    workspace_id: WorkspaceId,
    page: Page,
) -> SqlResult<Paged<TagView>> {
    let (below, count) = rows::page_bounds(page);
    let tags = rows::many(connection, TAG_LIST, params![workspace_id.0, below, count], read)?;
    Ok(rows::page_of(tags, page.limit))
}

fn read(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, TagView)> {
    let seq = columns.take()?;
    let (id, name): (_, String) = (TagId(columns.take()?), columns.take()?);
    let name = TagName::parse(&name).map_err(|error| Fault::decode("a tag's name", &error))?;
    let links: i64 = columns.take()?;
    let view = TagView {
        tag: Tag { id, name },
        links: u64::try_from(links).unwrap_or(0),
        created_at: columns.time()?,
        updated_at: columns.time()?,
    };
    Ok((seq, view))
}
