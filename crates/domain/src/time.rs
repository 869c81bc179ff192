//! Time as a value: Unix milliseconds, read only through the injected [`Clock`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. Written as ISO 8601 UTC with milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    #[must_use]
    pub const fn minus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_sub(ms))
    }

    /// Milliseconds from `earlier` to this; negative when `earlier` is later.
    #[must_use]
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole Unix seconds, rounded down.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(SECOND_MS)
    }

    /// The UTC day this lies in, as days since the epoch.
    #[must_use]
    pub const fn utc_day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    /// The first instant of the next UTC day.
    #[must_use]
    pub const fn next_utc_midnight(self) -> Self {
        Self((self.utc_day() + 1) * DAY_MS)
    }

    /// Reads ISO 8601 with an offset; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_millisecond()))
    }

    fn civil(self) -> jiff::civil::DateTime {
        let at = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        jiff::tz::Offset::UTC.to_datetime(at)
    }

    /// Year × 12 + month, in UTC: counts calendar months, so credits of a plan know their month.
    #[must_use]
    pub fn utc_month(self) -> i64 {
        let civil = self.civil();
        i64::from(civil.year()) * 12 + i64::from(civil.month()) - 1
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            c.year(),
            c.month(),
            c.day(),
            c.hour(),
            c.minute(),
            c.second(),
            c.millisecond()
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected an ISO 8601 time with an offset"))
    }
}

/// Where the time comes from. Production has one implementation; tests turn the hands themselves.
pub trait Clock: Send + Sync + fmt::Debug {
    fn now(&self) -> Timestamp;
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "I11: this is the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_milliseconds() {
        let at = Timestamp(1_780_660_800_123);
        assert_eq!(at.to_string(), "2026-06-05T12:00:00.123Z");
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
        assert_eq!(Timestamp::parse("2026-06-05T14:00:00.123+02:00"), Some(at));
        assert_eq!(Timestamp::parse("2026-06-05"), None);
    }

    #[test]
    fn knows_days_and_months() {
        let last_of_december = Timestamp::parse("2026-12-31T23:59:59.999Z").unwrap();
        assert_eq!(last_of_december.next_utc_midnight().to_string(), "2027-01-01T00:00:00.000Z");
        assert_eq!(last_of_december.plus_ms(1).utc_month(), last_of_december.utc_month() + 1);
    }
}
