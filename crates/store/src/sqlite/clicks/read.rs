//! Reading raw clicks: in the journal's order for the relay, by time for exports and questions.

use hopline_domain::{
    click::{JournalClick, JournalOffset, analytics::Span},
    id::WorkspaceId,
    store::ClickFilter,
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{place, row, rows, subjects};
use crate::sqlite::fault::SqlResult;

pub(in crate::sqlite) const CLICKS_FROM: &str = "-- clicks_from
select c.place, c.at, w.id, l.id, c.domain, c.tags, c.rule, c.country, c.region, c.city, c.device, c.os, c.browser,
    c.language, c.referrer, c.utm_source, c.utm_medium, c.utm_campaign, c.utm_term, c.utm_content, c.source, c.bot,
    c.visitor, c.address
from clicks c cross join subjects w on w.key = c.workspace cross join subjects l on l.key = c.link
where c.place >= ?1 order by c.place limit ?2";

pub(in crate::sqlite) const CLICKS_OF_WORKSPACE: &str = "-- clicks_of_workspace
select c.place, c.at, w.id, l.id, c.domain, c.tags, c.rule, c.country, c.region, c.city, c.device, c.os, c.browser,
    c.language, c.referrer, c.utm_source, c.utm_medium, c.utm_campaign, c.utm_term, c.utm_content, c.source, c.bot,
    c.visitor, c.address
from clicks c cross join subjects w on w.key = c.workspace cross join subjects l on l.key = c.link
where c.workspace = ?1 and (c.at, c.place) > (?2, ?3) and c.at < ?4 order by c.at, c.place limit ?5";

pub(in crate::sqlite) const CLICKS_OF_LINK: &str = "-- clicks_of_link
select c.place, c.at, w.id, l.id, c.domain, c.tags, c.rule, c.country, c.region, c.city, c.device, c.os, c.browser,
    c.language, c.referrer, c.utm_source, c.utm_medium, c.utm_campaign, c.utm_term, c.utm_content, c.source, c.bot,
    c.visitor, c.address
from clicks c cross join subjects w on w.key = c.workspace cross join subjects l on l.key = c.link
where c.link = ?1 and (c.at, c.place) > (?2, ?3) and c.at < ?4 order by c.at, c.place limit ?5";

pub(super) fn from_place(
    connection: &Connection,
    from: JournalOffset,
    limit: u32,
) -> SqlResult<Vec<JournalClick>> {
    rows::many(connection, CLICKS_FROM, params![place(from), limit], row::read)
}

/// A place before everything at `span.from`.
fn before(span: Span) -> (Timestamp, JournalOffset) {
    (span.from.minus_ms(1), JournalOffset(u64::MAX))
}

pub(super) fn list(
    connection: &Connection,
    workspace_id: WorkspaceId,
    filter: &ClickFilter,
    (after, limit): (Option<(Timestamp, JournalOffset)>, u32),
) -> SqlResult<Vec<JournalClick>> {
    let Some(workspace) = subjects::workspace(connection, workspace_id)? else { return Ok(Vec::new()) };
    let (sql, subject) = match filter.link_id {
        None => (CLICKS_OF_WORKSPACE, workspace),
        Some(id) => match subjects::link(connection, workspace, id)? {
            Some(link) => (CLICKS_OF_LINK, link),
            None => return Ok(Vec::new()),
        },
    };
    let begin = before(filter.span);
    let (at, offset) = after.unwrap_or(begin).max(begin);
    let bounds = params![subject, at.0, place(offset), filter.span.until.0, limit];
    rows::many(connection, sql, bounds, row::read)
}
