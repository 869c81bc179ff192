//! The parameters of a question: what to group by, over which time, and one filter for each dimension.

use hopline_domain::{
    click::{
        BotReason, ClickSource, Country, Device,
        analytics::{Bots, Dimension, Filter, Group, Interval, Metric, Question, Span, Zone},
    },
    id::{LinkId, TagId},
    limits::CLICK_TEXT_BYTES_MAX,
    time::{DAY_MS, HOUR_MS, Timestamp},
};

use crate::extract::{FromQuery, QueryReader};

/// Values of one filter.
const FILTER_VALUES_MAX: usize = 100;
/// Days of a question that names no beginning.
const SPAN_DAYS_DEFAULT: i64 = 30;
/// No longer span can be asked for.
const SPAN_MS_MAX: i64 = 20 * 366 * DAY_MS;

/// A question whose ends may still be left to the clock.
#[derive(Clone, Debug)]
pub(crate) struct AnalyticsQuery {
    group: Group,
    interval: Option<Interval>,
    metric: Metric,
    bots: Bots,
    zone: Zone,
    from: Option<Moment>,
    until: Option<Moment>,
    filters: Vec<Filter>,
}

/// An end of a span, as given.
#[derive(Clone, Copy, Debug)]
enum Moment {
    At(Timestamp),
    /// Midnight in the question's zone.
    Date(Timestamp),
}

impl FromQuery for AnalyticsQuery {
    fn read(query: &mut QueryReader) -> Self {
        let group = query.parameter("group_by", "give `time` or a dimension, as `country`", group);
        let interval = query.parsed("interval", "give hour, day, week or month");
        let metric = query.parsed("metric", "give clicks or visitors");
        let bots = query.parsed("bots", "give exclude or include");
        let zone =
            query.parameter("time_zone", "give a name as `Europe/Berlin`", |name| Zone::named(name).ok());
        let moment = "give a time with its offset, or a date as 2026-06-05";
        let from = query.parameter("from", moment, moment_of);
        let until = query.parameter("until", moment, moment_of);
        let filters: Vec<_> = Dimension::all().filter_map(|dimension| filter(query, dimension)).collect();
        let group = group.unwrap_or(Group::Time);
        let about_bots = group == Group::By(Dimension::Bot)
            || filters.iter().any(|filter| filter.dimension == Dimension::Bot);
        Self {
            interval: interval.or((group == Group::Time).then_some(Interval::Day)),
            group,
            metric: metric.unwrap_or(Metric::Clicks),
            bots: if about_bots { Bots::Include } else { bots.unwrap_or(Bots::Exclude) },
            zone: zone.unwrap_or_else(Zone::utc),
            from,
            until,
            filters,
        }
    }
}

impl AnalyticsQuery {
    /// The question as it is asked now; `None` when it ends before it begins, or spans too much.
    pub(crate) fn question(self, now: Timestamp) -> Option<Question> {
        let at = |moment: Moment| match moment {
            Moment::At(at) => at,
            Moment::Date(date) => self.zone.at_local(date),
        };
        let until = self.until.map_or_else(|| tomorrow(now, &self.zone), at);
        let whole_days = |at: Timestamp| Interval::Day.start_of(at, &self.zone);
        let from = self.from.map_or_else(|| whole_days(until.minus_ms(SPAN_DAYS_DEFAULT * DAY_MS)), at);
        let span = Span { from, until };
        let length_ms = until.since_ms(from);
        (1..=SPAN_MS_MAX).contains(&length_ms).then(|| Question {
            metric: self.metric,
            group: self.group,
            interval: self.interval,
            zone: self.zone.rounded_for(span),
            span,
            filters: self.filters,
            bots: self.bots,
        })
    }
}

/// The end of today.
fn tomorrow(now: Timestamp, zone: &Zone) -> Timestamp {
    let today = Interval::Day.start_of(now, zone);
    // A day may have 25 hours.
    let mut later = now;
    while Interval::Day.start_of(later, zone) <= today {
        later = later.plus_ms(HOUR_MS);
    }
    Interval::Day.start_of(later, zone)
}

fn group(text: &str) -> Option<Group> {
    if text == "time" {
        return Some(Group::Time);
    }
    text.parse().ok().map(Group::By)
}

fn moment_of(text: &str) -> Option<Moment> {
    let date =
        || Timestamp::parse(&format!("{text}T00:00:00Z")).filter(|_| text.len() == 10).map(Moment::Date);
    Timestamp::parse(text).map(Moment::At).or_else(date)
}

fn filter(query: &mut QueryReader, dimension: Dimension) -> Option<Filter> {
    let read = |text: &str| {
        let (negated, list) = text.strip_prefix('-').map_or((false, text), |list| (true, list));
        let values: Option<Vec<_>> = list.split(',').map(|value| value_of(dimension, value.trim())).collect();
        let values = values.filter(|values| values.len() <= FILTER_VALUES_MAX)?;
        Some(Filter { dimension, values, negated })
    };
    query.parameter(dimension.as_str(), expected(dimension), read)
}

/// A value as it is kept.
fn value_of(dimension: Dimension, text: &str) -> Option<String> {
    match dimension {
        Dimension::Country => text.parse::<Country>().ok().map(|country| country.to_string()),
        Dimension::Device => text.parse::<Device>().ok().map(|device| device.as_str().to_owned()),
        Dimension::Source => text.parse::<ClickSource>().ok().map(|source| source.as_str().to_owned()),
        Dimension::Bot => text.parse::<BotReason>().ok().map(|bot| bot.as_str().to_owned()),
        Dimension::Link => text.parse::<LinkId>().ok().map(|id| id.to_string()),
        Dimension::Tag => text.parse::<TagId>().ok().map(|id| id.to_string()),
        Dimension::Rule => text.parse::<u16>().ok().map(|rule| rule.to_string()),
        Dimension::Domain | Dimension::Referrer | Dimension::Language => plain(&text.to_ascii_lowercase()),
        _ => plain(text),
    }
}

fn plain(text: &str) -> Option<String> {
    (1..=CLICK_TEXT_BYTES_MAX).contains(&text.len()).then(|| text.to_owned())
}

const fn expected(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Country => "give ISO 3166-1 codes as `US,BR`; `-US` leaves out",
        Dimension::Device => "give desktop, mobile, tablet, tv, console, wearable or unknown",
        Dimension::Source => "give link or qr",
        Dimension::Bot => "give reasons as `crawler,head`",
        Dimension::Link => "give at most 100 ids as `lnk_…`",
        Dimension::Tag => "give at most 100 ids as `tag_…`",
        Dimension::Rule => "give places of rules, from 0",
        _ => "give at most 100 values separated by commas; a `-` in front leaves them out",
    }
}
