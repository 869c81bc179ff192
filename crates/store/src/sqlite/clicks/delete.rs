//! Taking a link's clicks away: what it counted, what the workspace counts of it, and its raw clicks piece by piece.

use hopline_domain::{
    click::{JournalOffset, analytics::Dimension},
    id::{LinkId, WorkspaceId},
};
use rusqlite::{Connection, params};

use super::{place, rows, subjects};
use crate::sqlite::fault::SqlResult;

/// Raw clicks deleted in one transaction.
const CLICKS_DELETED_MAX: u32 = 10_000;

const FORGET_UNFOLDED: &str = "-- forget_unfolded
insert into forgotten (link, workspace, journal_until) values (?1, ?2, ?3)
on conflict (link, workspace) do update set journal_until = max(journal_until, excluded.journal_until)";

const NUMBERS_CLEAR: &str = "-- numbers_clear
update subjects set humans = 0, bots = 0, last_clicked_at = null where key = ?1";

/// What a link's hours hold is part of what its workspace's hours hold.
const HOURS_TAKE: &str = "-- hours_take
insert into hours (subject, hour, country, device, os, browser, source, bot, clicks)
select ?2, hour, country, device, os, browser, source, bot, -clicks from hours where subject = ?1
on conflict (subject, hour, country, device, os, browser, source, bot)
do update set clicks = clicks + excluded.clicks";

const HOURS_EMPTY: &str = "-- hours_empty
delete from hours where subject = ?1 and clicks <= 0";

const DAYS_TAKE: &str = "-- days_take
insert into days (subject, dimension, day, value, humans, bots)
select ?2, dimension, day, value, -humans, -bots from days where subject = ?1
on conflict (subject, dimension, day, value)
do update set humans = humans + excluded.humans, bots = bots + excluded.bots";

/// A value that the workspace counts among the rest is taken from there.
const DAYS_TAKE_FROM_REST: &str = "-- days_take_from_rest
insert into days (subject, dimension, day, value, humans, bots)
select subject, dimension, day, '*', sum(humans), sum(bots) from days
where subject = ?1 and value <> '*' and (humans < 0 or bots < 0) group by subject, dimension, day
on conflict (subject, dimension, day, value)
do update set humans = humans + excluded.humans, bots = bots + excluded.bots";

const DAYS_EMPTY: &str = "-- days_empty
delete from days where subject = ?1 and (humans < 0 or bots < 0 or humans + bots = 0)";

const HOURS_DELETE: &str = "-- hours_delete
delete from hours where subject = ?1";

const DAYS_DELETE: &str = "-- days_delete
delete from days where subject = ?1";

const WIDTHS_DELETE: &str = "-- widths_delete
delete from widths where subject = ?1";

const VISITORS_DELETE: &str = "-- visitors_delete
delete from visitors where subject = ?1";

const LINK_UNLIST: &str = "-- link_unlist
delete from days where subject = ?1 and dimension = ?2 and value = ?3";

pub(in crate::sqlite) const CLICKS_DELETE: &str = "-- clicks_delete
delete from clicks where place in (select place from clicks where link = ?1 and place < ?2 limit ?3)";

#[derive(Clone, Copy, Debug)]
pub(super) struct Forget {
    pub(super) workspace_id: WorkspaceId,
    pub(super) link_id: LinkId,
    pub(super) until: JournalOffset,
}

impl Forget {
    /// Clears numbers, roll-ups and sketches, and sees to it that what is still in the journal is not folded.
    pub(super) fn rollups(&self, connection: &Connection) -> SqlResult<()> {
        let unfolded = params![self.link_id.0, self.workspace_id.0, place(self.until)];
        rows::write(connection, FORGET_UNFOLDED, unfolded)?;
        let Some((workspace, link)) = self.keys(connection)? else { return Ok(()) };
        for sql in [HOURS_TAKE, DAYS_TAKE] {
            rows::write(connection, sql, params![link, workspace])?;
        }
        for sql in [HOURS_EMPTY, DAYS_TAKE_FROM_REST, DAYS_EMPTY] {
            rows::write(connection, sql, params![workspace])?;
        }
        for sql in [HOURS_DELETE, DAYS_DELETE, WIDTHS_DELETE, VISITORS_DELETE, NUMBERS_CLEAR] {
            rows::write(connection, sql, params![link])?;
        }
        let listed = params![workspace, Dimension::Link.number(), format!("={}", self.link_id)];
        rows::write(connection, LINK_UNLIST, listed).map(|_| ())
    }

    /// Deletes some raw clicks; 0 = none is left.
    pub(super) fn some_clicks(&self, connection: &Connection) -> SqlResult<u64> {
        let Some((_, link)) = self.keys(connection)? else { return Ok(0) };
        let some = params![link, place(self.until), CLICKS_DELETED_MAX];
        let deleted = rows::write(connection, CLICKS_DELETE, some)?;
        Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
    }

    fn keys(&self, connection: &Connection) -> SqlResult<Option<(i64, i64)>> {
        let Some(workspace) = subjects::workspace(connection, self.workspace_id)? else { return Ok(None) };
        let link = subjects::link(connection, workspace, self.link_id)?;
        Ok(link.map(|link| (workspace, link)))
    }
}
