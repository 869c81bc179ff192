//! Roll-up (a): each combination of country, device, operating system, browser, source and bot reason, by UTC hour.

use std::collections::BTreeMap;

use hopline_domain::{
    click::{
        Click,
        analytics::{Bots, Dimension, DimensionValue, Group, Question, Tally},
    },
    time::{HOUR_MS, Timestamp},
};
use rusqlite::{Connection, params};

use super::{count, rows, stored};
use crate::sqlite::{fault::SqlResult, rows::Columns};

const HOUR_ADD: &str = "-- hour_add
insert into hours (subject, hour, country, device, os, browser, source, bot, clicks)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
on conflict (subject, hour, country, device, os, browser, source, bot)
do update set clicks = clicks + excluded.clicks";

pub(in crate::sqlite) const HOURS_OF: &str = "-- hours_of
select hour, country, device, os, browser, source, bot, clicks
from hours where subject = ?1 and hour >= ?2 and hour < ?3";

/// In the order of the columns.
const DIMENSIONS: [Dimension; 6] = [
    Dimension::Country,
    Dimension::Device,
    Dimension::Os,
    Dimension::Browser,
    Dimension::Source,
    Dimension::Bot,
];

type Combination = [String; 6];

/// What a batch adds, in the order of the table's key.
#[derive(Debug, Default)]
pub(super) struct Hours(BTreeMap<(i64, i64, Combination), u64>);

impl Hours {
    pub(super) fn add(&mut self, subject: i64, click: &Click) {
        let value = |dimension: Dimension| dimension.values_of(click).pop().unwrap_or_default();
        let hour = click.at.0.div_euclid(HOUR_MS);
        *self.0.entry((subject, hour, DIMENSIONS.map(value))).or_default() += 1;
    }

    pub(super) fn write(&self, connection: &Connection) -> SqlResult<()> {
        for ((subject, hour, combination), clicks) in &self.0 {
            let [country, device, os, browser, source, bot] = combination;
            let row = params![subject, hour, country, device, os, browser, source, bot, stored(*clicks)];
            rows::write(connection, HOUR_ADD, row)?;
        }
        Ok(())
    }
}

/// Adds a subject's hours to an answer; `link` is the value when links are what it is grouped by.
pub(super) fn tally(
    connection: &Connection,
    (subject, link): (i64, Option<&DimensionValue>),
    question: &Question,
    tally: &mut Tally<'_>,
) -> SqlResult<()> {
    let span = params![subject, question.span.from.0 / HOUR_MS, question.span.until.0 / HOUR_MS];
    let mut add = |columns: &mut Columns<'_, '_>| {
        let hour: i64 = columns.take()?;
        let mut values: Combination = Combination::default();
        for value in &mut values {
            *value = columns.take()?;
        }
        let clicks = count(columns.take()?);
        if passes(question, &values) {
            let grouped = match question.group {
                Group::Time => None,
                Group::By(Dimension::Link) => link.cloned(),
                Group::By(dimension) => Some(value_in(&values, dimension)),
            };
            tally.add(Timestamp(hour * HOUR_MS), grouped, clicks);
        }
        Ok(())
    };
    rows::many(connection, HOURS_OF, span, &mut add).map(|_| ())
}

fn passes(question: &Question, values: &Combination) -> bool {
    let person = values[5].is_empty();
    let wanted = person || question.bots == Bots::Include;
    wanted
        && question.filters.iter().all(|filter| {
            filter.dimension == Dimension::Link || filter.passes_value(&value_in(values, filter.dimension))
        })
}

fn value_in(values: &Combination, dimension: Dimension) -> DimensionValue {
    let place = DIMENSIONS.iter().position(|known| *known == dimension);
    match place.map(|place| values[place].as_str()) {
        None | Some("") => DimensionValue::Unknown,
        Some(value) => DimensionValue::Known(value.to_owned()),
    }
}
