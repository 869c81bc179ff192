//! The time zone of a question, rounded to whole hours: roll-ups are kept by the hour.

use jiff::{
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use crate::{click::analytics::Span, time::Timestamp};

const HOUR_S: i32 = 3_600;

/// There is no such zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("find the time zone: expected a name of the IANA database, such as `Europe/Berlin`")]
pub struct ZoneError;

/// A zone by its IANA name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    rules: TimeZone,
    name: String,
    rounded: bool,
}

impl Zone {
    pub fn utc() -> Self {
        Self { rules: TimeZone::UTC, name: "UTC".to_owned(), rounded: false }
    }

    pub fn named(name: &str) -> Result<Self, ZoneError> {
        if name.eq_ignore_ascii_case("UTC") {
            return Ok(Self::utc());
        }
        let zone = jiff::tz::db().get(name).map_err(|_| ZoneError)?;
        Ok(Self { name: zone.iana_name().unwrap_or(name).to_owned(), rules: zone, rounded: false })
    }

    /// This zone for questions about `span`: its offset at the beginning, rounded, if any offset within is off the whole hour.
    #[must_use]
    pub fn rounded_for(self, span: Span) -> Self {
        let first = self.offset(span.from);
        let changes = self.rules.following(instant(span.from));
        let offsets = changes.take_while(|change| change.timestamp() < instant(span.until));
        let whole = |offset: Offset| offset.seconds() % HOUR_S == 0;
        if whole(first) && offsets.map(|change| change.offset()).all(whole) {
            return self;
        }
        let hours = (first.seconds() + HOUR_S / 2).div_euclid(HOUR_S);
        let fixed = i8::try_from(hours).ok().and_then(|hours| Offset::from_hours(hours).ok());
        let rules = fixed.unwrap_or(Offset::UTC).to_time_zone();
        Self { rules, name: self.name, rounded: true }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether buckets begin off the zone's true hours.
    pub const fn is_rounded(&self) -> bool {
        self.rounded
    }

    /// Whether days are UTC days.
    pub fn is_utc(&self) -> bool {
        self.rules == TimeZone::UTC || self.rules.to_fixed_offset().is_ok_and(|offset| offset == Offset::UTC)
    }

    fn offset(&self, at: Timestamp) -> Offset {
        self.rules.to_offset(instant(at))
    }

    pub(super) fn local(&self, at: Timestamp) -> DateTime {
        self.rules.to_datetime(instant(at))
    }

    /// The instant at which clocks in the zone show what UTC ones show at `as_utc`.
    pub fn at_local(&self, as_utc: Timestamp) -> Timestamp {
        self.instant(Offset::UTC.to_datetime(instant(as_utc)))
    }

    /// The earlier one where clocks go back, the end of the gap where they go forward.
    pub(super) fn instant(&self, local: DateTime) -> Timestamp {
        let found = self.rules.to_timestamp(local);
        Timestamp(found.map_or(0, jiff::Timestamp::as_millisecond))
    }
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{click::analytics::Interval, time::DAY_MS};

    fn span(from: &str, days: i64) -> Span {
        let from = Timestamp::parse(from).unwrap();
        Span { from, until: from.plus_ms(days * DAY_MS) }
    }

    #[test]
    fn whole_hours_are_kept_and_others_rounded() {
        let june = span("2026-06-01T00:00:00Z", 30);
        let berlin = Zone::named("europe/berlin").unwrap().rounded_for(june);
        assert_eq!((berlin.name(), berlin.is_rounded()), ("Europe/Berlin", false));
        let kolkata = Zone::named("Asia/Kolkata").unwrap().rounded_for(june);
        assert!(kolkata.is_rounded());
        let start = Interval::Day.start_of(june.from, &kolkata).to_string();
        assert_eq!(start, "2026-05-31T18:00:00.000Z");
        assert_eq!(Zone::named("Mars/Olympus"), Err(ZoneError));
    }

    #[test]
    fn one_odd_offset_within_the_span_rounds_all_of_it() {
        // +11:00 in summer, +10:30 in winter.
        let lord_howe = || Zone::named("Australia/Lord_Howe").unwrap();
        assert!(!lord_howe().rounded_for(span("2026-01-01T00:00:00Z", 30)).is_rounded());
        assert!(lord_howe().rounded_for(span("2026-01-01T00:00:00Z", 180)).is_rounded());
    }
}
