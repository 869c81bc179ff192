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
    links: usize,
}

impl Progress {
    pub(super) fn begin(links: usize) -> Self {
        let target = if links > 1 { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(links as u64), target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self { bar, counts: Counts::default(), links }
    }

    /// Counts a link that ended and prints it without tearing the bar.
    pub(super) fn advance<T>(&mut self, status: ChainStatus, print: impl FnOnce() -> T) -> T {
        self.counts.count(status);
        self.bar.set_message(self.counts.phrase());
        self.bar.inc(1);
        self.bar.suspend(print)
    }

    pub(super) fn finish(self) -> Counts {
        let duration_ms = u64::try_from(self.bar.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.bar.finish_and_clear();
        if self.links > 1 {
            let took = summary::duration(duration_ms);
            output::remark(&format!("{} links in {took}: {}", self.links, self.counts.phrase()));
        }
        self.counts
    }
}
