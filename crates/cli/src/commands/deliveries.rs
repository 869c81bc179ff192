//! `hopline deliveries …`: what a server sent to receivers, why something waits, and sending it again.

use anyhow::Result;
use clap::{Args, Subcommand};
use hopline_client::{Attempt, Client, Delivery, DeliveryFilter};
use hopline_domain::delivery::{DeliveryState, WaitingFor};

use super::server::{PageArgs, ServerArgs, call, remark_next};
use crate::{
    config::Environment,
    exit::Outcome,
    output,
    view::{summary, table},
};

/// List and show webhook deliveries, retry and cancel them
#[derive(Debug, Args)]
#[command(after_help = "Reads HOPLINE_URL and HOPLINE_API_KEY.")]
pub(crate) struct DeliveriesArgs {
    #[command(subcommand)]
    command: DeliveriesCommand,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Subcommand)]
enum DeliveriesCommand {
    /// Deliveries, newest first
    List(ListArgs),
    /// One delivery with its attempts
    Show { id: String },
    /// Send now; an ended delivery gets a whole schedule again
    Retry { id: String },
    /// Send no more
    Cancel { id: String },
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Of this job only
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// In this state only: pending, delivering, succeeded, failed, cancelled, expired
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    #[command(flatten)]
    page: PageArgs,
}

pub(crate) fn run(args: DeliveriesArgs, environment: &Environment) -> Result<Outcome> {
    let client = args.server.client(environment)?;
    let json = args.server.json;
    call(async move {
        match args.command {
            DeliveriesCommand::List(filter) => list(&client, filter, json).await,
            DeliveriesCommand::Show { id } => show(&client.delivery(&id).await?, json),
            DeliveriesCommand::Retry { id } => show(&client.retry_delivery(&id).await?, json),
            DeliveriesCommand::Cancel { id } => show(&client.cancel_delivery(&id).await?, json),
        }
    })
}

async fn list(client: &Client, args: ListArgs, json: bool) -> Result<()> {
    let filter = DeliveryFilter { job_id: args.job, state: args.state };
    let deliveries = client.deliveries(&filter, &args.page.query()).await?;
    if json {
        return Ok(output::json(&deliveries)?);
    }
    let rows: Vec<[String; 6]> = deliveries.data.into_iter().map(row).collect();
    output::line(&table::render(["ID", "EVENT", "STATE", "WAITS FOR", "NEXT ATTEMPT", "URL"], &rows))?;
    remark_next(deliveries.next_cursor.as_deref());
    Ok(())
}

fn row(delivery: Delivery) -> [String; 6] {
    [
        delivery.id,
        delivery.event_type,
        state(delivery.state).to_owned(),
        delivery.waiting_for.map(waits).unwrap_or_default().to_owned(),
        delivery.next_attempt_at.unwrap_or_default(),
        delivery.url,
    ]
}

fn state(state: DeliveryState) -> &'static str {
    state.into()
}

fn waits(reason: WaitingFor) -> &'static str {
    reason.into()
}

fn show(delivery: &Delivery, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(delivery)?);
    }
    output::line(&table::fields(&[
        ("id", Some(delivery.id.clone())),
        ("event", Some(delivery.event_type.clone())),
        ("url", Some(delivery.url.clone())),
        ("state", Some(state(delivery.state).to_owned())),
        ("waits for", delivery.waiting_for.map(waits).map(str::to_owned)),
        ("next attempt", delivery.next_attempt_at.clone()),
        ("last error", delivery.last_error.clone()),
        ("created", Some(delivery.created_at.clone())),
    ]))?;
    if delivery.attempts.is_empty() {
        return Ok(());
    }
    let rows: Vec<[String; 5]> = delivery.attempts.iter().map(attempt).collect();
    Ok(output::line(&format!(
        "\n{}",
        table::render(["ATTEMPT", "STARTED", "TOOK", "STATUS", "ERROR"], &rows)
    ))?)
}

fn attempt(attempt: &Attempt) -> [String; 5] {
    [
        attempt.number.to_string(),
        attempt.started_at.clone(),
        summary::duration(attempt.duration_ms),
        attempt.response_status.map(|status| status.to_string()).unwrap_or_default(),
        fault(attempt),
    ]
}

/// The word, and what the detail adds to it.
fn fault(attempt: &Attempt) -> String {
    let (word, detail) = (attempt.error.as_deref().unwrap_or_default(), attempt.error_detail.as_deref());
    match detail {
        Some(detail) if detail.starts_with(word) => detail.to_owned(),
        Some(detail) => format!("{word}: {detail}"),
        None => word.to_owned(),
    }
}
