//! When a rule holds: between two times, on days of the week, between two hours of the day.

use jiff::{
    civil::Weekday,
    tz::{Offset, TimeZone},
};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A window in time; what is not given does not bound it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeWindow {
    /// Inclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Days on which the daily window begins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// Minutes since midnight, inclusive; given with `end`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<TimeOfDay>,
    /// Exclusive; before `start` it lies on the next day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<TimeOfDay>,
    /// IANA name for `days`, `start` and `end`; UTC when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    const fn of(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// Minutes since midnight, written `HH:MM`; `24:00` is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

const DAY_MINUTES: u16 = 24 * 60;

impl TryFrom<String> for TimeOfDay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const EXPECTED: &str = "expected a time of day as `HH:MM`";
        let digits = |text: &str| (text.len() == 2).then(|| text.parse::<u16>().ok()).flatten();
        let (hour, minute) = text.split_once(':').ok_or(EXPECTED)?;
        let (hour, minute) = (digits(hour).ok_or(EXPECTED)?, digits(minute).ok_or(EXPECTED)?);
        let minutes = hour * 60 + minute;
        if minute < 60 && minutes <= DAY_MINUTES { Ok(Self(minutes)) } else { Err(EXPECTED) }
    }
}

impl From<TimeOfDay> for String {
    fn from(TimeOfDay(minutes): TimeOfDay) -> Self {
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl TimeWindow {
    /// Everything that contradicts itself, as `(member, what is wrong)`.
    pub(super) fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        if matches!((self.from, self.until), (Some(from), Some(until)) if from >= until) {
            faults.push(("until", "`until` must lie after `from`"));
        }
        if self.start.is_some() != self.end.is_some() || (self.start.is_some() && self.start == self.end) {
            faults.push(("end", "give `start` and `end` together, and different ones"));
        }
        if self.time_zone.as_ref().is_some_and(|name| TimeZone::get(name).is_err()) {
            faults
                .push(("time_zone", "there is no such time zone; give an IANA name such as `Europe/Berlin`"));
        }
        if *self == Self::default() {
            faults.push(("", "a time window needs at least one bound"));
        }
        faults
    }

    pub(super) fn contains(&self, now: Timestamp) -> bool {
        let begun = self.from.is_none_or(|from| from <= now);
        let over = self.until.is_some_and(|until| until <= now);
        begun && !over && self.holds_today(now)
    }

    /// The hours after midnight of a window over midnight belong to the day before.
    fn holds_today(&self, now: Timestamp) -> bool {
        if self.days.is_empty() && self.start.is_none() {
            return true;
        }
        let Ok(at) = jiff::Timestamp::from_millisecond(now.0) else { return false };
        let zone = self.time_zone.as_ref().and_then(|name| TimeZone::get(name).ok());
        let local = zone.map_or_else(|| Offset::UTC.to_datetime(at), |zone| zone.to_datetime(at));
        let today = local.weekday();
        let is_day = |day| self.days.is_empty() || self.days.contains(&Day::of(day));
        let (Some(TimeOfDay(start)), Some(TimeOfDay(end))) = (self.start, self.end) else {
            return is_day(today);
        };
        let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        if start < end {
            return is_day(today) && (start..end).contains(&minute);
        }
        (minute >= start && is_day(today)) || (minute < end && is_day(today.previous()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn window(value: serde_json::Value) -> TimeWindow {
        serde_json::from_value(value).unwrap()
    }

    fn holds(window: &TimeWindow, time: &str) -> bool {
        window.contains(Timestamp::parse(time).unwrap())
    }

    #[test]
    fn bounds_include_the_first_instant_alone() {
        let window = window(json!({"from": "2026-06-05T12:00:00Z", "until": "2026-06-06T12:00:00Z"}));
        assert!(!holds(&window, "2026-06-05T11:59:59.999Z"));
        assert!(holds(&window, "2026-06-05T12:00:00Z"));
        assert!(!holds(&window, "2026-06-06T12:00:00Z"));
    }

    #[test]
    fn days_and_hours_are_local() {
        // 2026-06-05 is a Friday; Berlin is two hours ahead of UTC then.
        let office =
            window(json!({"days": ["fri"], "start": "09:00", "end": "17:00", "time_zone": "Europe/Berlin"}));
        assert!(holds(&office, "2026-06-05T07:00:00Z"));
        assert!(!holds(&office, "2026-06-05T06:59:00Z"));
        assert!(!holds(&office, "2026-06-05T15:00:00Z"));
        assert!(!holds(&office, "2026-06-06T08:00:00Z"));
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_it_begins() {
        let night = window(json!({"days": ["fri"], "start": "22:00", "end": "02:00"}));
        assert!(holds(&night, "2026-06-05T22:00:00Z"));
        assert!(holds(&night, "2026-06-06T01:59:00Z"));
        assert!(!holds(&night, "2026-06-06T02:00:00Z"));
        assert!(!holds(&night, "2026-06-05T01:00:00Z"));
        assert!(holds(&window(json!({"start": "22:00", "end": "24:00"})), "2026-06-05T23:59:59Z"));
    }

    #[test]
    fn contradictions_are_faults() {
        for (value, member) in [
            (json!({}), ""),
            (json!({"from": "2026-06-05T12:00:00Z", "until": "2026-06-05T12:00:00Z"}), "until"),
            (json!({"start": "09:00"}), "end"),
            (json!({"start": "09:00", "end": "09:00"}), "end"),
            (json!({"time_zone": "Mars/Olympus"}), "time_zone"),
        ] {
            let members: Vec<_> =
                window(value.clone()).faults().into_iter().map(|(member, _)| member).collect();
            assert_eq!(members, [member], "{value}");
        }
        for bad in ["9:00", "24:01", "12:60", "ab:cd", "1200"] {
            assert!(TimeOfDay::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
