//! Roll-up (b): the values of each single dimension, by UTC day; a day's first thousand values, the rest as `other`.

use std::collections::BTreeMap;

use hopline_domain::{
    click::{
        Click,
        analytics::{Bots, Dimension, DimensionValue, Group, Question, Tally},
    },
    limits::ROLLUP_VALUES_MAX,
    time::{DAY_MS, Timestamp},
};
use rusqlite::{Connection, params};

use super::{count, rows, stored};
use crate::sqlite::{fault::SqlResult, rows::Columns};

/// Stands for no dimension at all: how many clicks there were.
const ALL: u8 = 255;
const REST: &str = "*";
const NONE: &str = "?";

const DAY_RAISE: &str = "-- day_raise
update days set humans = humans + ?5, bots = bots + ?6
where subject = ?1 and dimension = ?2 and day = ?3 and value = ?4";

const DAY_ADD: &str = "-- day_add
insert into days (subject, dimension, day, value, humans, bots) values (?1, ?2, ?3, ?4, ?5, ?6)
on conflict (subject, dimension, day, value)
do update set humans = humans + excluded.humans, bots = bots + excluded.bots";

const DAY_WIDTH: &str = "-- day_width
select width from widths where subject = ?1 and dimension = ?2 and day = ?3";

const DAY_WIDEN: &str = "-- day_widen
insert into widths (subject, dimension, day, width) values (?1, ?2, ?3, ?4)
on conflict (subject, dimension, day) do update set width = excluded.width";

pub(in crate::sqlite) const DAYS_OF: &str = "-- days_of
select day, value, humans, bots from days where subject = ?1 and dimension = ?2 and day >= ?3 and day < ?4";

/// People and bots.
type Counts = [u64; 2];

/// What a batch adds, by subject, dimension and day, then by value.
#[derive(Debug, Default)]
pub(super) struct Days(BTreeMap<(i64, u8, i64), BTreeMap<String, Counts>>);

impl Days {
    pub(super) fn add(&mut self, subject: i64, click: &Click) {
        let day = click.at.utc_day();
        self.raise((subject, ALL, day), NONE.to_owned(), click);
        for dimension in Dimension::all() {
            let values = dimension.values_of(click);
            // What is unknown is what all others leave, but a click has several tags.
            if dimension == Dimension::Tag && values.is_empty() {
                self.raise((subject, dimension.number(), day), NONE.to_owned(), click);
            }
            for value in values {
                self.raise((subject, dimension.number(), day), format!("={value}"), click);
            }
        }
    }

    fn raise(&mut self, key: (i64, u8, i64), value: String, click: &Click) {
        let counts = self.0.entry(key).or_default().entry(value).or_default();
        counts[usize::from(!click.is_human())] += 1;
    }

    pub(super) fn write(&self, connection: &Connection) -> SqlResult<()> {
        for (key, values) in &self.0 {
            write_day(connection, *key, values)?;
        }
        Ok(())
    }
}

fn write_day(
    connection: &Connection,
    (subject, dimension, day): (i64, u8, i64),
    values: &BTreeMap<String, Counts>,
) -> SqlResult<()> {
    let key = params![subject, dimension, day];
    let before: u32 = rows::one(connection, DAY_WIDTH, key, rows::value)?.unwrap_or(0);
    let mut width = before;
    for (value, [humans, bots]) in values {
        let (humans, bots) = (stored(*humans), stored(*bots));
        let row = params![subject, dimension, day, value, humans, bots];
        if before > 0 && rows::write(connection, DAY_RAISE, row)? > 0 {
            continue;
        }
        let fits = width < ROLLUP_VALUES_MAX;
        let value = if fits { value.as_str() } else { REST };
        rows::write(connection, DAY_ADD, params![subject, dimension, day, value, humans, bots])?;
        width += u32::from(fits);
    }
    if width > before {
        rows::write(connection, DAY_WIDEN, params![subject, dimension, day, width])?;
    }
    Ok(())
}

/// Adds a subject's days to an answer, from the rows of one dimension, or of all clicks.
pub(super) fn tally(
    connection: &Connection,
    (subject, link): (i64, Option<&DimensionValue>),
    question: &Question,
    (dimension, tally): (Option<Dimension>, &mut Tally<'_>),
) -> SqlResult<()> {
    let grouped = |value: DimensionValue| match question.group {
        Group::Time => None,
        Group::By(Dimension::Link) if link.is_some() => link.cloned(),
        Group::By(_) => Some(value),
    };
    for Row { day, value, clicks } in read(connection, subject, question, dimension)? {
        let passes = dimension
            .and_then(|dimension| question.filter_on(dimension))
            .is_none_or(|f| f.passes_value(&value));
        if passes {
            tally.add(Timestamp(day * DAY_MS), grouped(value), clicks);
        }
    }
    Ok(())
}

struct Row {
    day: i64,
    value: DimensionValue,
    clicks: u64,
}

fn read(
    connection: &Connection,
    subject: i64,
    question: &Question,
    dimension: Option<Dimension>,
) -> SqlResult<Vec<Row>> {
    let mut found = Vec::new();
    let mut left = BTreeMap::new();
    let all = days(connection, subject, question, ALL)?;
    match dimension {
        None => return Ok(all),
        Some(Dimension::Tag) => {}
        Some(_) => left.extend(all.into_iter().map(|row| (row.day, row.clicks))),
    }
    for row in days(connection, subject, question, dimension.map_or(ALL, Dimension::number))? {
        if let Some(left) = left.get_mut(&row.day) {
            *left = left.saturating_sub(row.clicks);
        }
        found.push(row);
    }
    found.extend(left.into_iter().map(|(day, clicks)| Row { day, value: DimensionValue::Unknown, clicks }));
    Ok(found)
}

fn days(connection: &Connection, subject: i64, question: &Question, dimension: u8) -> SqlResult<Vec<Row>> {
    let span = question.span;
    let bounds = params![subject, dimension, span.from.utc_day(), span.until.utc_day()];
    rows::many(connection, DAYS_OF, bounds, |columns: &mut Columns<'_, '_>| {
        let (day, value): (i64, String) = (columns.take()?, columns.take()?);
        let (humans, bots) = (count(columns.take()?), count(columns.take()?));
        let clicks = if question.bots == Bots::Include { humans + bots } else { humans };
        Ok(Row { day, value: value_of(&value), clicks })
    })
}

fn value_of(stored: &str) -> DimensionValue {
    match stored.strip_prefix('=') {
        Some(value) => DimensionValue::Known(value.to_owned()),
        None if stored == REST => DimensionValue::Other,
        None => DimensionValue::Unknown,
    }
}
