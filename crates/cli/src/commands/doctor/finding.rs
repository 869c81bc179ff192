//! One thing that was looked at, and how it is.

use crate::{
    output::harmless,
    view::style::{BAD, GOOD, STRONG, UNUSUAL, paint},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Well,
    /// The server runs, but somebody should look.
    Doubt,
    /// The server can't run, or its data is not sound.
    Fault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) what: String,
    pub(super) state: State,
    pub(super) detail: String,
}

impl Finding {
    pub(super) fn well(what: &str, detail: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Well, detail: detail.into() }
    }

    pub(super) fn doubt(what: &str, detail: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Doubt, detail: detail.into() }
    }

    pub(super) fn fault(what: &str, detail: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Fault, detail: detail.into() }
    }
}

pub(super) fn render(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.what.chars().count()).max().unwrap_or(0);
    let line = |finding: &Finding| {
        let (mark, style) = match finding.state {
            State::Well => ("✓", GOOD),
            State::Doubt => ("!", UNUSUAL),
            State::Fault => ("✗", BAD),
        };
        let what = paint(STRONG, format_args!("{:<width$}", finding.what));
        format!("{} {what}  {}", paint(style, mark), harmless(&finding.detail))
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;

    #[test]
    fn marks_tell_the_state() {
        let findings = [
            Finding::well("data folder", "fine"),
            Finding::doubt("disk", "nearly full"),
            Finding::fault("port", "taken"),
        ];
        let text = strip_str(&render(&findings)).to_string();
        assert_eq!(text, "✓ data folder  fine\n! disk         nearly full\n✗ port         taken");
    }
}
