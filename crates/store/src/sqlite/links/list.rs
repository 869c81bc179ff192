//! `link_list`: newest first under filters, looking at a bounded number of links a page.

use hopline_domain::{
    id::{TagId, WorkspaceId},
    limits,
    short_link::{LinkStatus, ShortLink},
    store::{Cursor, LinkFilter, Page, Paged},
};
use rusqlite::{Connection, params};

use super::row;
use crate::sqlite::{fault::SqlResult, rows};

/// What the filter asks of each link; parameters 5 to 8.
macro_rules! filters {
    () => {
        "
    and (?5 is null or d.id = ?5)
    and case when ?6 is null then l.state <> 'archived'
        when ?6 = 'blocked' then l.blocked_reason is not null
        else l.blocked_reason is null and l.state = ?6 end
    and (?7 is null or l.health_status = ?7)
    and (?8 is null or instr(lower(l.slug), ?8) > 0 or instr(lower(l.url), ?8) > 0
        or instr(lower(ifnull(l.title, '')), ?8) > 0)"
    };
}

pub(in crate::sqlite) const LINK_LIST: &str = concat!(
    "-- link_list\nselect ",
    row::link_view!(),
    "\nwhere l.workspace_id = ?1 and l.seq < ?2 and l.seq > ?3",
    filters!(),
    "\norder by l.seq desc limit ?4"
);

pub(in crate::sqlite) const LINK_LIST_OF_TAG: &str = concat!(
    "-- link_list_of_tag\nselect ",
    row::link_columns!(),
    "\nfrom link_tags y cross join links l on l.seq = y.link_seq join domains d on d.seq = l.domain_seq
where y.tag_seq = ?1 and y.link_seq < ?2 and y.link_seq > ?3",
    filters!(),
    "\norder by y.link_seq desc limit ?4"
);

/// The first link beyond what one page looks at.
pub(in crate::sqlite) const LIST_FLOOR: &str = "-- list_floor
select seq from links where workspace_id = ?1 and seq < ?2 order by seq desc limit 1 offset ?3";

pub(in crate::sqlite) const LIST_FLOOR_OF_TAG: &str = "-- list_floor_of_tag
select link_seq from link_tags where tag_seq = ?1 and link_seq < ?2 order by link_seq desc limit 1 offset ?3";

const TAG_SEQ: &str = "-- tag_seq
select seq from tags where id = ?1 and workspace_id = ?2";

pub(super) fn list(
    connection: &Connection,
    workspace_id: WorkspaceId,
    filter: &LinkFilter,
    page: Page,
) -> SqlResult<Paged<ShortLink>> {
    let found = match filter.tag_id {
        None => read(connection, (LINK_LIST, LIST_FLOOR), &workspace_id.0, (filter, page))?,
        Some(tag_id) => match tag_seq(connection, workspace_id, tag_id)? {
            None => Found { links: Vec::new(), floor: None },
            Some(seq) => read(connection, (LINK_LIST_OF_TAG, LIST_FLOOR_OF_TAG), &seq, (filter, page))?,
        },
    };
    let floor = found.floor;
    let mut paged = rows::page_of(found.links, page.limit);
    // Nothing more here, but not at the end: the next page goes on with the first link not looked at.
    paged.next = paged.next.or(floor.map(|seq| Cursor(seq + 1)));
    Ok(paged)
}

struct Found {
    links: Vec<(i64, ShortLink)>,
    floor: Option<i64>,
}

/// Reads a page of what `whose` (a workspace or tag) has.
fn read(
    connection: &Connection,
    (list, floor): (&str, &str),
    whose: &dyn rusqlite::ToSql,
    (filter, page): (&LinkFilter, Page),
) -> SqlResult<Found> {
    let (below, count) = rows::page_bounds(page);
    let floor: Option<i64> =
        rows::one(connection, floor, params![whose, below, limits::LINK_LIST_ROWS_MAX], rows::value)?;
    let (status, health) = (filter.status.map(LinkStatus::as_str), filter.health.map(<&str>::from));
    let bounds = params![
        whose,
        below,
        floor.unwrap_or(0),
        count,
        filter.domain_id.map(|id| id.0),
        status,
        health,
        filter.text.as_ref().map(|text| text.to_ascii_lowercase())
    ];
    Ok(Found { links: rows::many(connection, list, bounds, row::read)?, floor })
}

fn tag_seq(connection: &Connection, workspace_id: WorkspaceId, id: TagId) -> SqlResult<Option<i64>> {
    rows::one(connection, TAG_SEQ, params![id.0, workspace_id.0], rows::value)
}
