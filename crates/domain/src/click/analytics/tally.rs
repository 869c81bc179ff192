//! Adding up an answer: counts fall into buckets of time and value, filters are kept, the long tail becomes `other`.

use std::collections::HashMap;

use crate::{
    click::analytics::{AnalyticsRow, Dimension, DimensionValue, Filter, Question},
    time::Timestamp,
};

/// Values one answer lists; the rest is `other`.
const ANSWER_VALUES_MAX: usize = 1_000;

/// What is being counted, by bucket and value.
#[derive(Debug)]
pub struct Tally<'q> {
    question: &'q Question,
    counts: HashMap<Bucket, u64>,
}

/// Where a count falls.
pub type Bucket = (Option<Timestamp>, Option<DimensionValue>);

impl Filter {
    /// Whether something with these values in the filter's dimension passes.
    pub fn passes<'v>(&self, values: impl IntoIterator<Item = &'v str>) -> bool {
        let named = values.into_iter().any(|value| self.values.iter().any(|wanted| wanted == value));
        named != self.negated
    }

    /// The same for a value that may be unknown or one of the uncounted rest.
    pub fn passes_value(&self, value: &DimensionValue) -> bool {
        match value {
            DimensionValue::Known(value) => self.passes([value.as_str()]),
            DimensionValue::Unknown | DimensionValue::Other => self.negated,
        }
    }
}

impl Question {
    pub fn filter_on(&self, dimension: Dimension) -> Option<&Filter> {
        self.filters.iter().find(|filter| filter.dimension == dimension)
    }

    /// The bucket of time that something at `at` falls into; `None` when the answer is not split by time.
    pub fn time_of(&self, at: Timestamp) -> Option<Timestamp> {
        self.interval.map(|interval| interval.start_of(at, &self.zone))
    }
}

impl<'q> Tally<'q> {
    pub fn new(question: &'q Question) -> Self {
        Self { question, counts: HashMap::new() }
    }

    pub fn add(&mut self, at: Timestamp, value: Option<DimensionValue>, count: u64) {
        self.add_to((self.question.time_of(at), value), count);
    }

    pub fn add_to(&mut self, bucket: Bucket, count: u64) {
        if count > 0 {
            *self.counts.entry(bucket).or_default() += count;
        }
    }

    /// By time, then by count, highest first, then by value; and the sum of all.
    pub fn rows(self) -> (Vec<AnalyticsRow>, u64) {
        let total = self.counts.values().sum();
        let counts = fold_tail(self.counts);
        let mut rows: Vec<_> =
            counts.into_iter().map(|((time, value), count)| AnalyticsRow { time, value, count }).collect();
        rows.sort_by(|a, b| (a.time, b.count, &a.value).cmp(&(b.time, a.count, &b.value)));
        (rows, total)
    }
}

/// Keeps the values with the highest sums.
fn fold_tail(counts: HashMap<Bucket, u64>) -> HashMap<Bucket, u64> {
    let mut sums: HashMap<DimensionValue, u64> = HashMap::new();
    for ((_, value), count) in &counts {
        if let Some(value @ DimensionValue::Known(_)) = value {
            *sums.entry(value.clone()).or_default() += count;
        }
    }
    if sums.len() <= ANSWER_VALUES_MAX {
        return counts;
    }
    let mut ranked: Vec<_> = sums.into_iter().collect();
    ranked.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let kept: std::collections::HashSet<_> =
        ranked.into_iter().take(ANSWER_VALUES_MAX).map(|(value, _)| value).collect();
    let mut folded = HashMap::new();
    for ((time, value), count) in counts {
        let value = value.map(|value| match value {
            DimensionValue::Known(_) if !kept.contains(&value) => DimensionValue::Other,
            kept => kept,
        });
        *folded.entry((time, value)).or_default() += count;
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        click::analytics::{Bots, Group, Interval, Metric, Span, Zone},
        time::DAY_MS,
    };

    fn question() -> Question {
        Question {
            metric: Metric::Clicks,
            group: Group::By(Dimension::City),
            interval: Some(Interval::Day),
            zone: Zone::utc(),
            span: Span { from: Timestamp(0), until: Timestamp(DAY_MS) },
            filters: Vec::new(),
            bots: Bots::Exclude,
        }
    }

    fn known(value: &str) -> DimensionValue {
        DimensionValue::Known(value.to_owned())
    }

    #[test]
    fn rows_are_by_time_then_count_then_value() {
        let question = question();
        let mut tally = Tally::new(&question);
        for (at, value, count) in
            [(DAY_MS, "b", 1), (5, "a", 2), (7, "c", 9), (9, "a", 1), (9, "b", 3), (9, "d", 0)]
        {
            tally.add(Timestamp(at), Some(known(value)), count);
        }
        let (rows, total) = tally.rows();
        let shown: Vec<_> = rows
            .iter()
            .map(|row| (row.time.map_or(0, |time| time.0), row.value.clone().unwrap(), row.count))
            .collect();
        let expected = [(0, "c", 9), (0, "a", 3), (0, "b", 3), (DAY_MS, "b", 1)];
        assert_eq!(shown, expected.map(|(time, value, count)| (time, known(value), count)));
        assert_eq!(total, 16);
    }

    #[test]
    fn the_long_tail_becomes_other_and_nothing_is_lost() {
        let question = question();
        let mut tally = Tally::new(&question);
        for number in 0..1_500 {
            tally.add(Timestamp(0), Some(known(&format!("{number:04}"))), if number < 10 { 100 } else { 1 });
        }
        let (rows, total) = tally.rows();
        assert_eq!(rows.len(), ANSWER_VALUES_MAX + 1);
        assert_eq!(total, rows.iter().map(|row| row.count).sum::<u64>());
        let other = rows.iter().find(|row| row.value == Some(DimensionValue::Other)).unwrap();
        assert_eq!(other.count, 500);
    }

    #[test]
    fn filters_take_in_or_leave_out() {
        let filter = |negated| Filter {
            dimension: Dimension::Country,
            values: vec!["US".to_owned(), "BR".to_owned()],
            negated,
        };
        assert!(filter(false).passes(["BR"]) && !filter(false).passes(["DE"]) && !filter(false).passes([]));
        assert!(!filter(true).passes(["BR"]) && filter(true).passes(["DE"]) && filter(true).passes([]));
        assert!(filter(true).passes_value(&DimensionValue::Unknown));
        assert!(!filter(false).passes_value(&DimensionValue::Other));
    }
}
