//! How the program ends: 0 all well, 1 something failed, 2 wrong usage (clap's). An error is one line on stderr.

use std::{io, process::ExitCode};

use anyhow::Error;

use crate::output::{self, harmless};

/// What a command came to when nothing kept it from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    /// It ran, and what it looked at is not well.
    Failure,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self::SUCCESS,
            Outcome::Failure => Self::FAILURE,
        }
    }
}

pub(crate) fn code(result: Result<Outcome, Error>) -> ExitCode {
    match result {
        Ok(outcome) => outcome.into(),
        // Whoever read our output has seen enough (`| head`).
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::remark(&sentence(&error));
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The error and its causes in one line. Servers have their words in it, so it is made harmless.
fn sentence(error: &Error) -> String {
    let text = format!("{error:#}");
    let words: Vec<&str> = text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect();
    format!("hopline: failed to {}", harmless(&words.join(" ")))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn an_error_is_one_line() {
        let error = anyhow!("no room\n  left").context("open the data folder");
        assert_eq!(sentence(&error), "hopline: failed to open the data folder: no room left");
        assert_eq!(sentence(&anyhow!("do that: \u{1b}[2J")), "hopline: failed to do that: �[2J");
    }
}
