//! When a page has had its say. Timers are not waited for: once a page is loaded its clock runs ahead (virtual time) by as
//! much as a link may wait, pausing while requests are underway. A pure reading of moves and moments.

use std::time::Duration;

use tokio::time::Instant;

use crate::record::Move;

/// After its clock ran ahead, a page may still act upon it: frames are painted in real time.
const SETTLE_MS: u64 = 150;
/// A page that said it would leave does so within this time, or the browser kept it from it without a word.
const ANNOUNCED_MS: u64 = 2_000;
/// A page whose requests hang for so long, while nothing else happens, is not kept from its timers by them any longer.
/// Shorter, and a slow answer that decides where a page leads would be missed.
const QUIET_MS: u64 = 5_000;
/// A request for a page that gets no answer for so long will not.
const HOP_MS_MAX: u64 = 10_000;
/// A page that always has something going on is given so long to load, and so long again while its clock runs ahead.
const BUSY_MS_MAX: u64 = 10_000;

/// What virtual time is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Run ahead, but not while requests are underway.
    BetweenRequests,
    /// Run ahead whatever hangs.
    Regardless,
    /// Run just far enough that a page can load: a clock that stands still would keep it from it.
    ToLoad,
}

/// What a moment means when nothing happened until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Run(Run),
    /// The page stays.
    Done,
    /// No page came.
    TimedOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A navigation is underway.
    Asked,
    /// A page is there, and loads.
    Loading { since: Instant },
    /// Its clock runs ahead.
    Running { since: Instant, run: Run },
    /// Its clock has run ahead, or there was none to run.
    Settling,
}

#[derive(Debug)]
pub(super) struct Pace {
    stage: Stage,
    last: Instant,
    has_run: bool,
    is_announced: bool,
}

/// What the pace needs to know of the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground {
    pub(super) is_underway: bool,
    /// The page said it would leave.
    pub(super) is_announced: bool,
    pub(super) has_page: bool,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { stage: Stage::Asked, last: now, has_run: false, is_announced: false }
    }

    /// Takes note of a move; what virtual time is to do upon it.
    pub(super) fn note(&mut self, happened: &Move, ground: Ground, now: Instant) -> Option<Run> {
        self.last = now;
        self.is_announced = ground.is_announced;
        match happened {
            Move::Started => self.start(Stage::Asked),
            Move::Committed => self.start(Stage::Loading { since: now }),
            Move::Stopped | Move::Aborted if ground.is_underway => None,
            Move::Stopped if ground.has_page => Some(self.run(Run::BetweenRequests, now)),
            Move::Aborted if ground.has_page && self.has_run => Some(self.run(Run::BetweenRequests, now)),
            Move::Aborted => {
                self.stage = if ground.has_page { Stage::Loading { since: now } } else { Stage::Settling };
                None
            }
            Move::BudgetExpired => match self.stage {
                Stage::Running { .. } => {
                    self.stage = Stage::Settling;
                    None
                }
                Stage::Asked | Stage::Loading { .. } => Some(Run::ToLoad),
                Stage::Settling => None,
            },
            _ => None,
        }
    }

    /// Whether [`Self::next`] came although things still happen.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.busy_until().is_some_and(|until| now > until)
    }

    /// Whether the clock of a loaded page runs ahead.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running { .. })
    }

    fn busy_until(&self) -> Option<Instant> {
        match self.stage {
            Stage::Loading { since } | Stage::Running { since, .. } => {
                Some(since + Duration::from_millis(BUSY_MS_MAX))
            }
            Stage::Asked | Stage::Settling => None,
        }
    }

    /// When to ask [`Self::reached`], if nothing happens before.
    pub(super) fn next(&self) -> Instant {
        let after = |ms| self.last + Duration::from_millis(ms);
        let quiet = match self.stage {
            Stage::Asked => after(HOP_MS_MAX),
            Stage::Loading { .. } | Stage::Running { .. } => after(QUIET_MS),
            Stage::Settling if self.is_announced => after(ANNOUNCED_MS),
            Stage::Settling => after(SETTLE_MS),
        };
        self.busy_until().map_or(quiet, |until| until.min(quiet))
    }

    /// The moment of [`Self::next`] came.
    pub(super) fn reached(&mut self, now: Instant) -> Moment {
        self.last = now;
        match self.stage {
            Stage::Asked => Moment::TimedOut,
            Stage::Running { since, .. } if now >= since + Duration::from_millis(BUSY_MS_MAX) => Moment::Done,
            Stage::Loading { .. } | Stage::Running { run: Run::BetweenRequests, .. } => self.run_anyway(now),
            Stage::Running { .. } | Stage::Settling => Moment::Done,
        }
    }

    fn start(&mut self, stage: Stage) -> Option<Run> {
        self.stage = stage;
        self.has_run.then_some(Run::ToLoad)
    }

    fn run(&mut self, run: Run, now: Instant) -> Run {
        self.stage = Stage::Running { since: now, run };
        self.has_run = true;
        run
    }

    fn run_anyway(&mut self, now: Instant) -> Moment {
        let since = if let Stage::Running { since, .. } = self.stage { since } else { now };
        self.stage = Stage::Running { since, run: Run::Regardless };
        self.has_run = true;
        Moment::Run(Run::Regardless)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOWHERE: Ground = Ground { is_underway: true, is_announced: false, has_page: false };
    const THERE: Ground = Ground { is_underway: false, has_page: true, ..NOWHERE };
    const LEAVING: Ground = Ground { is_underway: true, has_page: true, ..NOWHERE };

    struct Course {
        pace: Pace,
        now: Instant,
    }

    impl Course {
        fn start() -> Self {
            let now = Instant::now();
            Self { pace: Pace::new(now), now }
        }

        fn note(&mut self, happened: &Move, ground: Ground) -> Option<Run> {
            self.now += Duration::from_millis(10);
            self.pace.note(happened, ground, self.now)
        }

        /// Nothing happens until the next moment.
        fn pass(&mut self) -> (u128, Moment) {
            let next = self.pace.next();
            let waited = (next - self.now).as_millis();
            self.now = next;
            (waited, self.pace.reached(next))
        }

        fn loaded() -> Self {
            let mut course = Self::start();
            assert_eq!(course.note(&Move::Started, NOWHERE), None);
            assert_eq!(course.note(&Move::Committed, THERE), None);
            assert_eq!(course.note(&Move::Stopped, THERE), Some(Run::BetweenRequests));
            course
        }
    }

    #[test]
    fn a_page_that_stays_is_done_soon_after_its_clock_ran_ahead() {
        let mut course = Course::loaded();
        assert_eq!(course.note(&Move::BudgetExpired, THERE), None);
        assert_eq!(course.pass(), (150, Moment::Done));
    }

    #[test]
    fn a_page_that_leaves_starts_anew_and_its_clock_never_stands_still() {
        let mut course = Course::loaded();
        assert_eq!(course.note(&Move::Started, LEAVING), Some(Run::ToLoad));
        assert_eq!(course.note(&Move::Stopped, LEAVING), None);
        assert_eq!(course.note(&Move::BudgetExpired, LEAVING), Some(Run::ToLoad));
        assert_eq!(course.note(&Move::Committed, THERE), Some(Run::ToLoad));
        assert_eq!(course.note(&Move::Stopped, THERE), Some(Run::BetweenRequests));
        assert_eq!(course.note(&Move::BudgetExpired, THERE), None);
        assert_eq!(course.pass(), (150, Moment::Done));
    }

    #[test]
    fn a_page_that_says_it_leaves_is_given_time_to() {
        let mut course = Course::loaded();
        assert_eq!(course.note(&Move::Other, Ground { is_announced: true, ..THERE }), None);
        course.note(&Move::BudgetExpired, Ground { is_announced: true, ..THERE });
        assert_eq!(course.pass(), (2_000, Moment::Done));
    }

    #[test]
    fn what_hangs_is_not_waited_for() {
        let mut course = Course::start();
        assert_eq!(course.pass(), (10_000, Moment::TimedOut));

        let mut course = Course::start();
        course.note(&Move::Committed, THERE);
        assert_eq!(course.pass(), (5_000, Moment::Run(Run::Regardless)));
        assert_eq!(course.note(&Move::BudgetExpired, THERE), None);
        assert_eq!(course.pass(), (150, Moment::Done));

        let mut course = Course::loaded();
        assert_eq!(course.pass(), (5_000, Moment::Run(Run::Regardless)));
        assert_eq!(course.pass(), (5_000, Moment::Done));
    }

    #[test]
    fn a_busy_page_has_an_end() {
        let mut course = Course::loaded();
        let mut waited = 0;
        while course.pace.next() > course.now + Duration::from_millis(20) {
            assert_eq!(course.note(&Move::Other, THERE), None);
            waited += 10;
        }
        assert!((9_900..=10_000).contains(&waited), "{waited}");
        assert!(!course.pace.is_overdue(course.now));
        assert!(course.pace.is_overdue(course.now + Duration::from_millis(100)));
        assert_eq!(course.pass().1, Moment::Done);

        let mut course = Course::start();
        course.note(&Move::Committed, THERE);
        while !course.pace.is_overdue(course.now) {
            course.note(&Move::Other, THERE);
        }
        assert_eq!(course.pace.reached(course.now), Moment::Run(Run::Regardless));
        assert!(!course.pace.is_overdue(course.now), "it has as long again");
    }

    #[test]
    fn an_attempt_to_leave_that_came_to_nothing_leaves_the_page_its_timers() {
        let mut course = Course::loaded();
        course.note(&Move::Started, LEAVING);
        assert_eq!(course.note(&Move::Aborted, THERE), Some(Run::BetweenRequests));
        assert_eq!(course.note(&Move::BudgetExpired, THERE), None);
        assert_eq!(course.pass(), (150, Moment::Done));

        let mut course = Course::start();
        course.note(&Move::Started, NOWHERE);
        assert_eq!(course.note(&Move::Aborted, Ground { is_underway: false, ..NOWHERE }), None);
        assert_eq!(course.pass(), (150, Moment::Done));
    }
}
