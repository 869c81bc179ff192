//! `hopline migrate`: brings the database to this version's schema, and does nothing else.

use anyhow::{Result, ensure};
use clap::Args;
use hopline_store::sqlite::{migrate, schema_versions};

use crate::{
    app::DataFolder,
    config::{Environment, FolderSection, Layer, Sources},
    exit::Outcome,
    output,
};

/// Bring the database to this version's schema (serve does so by itself)
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    folder: FolderSection,
    #[command(flatten)]
    sources: Sources,
}

pub(crate) fn run(args: MigrateArgs, environment: &Environment) -> Result<Outcome> {
    let flags = Layer { folder: args.folder, ..Layer::default() };
    let data = args.sources.settle(flags, environment)?.folder.data;
    ensure!(data.is_dir(), "find the data folder {}: name another with --data", data.display());
    let folder = DataFolder::open(&data)?;
    let is_database = schema_versions(folder.path())?.iter().any(|version| version.found > 0);
    ensure!(
        is_database,
        "find a database in {}: `hopline init` or `hopline serve` makes one",
        data.display()
    );
    for version in migrate(folder.path())? {
        let line = if version.found == version.known {
            format!("{}: schema {} is the newest", version.file, version.found)
        } else {
            format!("{}: schema {} → {}", version.file, version.found, version.known)
        };
        output::line(&line)?;
    }
    Ok(Outcome::Success)
}
