//! Folding a batch of the journal: raw clicks, numbers, roll-ups and sketches in one transaction with the offset.

use std::collections::HashMap;

use hopline_domain::{
    click::{JournalBatch, JournalClick, JournalOffset},
    id::LinkId,
    store::Folded,
};
use rusqlite::{Connection, params};

use super::{
    daily::Days,
    hourly::Hours,
    narrow, offset, place, row, rows,
    subjects::{self, Added, Keys},
    visitors::Visitors,
};
use crate::sqlite::fault::SqlResult;

const FOLD_UNTIL: &str = "-- fold_until
select journal_until from fold where id = 1";

const FOLD_MOVE: &str = "-- fold_move
update fold set journal_until = ?1 where id = 1";

pub(in crate::sqlite) const FORGOTTEN: &str = "-- forgotten
select journal_until from forgotten where link = ?1 and workspace = ?2";

const FORGOTTEN_PAST: &str = "-- forgotten_past
delete from forgotten where journal_until <= ?1";

pub(super) fn until(connection: &Connection) -> SqlResult<JournalOffset> {
    let until = rows::one(connection, FOLD_UNTIL, [], rows::value)?;
    Ok(offset(until.unwrap_or(0)))
}

/// Adds what was not folded before and moves the offset; a batch that lies behind it changes nothing.
pub(super) fn fold(connection: &Connection, batch: &JournalBatch) -> SqlResult<Folded> {
    let before = until(connection)?;
    if batch.next <= before {
        return Ok(Folded { until: before, clicks: 0 });
    }
    let mut folding =
        Folding { connection, keys: Keys::default(), forgotten: HashMap::new(), sums: Sums::default() };
    let mut clicks = 0;
    for read in batch.clicks.iter().filter(|read| read.offset >= before) {
        if !folding.is_forgotten(read)? {
            folding.add(read)?;
            clicks += 1;
        }
    }
    folding.sums.write(connection)?;
    rows::write(connection, FOLD_MOVE, params![place(batch.next)])?;
    rows::write(connection, FORGOTTEN_PAST, params![place(batch.next)])?;
    Ok(Folded { until: batch.next, clicks: narrow(clicks) })
}

struct Folding<'c> {
    connection: &'c Connection,
    keys: Keys,
    /// Up to where each link's clicks were deleted.
    forgotten: HashMap<LinkId, JournalOffset>,
    sums: Sums,
}

impl Folding<'_> {
    fn is_forgotten(&mut self, read: &JournalClick) -> SqlResult<bool> {
        let link = read.click.link_id;
        let known = self.forgotten.get(&link).copied();
        let until = if let Some(until) = known {
            until
        } else {
            let ids = params![link.0, read.click.workspace_id.0];
            let found = rows::one(self.connection, FORGOTTEN, ids, rows::value)?;
            let until = offset(found.unwrap_or(0));
            self.forgotten.insert(link, until);
            until
        };
        Ok(read.offset < until)
    }

    fn add(&mut self, read: &JournalClick) -> SqlResult<()> {
        let click = &read.click;
        let keys = self.keys.of(self.connection, click.workspace_id, click.link_id)?;
        row::add(self.connection, read, keys)?;
        for subject in [keys.0, keys.1] {
            let added = self.sums.added.entry(subject).or_default();
            if click.is_human() {
                added.humans += 1;
                added.last_clicked_at = added.last_clicked_at.max(Some(click.at));
            } else {
                added.bots += 1;
            }
            self.sums.hours.add(subject, click);
            self.sums.days.add(subject, click);
            self.sums.visitors.add(subject, click);
        }
        Ok(())
    }
}

/// What a batch comes to, added up before anything is written.
#[derive(Default)]
struct Sums {
    added: HashMap<i64, Added>,
    hours: Hours,
    days: Days,
    visitors: Visitors,
}

impl Sums {
    fn write(&self, connection: &Connection) -> SqlResult<()> {
        for (subject, added) in &self.added {
            subjects::add(connection, *subject, *added)?;
        }
        self.hours.write(connection)?;
        self.days.write(connection)?;
        self.visitors.write(connection)
    }
}
