//! `hopline jobs …`: jobs of a server and their evidence.

use anyhow::Result;
use clap::{Args, Subcommand};
use hopline_client::{Client, Job};
use hopline_domain::job::JobStatus;

use super::server::{PageArgs, ServerArgs, call, remark_next};
use crate::{
    config::Environment,
    exit::Outcome,
    output,
    view::{chain, table},
};

/// List and show jobs, and the chains they followed
#[derive(Debug, Args)]
#[command(after_help = "Reads HOPLINE_URL and HOPLINE_API_KEY; shows the jobs of that key's family.")]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    command: JobsCommand,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Subcommand)]
enum JobsCommand {
    /// Jobs, newest first
    List(PageArgs),
    /// One job
    Show { id: String },
    /// The chain a job followed, hop by hop
    Evidence {
        id: String,
        /// As HAR 1.2
        #[arg(long, conflicts_with = "json")]
        har: bool,
    },
}

pub(crate) fn run(args: JobsArgs, environment: &Environment) -> Result<Outcome> {
    let client = args.server.client(environment)?;
    let json = args.server.json;
    call(async move {
        match args.command {
            JobsCommand::List(page) => list(&client, &page, json).await,
            JobsCommand::Show { id } => show(&client.job(&id).await?, json),
            JobsCommand::Evidence { id, har: true } => {
                Ok(output::json(&client.job_evidence_har(&id).await?)?)
            }
            JobsCommand::Evidence { id, .. } if json => Ok(output::json(&client.job_evidence(&id).await?)?),
            JobsCommand::Evidence { id, .. } => {
                let chain = client.job_evidence(&id).await?;
                Ok(output::line(&chain::render(&chain, output::columns()))?)
            }
        }
    })
}

async fn list(client: &Client, page: &PageArgs, json: bool) -> Result<()> {
    let jobs = client.jobs(&page.query()).await?;
    if json {
        return Ok(output::json(&jobs)?);
    }
    let rows: Vec<[String; 5]> = jobs.data.into_iter().map(row).collect();
    output::line(&table::render(["ID", "STATUS", "CHECKED", "URL", "ENDED AT"], &rows))?;
    remark_next(jobs.next_cursor.as_deref());
    Ok(())
}

fn row(job: Job) -> [String; 5] {
    let ended = job.target_url.clone().or_else(|| job.reason.clone()).unwrap_or_default();
    [
        job.job_id,
        word(job.status).to_owned(),
        job.checked_at.unwrap_or_default(),
        job.url.unwrap_or_default(),
        ended,
    ]
}

fn word(status: JobStatus) -> &'static str {
    status.into()
}

fn show(job: &Job, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(job)?);
    }
    Ok(output::line(&table::fields(&[
        ("id", Some(job.job_id.clone())),
        ("status", Some(word(job.status).to_owned())),
        ("url", job.url.clone()),
        ("ended at", job.target_url.clone()),
        ("error", job.error.clone()),
        ("reason", job.reason.clone()),
        ("provider", job.provider.clone()),
        ("hops", job.hops_count.map(|count| count.to_string())),
        ("charged", Some(job.credits_charged.to_string())),
        ("checked", job.checked_at.clone()),
    ]))?)
}
