//! Buckets of time in a zone.

use jiff::civil::{DateTime, Weekday};
use strum::{EnumString, IntoStaticStr};

use crate::{click::analytics::Zone, time::Timestamp};

/// Weeks begin on Monday (ISO 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Interval {
    Hour,
    Day,
    Week,
    Month,
}

impl Interval {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The beginning of the bucket that `at` lies in.
    pub fn start_of(self, at: Timestamp, zone: &Zone) -> Timestamp {
        let local = zone.local(at);
        let start = self.floor(local);
        // Where clocks go back, an hour comes twice: the later one is a bucket of its own.
        if self == Self::Hour {
            let into_hour = i64::from(local.minute()) * 60_000
                + i64::from(local.second()) * 1_000
                + i64::from(local.millisecond());
            return at.minus_ms(into_hour);
        }
        zone.instant(start)
    }

    fn floor(self, local: DateTime) -> DateTime {
        let date = local.date();
        let midnight = |date: jiff::civil::Date| date.at(0, 0, 0, 0);
        match self {
            Self::Hour => date.at(local.hour(), 0, 0, 0),
            Self::Day => midnight(date),
            Self::Week => {
                let since_monday = date.weekday().since(Weekday::Monday);
                midnight(date.saturating_sub(jiff::Span::new().days(i64::from(since_monday))))
            }
            Self::Month => midnight(date.first_of_month()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn start(interval: Interval, text: &str, zone: &str) -> String {
        interval.start_of(at(text), &Zone::named(zone).unwrap()).to_string()
    }

    #[test]
    fn buckets_begin_where_the_zone_says() {
        let instant = "2026-06-03T22:30:15.123Z";
        assert_eq!(start(Interval::Hour, instant, "UTC"), "2026-06-03T22:00:00.000Z");
        assert_eq!(start(Interval::Day, instant, "UTC"), "2026-06-03T00:00:00.000Z");
        assert_eq!(start(Interval::Week, instant, "UTC"), "2026-06-01T00:00:00.000Z");
        assert_eq!(start(Interval::Month, instant, "UTC"), "2026-06-01T00:00:00.000Z");
        assert_eq!(start(Interval::Day, instant, "Europe/Berlin"), "2026-06-03T22:00:00.000Z");
        assert_eq!(start(Interval::Month, instant, "Europe/Berlin"), "2026-05-31T22:00:00.000Z");
    }

    #[test]
    fn days_of_23_and_25_hours_are_one_bucket_each() {
        let berlin = "Europe/Berlin";
        for inside in ["2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T22:59:59Z"] {
            assert_eq!(start(Interval::Day, inside, berlin), "2026-10-24T22:00:00.000Z", "{inside}");
        }
        assert_eq!(start(Interval::Day, "2026-10-25T23:00:00Z", berlin), "2026-10-25T23:00:00.000Z");
        assert_eq!(start(Interval::Day, "2026-03-29T21:59:59Z", berlin), "2026-03-28T23:00:00.000Z");
        assert_eq!(start(Interval::Hour, "2026-10-25T00:30:00Z", berlin), "2026-10-25T00:00:00.000Z");
        assert_eq!(start(Interval::Hour, "2026-10-25T01:30:00Z", berlin), "2026-10-25T01:00:00.000Z");
    }
}
