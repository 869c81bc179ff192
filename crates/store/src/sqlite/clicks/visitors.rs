//! Sketches of a UTC day's visitors, by link and by workspace; people and bots apart.

use std::collections::BTreeMap;

use hopline_domain::{
    click::{
        Click, Sketch, VisitorHash,
        analytics::{Bots, Question},
    },
    time::{DAY_MS, Timestamp},
};
use rusqlite::{Connection, params};

use super::{broken, rows};
use crate::sqlite::fault::SqlResult;

const PEOPLE: u8 = 0;
const MACHINES: u8 = 1;

pub(in crate::sqlite) const SKETCH_OF: &str = "-- sketch_of
select sketch from visitors where subject = ?1 and day = ?2 and kind = ?3";

const SKETCH_PUT: &str = "-- sketch_put
insert into visitors (subject, day, kind, sketch) values (?1, ?2, ?3, ?4)
on conflict (subject, day, kind) do update set sketch = excluded.sketch";

pub(in crate::sqlite) const SKETCHES_OF: &str = "-- sketches_of
select day, sketch from visitors where subject = ?1 and day >= ?2 and day < ?3 and kind <= ?4";

/// Who came in a batch.
#[derive(Debug, Default)]
pub(super) struct Visitors(BTreeMap<(i64, i64, u8), Vec<VisitorHash>>);

impl Visitors {
    pub(super) fn add(&mut self, subject: i64, click: &Click) {
        let kind = if click.is_human() { PEOPLE } else { MACHINES };
        self.0.entry((subject, click.at.utc_day(), kind)).or_default().push(click.visitor);
    }

    pub(super) fn write(&self, connection: &Connection) -> SqlResult<()> {
        for ((subject, day, kind), visitors) in &self.0 {
            let kept = rows::one(connection, SKETCH_OF, params![subject, day, kind], rows::value::<Vec<u8>>)?;
            let mut sketch = kept.map(|bytes| of_bytes(&bytes)).transpose()?.unwrap_or_default();
            let before = sketch.clone();
            for visitor in visitors {
                sketch.add(*visitor);
            }
            if sketch != before {
                rows::write(connection, SKETCH_PUT, params![subject, day, kind, sketch.to_bytes()])?;
            }
        }
        Ok(())
    }
}

/// Merges a subject's sketches into those of an answer, by day.
pub(super) fn merge(
    connection: &Connection,
    subject: i64,
    question: &Question,
    days: &mut BTreeMap<Timestamp, Sketch>,
) -> SqlResult<()> {
    let kind_max = if question.bots == Bots::Include { MACHINES } else { PEOPLE };
    let span = question.span;
    let bounds = params![subject, span.from.utc_day(), span.until.utc_day(), kind_max];
    rows::many(connection, SKETCHES_OF, bounds, |columns| {
        let (day, bytes): (i64, Vec<u8>) = (columns.take()?, columns.take()?);
        days.entry(Timestamp(day * DAY_MS)).or_default().merge(&of_bytes(&bytes)?);
        Ok(())
    })
    .map(|_| ())
}

fn of_bytes(bytes: &[u8]) -> SqlResult<Sketch> {
    Sketch::from_bytes(bytes).ok_or_else(|| broken("a sketch of visitors"))
}
