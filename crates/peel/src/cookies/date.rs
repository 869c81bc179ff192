//! Cookie dates (RFC 6265 §5.1.1): far more forgiving than HTTP dates.

use hopline_domain::time::{DAY_MS, SECOND_MS, Timestamp};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What the tokens of a date have given so far.
#[derive(Default)]
struct Fields {
    time: Option<(i64, i64, i64)>,
    day: Option<i64>,
    month: Option<i64>,
    year: Option<i64>,
}

/// Parses the value of an `Expires` attribute; `None` when it is no date.
pub(super) fn parse_cookie_date(text: &str) -> Option<Timestamp> {
    let mut fields = Fields::default();
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        fields.take(token);
    }
    let (hour, minute, second) = fields.time?;
    let (day, month) = (fields.day?, fields.month?);
    let year = match fields.year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    let in_range = (1..=31).contains(&day) && year >= 1601 && hour <= 23 && minute <= 59 && second <= 59;
    let seconds = (hour * 60 + minute) * 60 + second;
    in_range.then(|| Timestamp(days_from_civil(year, month, day) * DAY_MS + seconds * SECOND_MS))
}

impl Fields {
    fn take(&mut self, token: &str) {
        if self.time.is_none()
            && let Some(time) = time_of(token)
        {
            self.time = Some(time);
        } else if self.day.is_none()
            && let Some(day) = number_of(token, 1..=2)
        {
            self.day = Some(day);
        } else if self.month.is_none()
            && let Some(month) = month_of(token)
        {
            self.month = Some(month);
        } else if self.year.is_none()
            && let Some(year) = number_of(token, 2..=4)
        {
            self.year = Some(year);
        }
    }
}

fn is_delimiter(c: char) -> bool {
    matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

fn time_of(token: &str) -> Option<(i64, i64, i64)> {
    let mut parts = token.splitn(3, ':');
    let hour = parts.next()?.parse().ok().filter(|_| token.find(':').is_some_and(|at| at <= 2))?;
    let minute = parts.next().filter(|part| part.len() <= 2)?.parse().ok()?;
    let second = number_of(parts.next()?, 1..=2)?;
    Some((hour, minute, second))
}

/// Leading digits, as many as `lengths` allows, not followed by another digit.
fn number_of(token: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let digits = token.len() - token.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if lengths.contains(&digits) { token[..digits].parse().ok() } else { None }
}

fn month_of(token: &str) -> Option<i64> {
    let name = token.get(..3)?.to_ascii_lowercase();
    let index = MONTHS.iter().position(|month| *month == name)?;
    i64::try_from(index + 1).ok()
}

/// Days since 1970-01-01 of a proleptic Gregorian date; a day past the month's end runs into the next month.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_forms_servers_send() {
        for text in [
            "Fri, 05 Jun 2026 12:00:00 GMT",
            "Friday, 05-Jun-26 12:00:00 GMT",
            "Fri Jun  5 12:00:00 2026",
            "5 June 2026 12:0:00",
            "2026 Jun 05 12:00:00 GMT",
        ] {
            let date = parse_cookie_date(text).map(|date| date.to_string());
            assert_eq!(date.as_deref(), Some("2026-06-05T12:00:00.000Z"), "{text}");
        }
        assert_eq!(parse_cookie_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Timestamp(0)));
        assert!(parse_cookie_date("Thu, 01 Jan 1970 00:00:01 GMT").unwrap() < Timestamp(2_000));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "0",
            "Fri, 32 Jun 2026 12:00:00",
            "05 Jun 2026",
            "05 Jun 2026 24:00:00",
            "05 Foo 2026 1:1:1",
            "1:1",
        ] {
            assert_eq!(parse_cookie_date(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn agrees_with_http_dates(seconds in 0_u64..4_102_444_800) {
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            let parsed = parse_cookie_date(&httpdate::fmt_http_date(time));
            prop_assert_eq!(parsed.map(Timestamp::unix_seconds), i64::try_from(seconds).ok());
        }

        #[test]
        fn never_panics(text in "[0-9: ,a-zA-Z-]{0,30}") {
            parse_cookie_date(&text);
        }
    }
}
