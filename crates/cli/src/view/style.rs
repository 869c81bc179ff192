//! The few colours there are, and what they mean.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use hopline_domain::chain::ChainStatus;

pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const ON_THE_WAY: Style = AnsiColor::Cyan.on_default();
pub(crate) const UNUSUAL: Style = AnsiColor::Yellow.on_default();

/// `text` in `style`, and back to plain.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The colour of an HTTP status.
pub(crate) const fn of_http(status: Option<u16>) -> Style {
    match status {
        Some(200..300) => GOOD,
        Some(300..400) => ON_THE_WAY,
        Some(_) => BAD,
        None => FAINT,
    }
}

/// The mark and colour of how a chain ended.
pub(crate) const fn of_chain(status: ChainStatus) -> (&'static str, Style) {
    match status {
        ChainStatus::Done => ("✓", GOOD),
        ChainStatus::Failed => ("✗", BAD),
        ChainStatus::Invalid => ("⊘", UNUSUAL),
    }
}
