//! Answering from raw clicks what no roll-up can: bounded, and refused with the filter that would help.

use std::collections::HashMap;

use hopline_domain::click::{
    Click, Sketch,
    analytics::{
        Analysed, AnswerSource, Bots, Bucket, Dimension, DimensionValue, Group, Metric, Question, Tally,
    },
};
use rusqlite::{Connection, params};

use super::{
    analyse::{Asked, Subject, answer},
    row, rows, stored,
};
use crate::sqlite::{fault::SqlResult, rows::Columns};

const RAW_COUNT_OF_WORKSPACE: &str = "-- raw_count_of_workspace
select count(*) from (select 1 from clicks where workspace = ?1 and at >= ?2 and at < ?3 limit ?4)";

const RAW_COUNT_OF_LINK: &str = "-- raw_count_of_link
select count(*) from (select 1 from clicks where link = ?1 and at >= ?2 and at < ?3 limit ?4)";

pub(in crate::sqlite) const RAW_OF_WORKSPACE: &str = "-- raw_of_workspace
select c.place, c.at, w.id, l.id, c.domain, c.tags, c.rule, c.country, c.region, c.city, c.device, c.os, c.browser,
    c.language, c.referrer, c.utm_source, c.utm_medium, c.utm_campaign, c.utm_term, c.utm_content, c.source, c.bot,
    c.visitor, c.address
from clicks c cross join subjects w on w.key = c.workspace cross join subjects l on l.key = c.link
where c.workspace = ?1 and c.at >= ?2 and c.at < ?3";

pub(in crate::sqlite) const RAW_OF_LINK: &str = "-- raw_of_link
select c.place, c.at, w.id, l.id, c.domain, c.tags, c.rule, c.country, c.region, c.city, c.device, c.os, c.browser,
    c.language, c.referrer, c.utm_source, c.utm_medium, c.utm_campaign, c.utm_term, c.utm_content, c.source, c.bot,
    c.visitor, c.address
from clicks c cross join subjects w on w.key = c.workspace cross join subjects l on l.key = c.link
where c.link = ?1 and c.at >= ?2 and c.at < ?3";

pub(super) fn analyse(connection: &Connection, subjects: &[Subject], asked: &Asked) -> SqlResult<Analysed> {
    let Asked { question, rows_max, .. } = asked;
    if is_too_wide(connection, subjects, asked)? {
        return Ok(Analysed::TooWide { rows_max: *rows_max, add: filter_to_add(question) });
    }
    let mut counting = Counting { question, counts: HashMap::new(), sketches: HashMap::new() };
    for (subject, link) in subjects {
        let sql = if link.is_some() { RAW_OF_LINK } else { RAW_OF_WORKSPACE };
        let bounds = params![subject, question.span.from.0, question.span.until.0];
        rows::many(connection, sql, bounds, |columns: &mut Columns<'_, '_>| {
            counting.add(&row::read(columns)?.click);
            Ok(())
        })?;
    }
    Ok(answer(counting.into_tally().rows(), AnswerSource::Raw))
}

fn is_too_wide(connection: &Connection, subjects: &[Subject], asked: &Asked) -> SqlResult<bool> {
    let mut left = stored(asked.rows_max);
    let question = &asked.question;
    for (subject, link) in subjects {
        let sql = if link.is_some() { RAW_COUNT_OF_LINK } else { RAW_COUNT_OF_WORKSPACE };
        let bounds = params![subject, question.span.from.0, question.span.until.0, left + 1];
        left -= rows::one(connection, sql, bounds, rows::value::<i64>)?.unwrap_or(0);
        if left < 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Only a filter on links makes fewer rows to read.
fn filter_to_add(question: &Question) -> Option<Dimension> {
    question.filter_on(Dimension::Link).is_none_or(|filter| filter.negated).then_some(Dimension::Link)
}

struct Counting<'q> {
    question: &'q Question,
    counts: HashMap<Bucket, u64>,
    /// A visitor has another hash each day, so one sketch over days counts daily uniques.
    sketches: HashMap<Bucket, Sketch>,
}

impl<'q> Counting<'q> {
    fn add(&mut self, click: &Click) {
        if !self.passes(click) {
            return;
        }
        let time = self.question.time_of(click.at);
        for value in self.values(click) {
            let bucket = (time, value);
            match self.question.metric {
                Metric::Clicks => *self.counts.entry(bucket).or_default() += 1,
                Metric::Visitors => self.sketches.entry(bucket).or_default().add(click.visitor),
            }
        }
    }

    fn passes(&self, click: &Click) -> bool {
        let wanted = click.is_human() || self.question.bots == Bots::Include;
        wanted
            && self.question.filters.iter().all(|filter| {
                let values = filter.dimension.values_of(click);
                filter.passes(values.iter().map(String::as_str))
            })
    }

    fn values(&self, click: &Click) -> Vec<Option<DimensionValue>> {
        let Group::By(dimension) = self.question.group else { return vec![None] };
        let values = dimension.values_of(click);
        if values.is_empty() {
            return vec![Some(DimensionValue::Unknown)];
        }
        values.into_iter().map(|value| Some(DimensionValue::Known(value))).collect()
    }

    fn into_tally(self) -> Tally<'q> {
        let mut tally = Tally::new(self.question);
        for (bucket, count) in self.counts {
            tally.add_to(bucket, count);
        }
        for (bucket, sketch) in self.sketches {
            tally.add_to(bucket, sketch.count());
        }
        tally
    }
}
