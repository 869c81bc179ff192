//! Whether the end of a budget of virtual time is the end of the newest one. The browser stops a page's clock at the end of
//! every budget it was ever given, earlier ones too, and does not say which; so the clock itself is read. Pure, but for
//! reading it.

use serde::Deserialize;
use serde_json::json;

use crate::cdp::Cdp;

/// Less than this is no wait worth another run.
const SLACK_S: f64 = 0.1;

/// The runs a page's clock was given.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// Runs the browser has not yet begun.
    unanswered: usize,
    /// Where the newest run began among all messages.
    run_place: u64,
    /// Where the end of a budget was last told of and taken for an earlier one's.
    expired_place: u64,
    /// Counts navigations and pages: clocks of different ones can't be compared.
    page: u64,
    /// Where the clock stood when the newest run of the loaded page was asked for.
    from_s: Option<f64>,
}

/// What the end of a budget may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expired {
    /// A newer run is on its way, or has begun since.
    Earlier,
    /// The clock stands still.
    Stands,
}

/// What is to be done with a clock that stands still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Judged {
    /// It ran as far as it was to.
    Over,
    /// It still has to run so many seconds.
    Left(f64),
    /// It runs again.
    Moving,
    /// What was read is another page's.
    Unknown,
}

impl Clock {
    /// The page is left, or another has come.
    pub(super) const fn page_changes(&mut self) {
        self.page += 1;
        self.from_s = None;
    }

    /// A name for the page of now.
    pub(super) const fn page(&self) -> u64 {
        self.page
    }

    pub(super) const fn run_asked(&mut self) {
        self.unanswered += 1;
    }

    /// The browser begins a run that was asked for on `page`. What stood still by an end that was taken for an earlier one's
    /// still does.
    pub(super) fn run_begun(&mut self, page: u64, place: u64, from_s: Option<f64>) -> Expired {
        self.unanswered = self.unanswered.saturating_sub(1);
        self.run_place = self.run_place.max(place);
        if page == self.page {
            self.from_s = from_s.or(self.from_s);
        }
        let stands = self.unanswered == 0 && self.expired_place > self.run_place;
        if stands { Expired::Stands } else { Expired::Earlier }
    }

    /// The end of a budget was told of.
    pub(super) const fn expired(&mut self, place: u64) -> Expired {
        if self.unanswered == 0 && place >= self.run_place {
            return Expired::Stands;
        }
        self.expired_place = place;
        Expired::Earlier
    }

    /// The clock of `page` was found at `now_s`, with `budget_s` to run from where the newest run began. A clock that can't be
    /// read is taken at the browser's word.
    pub(super) fn judge(&self, page: u64, now_s: Option<f64>, budget_s: f64) -> Judged {
        if page != self.page {
            return Judged::Unknown;
        }
        if self.unanswered > 0 {
            return Judged::Moving;
        }
        let ran_s = now_s.zip(self.from_s).map(|(now, from)| now - from);
        match ran_s.map(|ran| budget_s - ran) {
            Some(left) if left > SLACK_S => Judged::Left(left),
            _ => Judged::Over,
        }
    }
}

#[derive(Deserialize)]
struct Metrics {
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    name: String,
    value: f64,
}

/// Where the clock stands, in seconds; no script can change what it says.
pub(super) async fn read(cdp: &Cdp, session: &str) -> Option<f64> {
    let read: Metrics = cdp.call(Some(session), "Performance.getMetrics", json!({})).await.ok()?;
    read.metrics.into_iter().find(|metric| metric.name == "Timestamp").map(|metric| metric.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET_S: f64 = 30.25;

    fn running(from_s: f64) -> Clock {
        let mut clock = Clock::default();
        clock.page_changes();
        clock.run_asked();
        assert_eq!(clock.run_begun(1, 10, Some(from_s)), Expired::Earlier);
        clock
    }

    #[test]
    fn a_clock_that_an_earlier_budget_stopped_runs_on() {
        let mut clock = running(100.0);
        assert_eq!(clock.expired(11), Expired::Stands);
        assert_eq!(clock.judge(1, Some(100.5), BUDGET_S), Judged::Left(29.75));
        clock.run_asked();
        assert_eq!(clock.judge(1, Some(100.5), BUDGET_S), Judged::Moving);
        clock.run_begun(1, 13, None);
        assert_eq!(clock.expired(14), Expired::Stands);
        assert_eq!(clock.judge(1, Some(130.25), BUDGET_S), Judged::Over);
    }

    #[test]
    fn an_end_told_of_before_a_run_began_is_not_its_own() {
        let mut clock = running(100.0);
        clock.run_asked();
        assert_eq!(clock.expired(12), Expired::Earlier);
        assert_eq!(clock.run_begun(1, 13, None), Expired::Earlier, "it began after that");
        assert_eq!(clock.expired(12), Expired::Earlier, "an old one, read late");
    }

    #[test]
    fn an_end_told_of_after_a_run_began_counts_although_its_answer_was_read_later() {
        let mut clock = running(100.0);
        clock.run_asked();
        assert_eq!(clock.expired(14), Expired::Earlier);
        assert_eq!(clock.run_begun(1, 13, None), Expired::Stands);
    }

    #[test]
    fn clocks_of_different_pages_are_not_compared() {
        let mut clock = running(100.0);
        clock.page_changes();
        assert_eq!(clock.judge(1, Some(105.0), BUDGET_S), Judged::Unknown);
        clock.run_asked();
        clock.run_begun(1, 20, Some(100.0));
        assert_eq!(
            clock.judge(2, Some(105.0), BUDGET_S),
            Judged::Over,
            "where this one's began is not known"
        );
        clock.run_asked();
        clock.run_begun(2, 21, Some(104.0));
        assert_eq!(clock.judge(2, Some(105.0), BUDGET_S), Judged::Left(29.25));
    }
}
