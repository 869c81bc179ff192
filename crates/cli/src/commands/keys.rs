//! `hopline keys …`: API keys of a server.

mod show;
mod webhook_secret;

use anyhow::Result;
use clap::{Args, Subcommand};
use hopline_client::{CreateKey, KeyLimits, UpdateKey};

use self::{
    show::{show, show_created, show_page},
    webhook_secret::WebhookSecretCommand,
};
use super::server::{PageArgs, ServerArgs, call};
use crate::{config::Environment, exit::Outcome, output};

/// List, make, change, rotate and revoke API keys
#[derive(Debug, Args)]
#[command(after_help = "Reads HOPLINE_URL and HOPLINE_API_KEY; the key needs the scope keys:write.")]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Keys of the workspace, newest first
    List(PageArgs),
    /// Make a key; its secrets are shown once
    Create(CreateArgs),
    /// One key
    Show { id: String },
    /// Change a key
    Update(UpdateArgs),
    /// Make a successor; the old key stays valid for a while
    Rotate {
        id: String,
        /// Seconds the old key stays valid [default: a day]
        #[arg(long, value_name = "SECONDS")]
        overlap_s: Option<u64>,
    },
    /// End a key for good
    Revoke { id: String },
    /// The secrets that sign the webhooks of a key's family
    #[command(subcommand)]
    WebhookSecret(WebhookSecretCommand),
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// What the key is for
    name: String,
    /// Scope, such as resolve; repeat for more
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
    #[command(flatten)]
    details: DetailArgs,
    /// Webhook secret to keep (whsec_…) instead of a new one
    #[arg(long, value_name = "SECRET")]
    webhook_secret: Option<String>,
    /// Repeating the call with the same key makes no second one
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

#[derive(Debug, Args)]
struct UpdateArgs {
    id: String,
    #[arg(long)]
    name: Option<String>,
    /// New scopes, all of them; repeat for more
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// Switch the key off or on again
    #[arg(long, value_name = "active|disabled", value_parser = ["active", "disabled"])]
    status: Option<String>,
    #[command(flatten)]
    details: DetailArgs,
}

#[derive(Debug, Args)]
struct DetailArgs {
    /// When the key ends, ISO 8601
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Net the key may be used from; repeat for more
    #[arg(long = "allow-ip", value_name = "CIDR")]
    allowed_ips: Option<Vec<String>>,
    /// Creating calls a minute
    #[arg(long, value_name = "N")]
    per_minute: Option<u32>,
    /// Resolve calls per UTC day
    #[arg(long, value_name = "N")]
    daily_quota: Option<u32>,
    /// Header of the t=,v1= signature on webhooks; repeat for more
    #[arg(long = "signature-header", value_name = "NAME")]
    signature_headers: Option<Vec<String>>,
}

impl DetailArgs {
    fn limits(&self) -> KeyLimits {
        KeyLimits { creates_per_minute: self.per_minute, daily_quota: self.daily_quota }
    }
}

impl CreateArgs {
    fn request(self) -> CreateKey {
        CreateKey {
            limits: self.details.limits(),
            name: self.name,
            scopes: self.scopes,
            expires_at: self.details.expires_at,
            allowed_ips: self.details.allowed_ips.unwrap_or_default(),
            signature_headers: self.details.signature_headers.unwrap_or_default(),
            webhook_secret: self.webhook_secret,
        }
    }
}

impl UpdateArgs {
    fn request(self) -> UpdateKey {
        UpdateKey {
            limits: self.details.limits(),
            name: self.name,
            scopes: self.scopes,
            status: self.status,
            expires_at: self.details.expires_at.map(Some),
            allowed_ips: self.details.allowed_ips,
            signature_headers: self.details.signature_headers,
        }
    }
}

pub(crate) fn run(args: KeysArgs, environment: &Environment) -> Result<Outcome> {
    let client = args.server.client(environment)?;
    let json = args.server.json;
    call(async move {
        match args.command {
            KeysCommand::List(page) => show_page(client.keys(&page.query()).await?, json),
            KeysCommand::Create(create) => {
                let idempotency_key = create.idempotency_key.clone();
                let created = client.create_key(&create.request(), idempotency_key.as_deref()).await?;
                show_created(&created, json)
            }
            KeysCommand::Show { id } => show(&client.key(&id).await?, json),
            KeysCommand::Update(update) => {
                let id = update.id.clone();
                show(&client.update_key(&id, &update.request()).await?, json)
            }
            KeysCommand::Rotate { id, overlap_s } => {
                show_created(&client.rotate_key(&id, overlap_s).await?, json)
            }
            KeysCommand::Revoke { id } => {
                client.revoke_key(&id).await?;
                output::remark(&format!("{id} is revoked"));
                Ok(())
            }
            KeysCommand::WebhookSecret(command) => webhook_secret::run(command, &client, json).await,
        }
    })
}
