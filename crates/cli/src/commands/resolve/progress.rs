//! How far a batch is: a bar with counts by outcome on stderr, when a person looks at it.

use hopline_domain::chain::ChainStatus;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    output,
    view::{
        style::{self, paint},
        summary,
    },
};

const TEMPLATE: &str = "{bar:30.cyan/blue} {pos}/{len}  {msg}  {eta} left";
const TEMPLATE_ENDLESS: &str = "{spinner} {pos}  {msg}  {elapsed}";

/// How many ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) done: usize,
    pub(super) failed: usize,
    pub(super) invalid: usize,
}

impl Counts {
    pub(super) fn count(&mut self, status: ChainStatus) {
        match status {
            ChainStatus::Done => self.done += 1,
            ChainStatus::Failed => self.failed += 1,
            ChainStatus::Invalid => self.invalid += 1,
        }
    }

    pub(super) const fn all_done(self) -> bool {
        self.failed == 0 && self.invalid == 0
    }

    fn phrase(self) -> String {
        let counted = [
            (ChainStatus::Done, self.done, "done"),
            (ChainStatus::Failed, self.failed, "failed"),
            (ChainStatus::Invalid, self.invalid, "invalid"),
        ];
        let parts = counted.map(|(status, count, word)| {
            let (mark, mark_style) = style::of_chain(status);
            format!("{} {count} {word}", paint(mark_style, mark))
        });
        parts.join("  ")
    }
}

/// The bar of one batch; a single link has none.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    counts: Counts,
    /// Ended in this run.
    links: usize,
    is_single: bool,
}

impl Progress {
    /// `links` is `None` when nobody knows how many will come; `done_before` are counted as done.
    pub(super) fn begin(links: Option<usize>, done_before: usize) -> Self {
        let target =
            if links == Some(1) { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(links.map(|links| links as u64), target);
        let template = if links.is_some() { TEMPLATE } else { TEMPLATE_ENDLESS };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_position(done_before as u64);
        bar.reset_eta();
        Self { bar, counts: Counts::default(), links: 0, is_single: links == Some(1) }
    }

    /// Counts a link whose chains ended and prints it without tearing the bar.
    pub(super) fn advance<T>(&mut self, statuses: &[ChainStatus], print: impl FnOnce() -> T) -> T {
        for status in statuses {
            self.counts.count(*status);
        }
        self.links += 1;
        self.bar.set_message(self.counts.phrase());
        self.bar.inc(1);
        self.bar.suspend(print)
    }

    pub(super) fn finish(self) -> Counts {
        let duration_ms = u64::try_from(self.bar.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.bar.finish_and_clear();
        if !self.is_single {
            let took = summary::duration(duration_ms);
            let links = if self.links == 1 { "1 link".to_owned() } else { format!("{} links", self.links) };
            output::remark(&format!("{links} in {took}: {}", self.counts.phrase()));
        }
        self.counts
    }
}
