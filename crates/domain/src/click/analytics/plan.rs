//! From which numbers a question is answered: pure, so that the promise of what is cheap can be tested.

use crate::{
    click::analytics::{Bots, Dimension, Group, Interval, Metric, Question},
    time::{DAY_MS, HOUR_MS},
};

/// Where the answer comes from. Every filter on links has become the choice of the roll-ups read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Sketches of visitors, by link or workspace and UTC day.
    DailyVisitors,
    /// Values of one dimension (`None`: only how many), by UTC day.
    Daily(Option<Dimension>),
    /// Combinations of country, device, operating system, browser, source and bot reason, by hour.
    Hourly,
    Raw,
}

/// Picks the cheapest numbers that can answer `question`.
pub fn plan(question: &Question) -> Plan {
    match question.metric {
        Metric::Visitors => visitors(question),
        Metric::Clicks => clicks(question),
    }
}

/// A filter for some links chooses whose roll-ups are read: it costs nothing more.
fn chooses_links(question: &Question) -> impl Fn(Dimension) -> bool {
    let chosen = question.filters.iter().any(|f| f.dimension == Dimension::Link && !f.negated);
    move |dimension| chosen && dimension == Dimension::Link
}

fn asked(question: &Question) -> Vec<Dimension> {
    let chosen = chooses_links(question);
    let mut dimensions: Vec<_> =
        question.filters.iter().map(|filter| filter.dimension).filter(|d| !chosen(*d)).collect();
    if let Group::By(dimension) = question.group
        && !chosen(dimension)
        && !dimensions.contains(&dimension)
    {
        dimensions.push(dimension);
    }
    dimensions
}

fn visitors(question: &Question) -> Plan {
    let chosen = chooses_links(question);
    let plain = asked(question).is_empty() && question.filters.iter().all(|f| chosen(f.dimension));
    if plain && by_utc_day(question) { Plan::DailyVisitors } else { Plan::Raw }
}

fn clicks(question: &Question) -> Plan {
    let dimensions = asked(question);
    // How many bots there were is known day by day for each value: a filter on it is more.
    let with_bots = question.bots == Bots::Include || !dimensions.contains(&Dimension::Bot);
    match dimensions.as_slice() {
        [] if by_utc_day(question) => Plan::Daily(None),
        [one] if by_utc_day(question) && with_bots && is_summable(question, *one) => Plan::Daily(Some(*one)),
        several if by_hour(question) && several.iter().all(|d| d.is_hourly()) => Plan::Hourly,
        _ => Plan::Raw,
    }
}

/// A click has several tags: the rows of two tags, or of all but one, may not be added up.
fn is_summable(question: &Question, dimension: Dimension) -> bool {
    let Some(filter) = question.filter_on(dimension) else { return true };
    let one_value = filter.values.len() == 1 && !filter.negated && question.group == Group::Time;
    dimension != Dimension::Tag || one_value
}

/// Whether the answer's buckets, and its ends, are whole UTC days.
fn by_utc_day(question: &Question) -> bool {
    let split = question.interval.is_none_or(|interval| interval >= Interval::Day && question.zone.is_utc());
    split && whole(question, DAY_MS)
}

fn by_hour(question: &Question) -> bool {
    whole(question, HOUR_MS)
}

fn whole(question: &Question, unit_ms: i64) -> bool {
    question.span.from.0 % unit_ms == 0 && question.span.until.0 % unit_ms == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        click::analytics::{Filter, Span, Zone},
        time::Timestamp,
    };

    fn question(group: Group) -> Question {
        Question {
            metric: Metric::Clicks,
            group,
            interval: (group == Group::Time).then_some(Interval::Day),
            zone: Zone::utc(),
            span: Span { from: Timestamp(0), until: Timestamp(31 * DAY_MS) },
            filters: Vec::new(),
            bots: Bots::Exclude,
        }
    }

    fn filter(dimension: Dimension) -> Filter {
        Filter { dimension, values: vec!["x".to_owned()], negated: false }
    }

    #[test]
    fn one_dimension_by_day_is_read_from_its_own_rows() {
        assert_eq!(plan(&question(Group::Time)), Plan::Daily(None));
        let by_referrer = question(Group::By(Dimension::Referrer));
        assert_eq!(plan(&by_referrer), Plan::Daily(Some(Dimension::Referrer)));
        let mut filtered = question(Group::Time);
        filtered.filters = vec![filter(Dimension::City)];
        assert_eq!(plan(&filtered), Plan::Daily(Some(Dimension::City)));
        filtered.filters.push(filter(Dimension::Link));
        assert_eq!(plan(&filtered), Plan::Daily(Some(Dimension::City)));
    }

    #[test]
    fn hours_zones_and_combinations_come_from_the_hourly_rows() {
        let mut by_country = question(Group::By(Dimension::Country));
        by_country.filters = vec![filter(Dimension::Os), filter(Dimension::Link)];
        assert_eq!(plan(&by_country), Plan::Hourly);
        let mut berlin = question(Group::Time);
        berlin.zone = Zone::named("Europe/Berlin").unwrap();
        assert_eq!(plan(&berlin), Plan::Hourly);
        let mut part_of_a_day = question(Group::By(Dimension::Country));
        part_of_a_day.span.from = Timestamp(HOUR_MS);
        assert_eq!(plan(&part_of_a_day), Plan::Hourly);
    }

    #[test]
    fn everything_else_is_raw() {
        let mut two = question(Group::By(Dimension::City));
        two.filters = vec![filter(Dimension::Country)];
        assert_eq!(plan(&two), Plan::Raw);
        let mut minutes = question(Group::Time);
        minutes.span.from = Timestamp(60_000);
        assert_eq!(plan(&minutes), Plan::Raw);
        let mut cities_by_hour = question(Group::By(Dimension::City));
        cities_by_hour.interval = Some(Interval::Hour);
        assert_eq!(plan(&cities_by_hour), Plan::Raw);
    }

    #[test]
    fn several_tags_are_not_added_up() {
        let mut tagged = question(Group::Time);
        tagged.filters = vec![filter(Dimension::Tag)];
        assert_eq!(plan(&tagged), Plan::Daily(Some(Dimension::Tag)));
        tagged.filters[0].values.push("y".to_owned());
        assert_eq!(plan(&tagged), Plan::Raw);
        tagged.filters = vec![Filter { negated: true, ..filter(Dimension::Tag) }];
        assert_eq!(plan(&tagged), Plan::Raw);
        assert_eq!(plan(&question(Group::By(Dimension::Tag))), Plan::Daily(Some(Dimension::Tag)));
    }

    #[test]
    fn visitors_are_daily_uniques_of_links_and_workspaces() {
        let mut asked = question(Group::Time);
        asked.metric = Metric::Visitors;
        assert_eq!(plan(&asked), Plan::DailyVisitors);
        asked.group = Group::By(Dimension::Link);
        asked.filters = vec![filter(Dimension::Link)];
        assert_eq!(plan(&asked), Plan::DailyVisitors);
        asked.filters.clear();
        assert_eq!(plan(&asked), Plan::Raw);
    }
}
