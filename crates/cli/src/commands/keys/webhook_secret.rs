//! `hopline keys webhook-secret …`: the secrets that sign the webhooks of a key's family.

use anyhow::Result;
use clap::Subcommand;
use hopline_client::{Client, LiveSecret, RotateWebhookSecret, RotatedWebhookSecret, WebhookSecrets};

use crate::{output, view::table};

#[derive(Debug, Subcommand)]
pub(super) enum WebhookSecretCommand {
    /// The secrets that sign now, newest first; the audit log notes the reading
    Show {
        #[arg(value_name = "KEY_ID")]
        id: String,
    },
    /// Add a secret; the old ones go on signing beside it for a while
    Rotate {
        #[arg(value_name = "KEY_ID")]
        id: String,
        /// Seconds the old secrets go on signing [default: a day]
        #[arg(long, value_name = "SECONDS")]
        overlap_s: Option<u64>,
        /// Secret of your own (whsec_…) instead of a new one
        #[arg(long, value_name = "SECRET")]
        secret: Option<String>,
    },
}

pub(super) async fn run(command: WebhookSecretCommand, client: &Client, json: bool) -> Result<()> {
    match command {
        WebhookSecretCommand::Show { id } => show(client.webhook_secrets(&id).await?, json),
        WebhookSecretCommand::Rotate { id, overlap_s, secret } => {
            let rotate = RotateWebhookSecret { overlap_s, webhook_secret: secret };
            show_rotated(client.rotate_webhook_secret(&id, &rotate).await?, json)
        }
    }
}

fn show(found: WebhookSecrets, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(&found)?);
    }
    let rows: Vec<[String; 3]> = found.secrets.into_iter().map(row).collect();
    Ok(output::line(&table::render(["SECRET", "CREATED", "SIGNS UNTIL"], &rows))?)
}

fn row(secret: LiveSecret) -> [String; 3] {
    let until = secret.expires_at.unwrap_or_else(|| "until it is rotated".to_owned());
    [secret.webhook_secret, secret.created_at, until]
}

fn show_rotated(rotated: RotatedWebhookSecret, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(&rotated)?);
    }
    let shown = [
        ("family", Some(rotated.family_id)),
        ("webhook secret", rotated.webhook_secret),
        ("old sign until", rotated.old_until),
    ];
    Ok(output::line(&table::fields(&shown))?)
}
