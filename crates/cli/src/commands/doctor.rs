//! `hopline doctor`: looks at a data folder and the settings, changes nothing, and says what to do.

mod examine;
mod finding;

use anyhow::Result;
use clap::Args;

use self::{examine::examine, finding::State};
use crate::{
    config::{Environment, FolderSection, Layer, ListenSection, Sources},
    exit::Outcome,
    output,
};

/// Examine the data folder and the settings
#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 if the server can run, 1 if something keeps it from running.")]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    folder: FolderSection,
    #[command(flatten)]
    listen: ListenSection,
    #[command(flatten)]
    sources: Sources,
}

pub(crate) fn run(args: DoctorArgs, environment: &Environment) -> Result<Outcome> {
    let flags = Layer { folder: args.folder, listen: args.listen, ..Layer::default() };
    let settings = args.sources.settle(flags, environment)?;
    let findings = examine(&settings);
    output::line(&finding::render(&findings))?;
    let is_ill = findings.iter().any(|finding| finding.state == State::Fault);
    Ok(if is_ill { Outcome::Failure } else { Outcome::Success })
}
