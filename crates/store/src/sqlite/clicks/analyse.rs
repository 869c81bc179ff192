//! Answering a question from the numbers its plan names.

use std::collections::BTreeMap;

use hopline_domain::{
    click::analytics::{
        Analysed, AnalyticsRow, AnswerSource, Dimension, DimensionValue, Group, Plan, Question, Tally, plan,
    },
    id::{LinkId, WorkspaceId},
};
use rusqlite::Connection;

use super::{daily, hourly, raw, subjects, visitors};
use crate::sqlite::fault::SqlResult;

/// Whose numbers are read: a key, and the value it stands for when it is a link.
pub(super) type Subject = (i64, Option<DimensionValue>);

/// A question with who asks it and how many raw clicks its answer may read.
pub(super) struct Asked {
    pub(super) workspace_id: WorkspaceId,
    pub(super) question: Question,
    pub(super) rows_max: u64,
}

pub(super) fn analyse(connection: &Connection, asked: &Asked) -> SqlResult<Analysed> {
    let question = &asked.question;
    let subjects = chosen(connection, asked.workspace_id, question)?;
    let mut tally = Tally::new(question);
    match plan(question) {
        Plan::Raw => return raw::analyse(connection, &subjects, asked),
        Plan::DailyVisitors => add_visitors(connection, &subjects, question, &mut tally)?,
        Plan::Hourly => {
            for (subject, link) in &subjects {
                hourly::tally(connection, (*subject, link.as_ref()), question, &mut tally)?;
            }
        }
        Plan::Daily(dimension) => {
            for (subject, link) in &subjects {
                daily::tally(connection, (*subject, link.as_ref()), question, (dimension, &mut tally))?;
            }
        }
    }
    Ok(answer(tally.rows(), AnswerSource::Rollup))
}

pub(super) fn answer((rows, total): (Vec<AnalyticsRow>, u64), source: AnswerSource) -> Analysed {
    Analysed::Answer { rows, total, source }
}

/// The links a filter names, else the workspace; those never clicked are left out.
fn chosen(
    connection: &Connection,
    workspace_id: WorkspaceId,
    question: &Question,
) -> SqlResult<Vec<Subject>> {
    let Some(workspace) = subjects::workspace(connection, workspace_id)? else { return Ok(Vec::new()) };
    let Some(filter) = question.filter_on(Dimension::Link).filter(|filter| !filter.negated) else {
        return Ok(vec![(workspace, None)]);
    };
    let mut found = Vec::new();
    for id in filter.values.iter().filter_map(|value| value.parse::<LinkId>().ok()) {
        if let Some(key) = subjects::link(connection, workspace, id)? {
            found.push((key, Some(DimensionValue::Known(id.to_string()))));
        }
    }
    Ok(found)
}

/// Visitors of several links are counted once, unless the links are what is asked for.
fn add_visitors(
    connection: &Connection,
    subjects: &[Subject],
    question: &Question,
    tally: &mut Tally<'_>,
) -> SqlResult<()> {
    let mut groups: BTreeMap<Option<&DimensionValue>, BTreeMap<_, _>> = BTreeMap::new();
    for (subject, link) in subjects {
        let group = if question.group == Group::Time { None } else { link.as_ref() };
        visitors::merge(connection, *subject, question, groups.entry(group).or_default())?;
    }
    for (value, days) in groups {
        for (day, sketch) in days {
            tally.add(day, value.cloned(), sketch.count());
        }
    }
    Ok(())
}
