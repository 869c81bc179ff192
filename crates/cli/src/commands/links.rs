//! `hopline links …`: short links of a server.

mod export;
mod import;
mod show;
mod write;

use anyhow::Result;
use clap::{Args, Subcommand};
use hopline_client::LinkFilter;

use self::{
    export::ExportArgs,
    import::ImportArgs,
    show::{show, show_page},
    write::{CreateArgs, UpdateArgs},
};
use super::server::{PageArgs, ServerArgs, call};
use crate::{config::Environment, exit::Outcome, output};

/// Make, find, change, import and export short links
#[derive(Debug, Args)]
#[command(
    after_help = "Reads HOPLINE_URL and HOPLINE_API_KEY; the key needs links:read, links:create or links:write."
)]
pub(crate) struct LinksArgs {
    #[command(subcommand)]
    command: LinksCommand,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Subcommand)]
enum LinksCommand {
    /// Make a link
    Create(Box<CreateArgs>),
    /// Links, newest first; archived ones only with --status archived
    List {
        #[command(flatten)]
        filter: FilterArgs,
        #[command(flatten)]
        page: PageArgs,
    },
    /// One link
    Get { id: String },
    /// Change a link
    Update(Box<UpdateArgs>),
    /// Delete a link; its slug stays the workspace's
    Delete { id: String },
    /// Make links from a file, any number of them; run again it goes on where it was
    Import(ImportArgs),
    /// All links, to standard output
    Export(ExportArgs),
}

/// Which links.
#[derive(Clone, Debug, Args)]
struct FilterArgs {
    /// Part of the slug, the URL or the title
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only those on one domain
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    /// Only those with one tag
    #[arg(long, value_name = "ID")]
    tag_id: Option<String>,
    /// Only those in one status
    #[arg(long, value_parser = ["active", "disabled", "draft", "archived", "blocked"])]
    status: Option<String>,
    /// Only those of one health
    #[arg(long, value_parser = ["unknown", "healthy", "broken", "drifted"])]
    health: Option<String>,
    /// The one with your own id
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
}

impl FilterArgs {
    fn filter(self) -> LinkFilter {
        let Self { search, domain, tag_id, status, health, external_id } = self;
        LinkFilter { search, domain, tag_id, status, health, external_id }
    }
}

pub(crate) fn run(args: LinksArgs, environment: &Environment) -> Result<Outcome> {
    let client = args.server.client(environment)?;
    let json = args.server.json;
    call(async move {
        match args.command {
            LinksCommand::Create(create) => {
                let idempotency_key = create.idempotency_key.clone();
                show(&client.create_link(&create.link()?, idempotency_key.as_deref()).await?, json)
            }
            LinksCommand::List { filter, page } => {
                show_page(client.links(&filter.filter(), &page.query()).await?, json)
            }
            LinksCommand::Get { id } => show(&client.link(&id).await?, json),
            LinksCommand::Update(update) => {
                let id = update.id.clone();
                show(&client.update_link(&id, &update.changes()?).await?, json)
            }
            LinksCommand::Delete { id } => {
                client.delete_link(&id).await?;
                output::remark(&format!("{id} is deleted"));
                Ok(())
            }
            LinksCommand::Import(import) => import::run(&import, &client, json).await,
            LinksCommand::Export(export) => export::run(&export, &client).await,
        }
    })
}
