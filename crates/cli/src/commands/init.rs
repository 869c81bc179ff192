//! `hopline init`: makes the first workspace and key without starting the server.

use anyhow::{Result, bail};
use clap::Args;
use hopline_domain::{entropy::OsEntropy, time::SystemClock};
use serde::Serialize;

use crate::{
    app::{First, FirstKey, Storage, bootstrap},
    config::{Environment, FolderSection, Layer, Sources},
    exit::Outcome,
    output, runtime,
    view::table,
};

/// Make the data folder, the first workspace and its key
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    folder: FolderSection,
    #[command(flatten)]
    sources: Sources,
    /// The answer as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Made<'a> {
    workspace_id: String,
    api_key: &'a str,
    webhook_secret: &'a str,
}

pub(crate) fn run(args: InitArgs, environment: &Environment) -> Result<Outcome> {
    let flags = Layer { folder: args.folder, ..Layer::default() };
    let settings = args.sources.settle(flags, environment)?;
    let storage = Storage::open(&settings.folder, &OsEntropy)?;
    match runtime::single()?.block_on(bootstrap(&storage, &SystemClock, &OsEntropy))? {
        First::Made(key) => show(&key, args.json)?,
        First::Existing(workspace_id) => bail!(
            "make the first workspace: {} has one already ({workspace_id}); start the server with it, or choose another --data",
            settings.folder.data.display()
        ),
    }
    Ok(Outcome::Success)
}

fn show(key: &FirstKey, json: bool) -> Result<()> {
    let made = Made {
        workspace_id: key.workspace_id.to_string(),
        api_key: key.api_key.expose(),
        webhook_secret: key.webhook_secret.expose(),
    };
    if json {
        return Ok(output::json(&made)?);
    }
    output::line(&table::fields(&[
        ("workspace", Some(made.workspace_id)),
        ("api key", Some(made.api_key.to_owned())),
        ("webhook secret", Some(made.webhook_secret.to_owned())),
    ]))?;
    output::remark("the secrets are shown this once");
    Ok(())
}
