//! `hopline serve`: the server, until a signal ends it.

use std::{fs, io, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::{
    app::{AppConfig, FirstKey, RunningApp, write_secret},
    config::{Environment, FolderSection, Layer, ListenSection, NetworkSection, Settings, Sources},
    exit::Outcome,
    lifecycle::{Drained, Signals},
    output, runtime, telemetry,
    view::style::{FAINT, STRONG, paint},
};

const FIRST_KEY_FILE: &str = "first-key";
/// Threads that still block after draining are left behind.
const RUNTIME_SHUTDOWN: Duration = Duration::from_secs(1);

/// Run the server (the default command)
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Every flag is also HOPLINE_… in the environment (HOPLINE_LISTEN) and a key in the settings file (listen = \"…\").
Command line beats environment beats file. The file also holds [plans], [limits], [budgets], [retention], [log], [telemetry].")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    folder: FolderSection,
    #[command(flatten)]
    listen: ListenSection,
    #[command(flatten)]
    network: NetworkSection,
    #[command(flatten)]
    sources: Sources,
}

pub(crate) fn run(args: ServeArgs, environment: &Environment) -> Result<Outcome> {
    let flags = Layer { folder: args.folder, listen: args.listen, network: args.network, ..Layer::default() };
    let settings = args.sources.settle(flags, environment)?;
    let runtime = runtime::parallel()?;
    let outcome = runtime.block_on(serve(settings));
    runtime.shutdown_timeout(RUNTIME_SHUTDOWN);
    outcome
}

async fn serve(settings: Settings) -> Result<Outcome> {
    let _telemetry = telemetry::init(&settings.telemetry)?;
    let mut signals = Signals::listen()?;
    let folder = settings.folder.data.clone();
    let mut app = RunningApp::start(AppConfig::new(settings)).await?;
    // Taken out, so that its secrets are wiped from memory once they are handed over.
    if let Some(key) = app.first_key.take() {
        hand_over(&key, &app, &folder)?;
    }
    output::line(&format!("hopline is ready on http://{}", app.public_addr))?;
    let admin = app.admin_addr.map(|address| address.to_string());
    tracing::info!(listen = %app.public_addr, admin_listen = admin, public_url = %app.public_url, "ready");
    let signal = signals.next().await;
    tracing::info!(signal, "stopping; a second signal ends at once");
    tokio::select! {
        drained = app.shutdown() => Ok(ended(drained)),
        _ = signals.next() => {
            tracing::warn!("ended at once; what was under way is taken up again by the next start");
            Ok(Outcome::Failure)
        }
    }
}

fn ended(drained: Drained) -> Outcome {
    match drained {
        Drained::Whole => {
            tracing::info!("stopped");
            Outcome::Success
        }
        Drained::Cut => {
            tracing::warn!("stopped before everything had ended; it is taken up again by the next start");
            Outcome::Failure
        }
    }
}

/// Shows the first key to a person, or leaves it in a file for whoever set this up without one.
fn hand_over(key: &FirstKey, app: &RunningApp, folder: &Path) -> Result<()> {
    if output::has_reader() {
        return Ok(output::line(&welcome(key, app.public_url.as_str().trim_end_matches('/')))?);
    }
    let path = folder.join(FIRST_KEY_FILE);
    let writing = || format!("write the first key to {}", path.display());
    // One of an installation that is gone.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).with_context(writing),
        _ => write_secret(&path, &format!("{}\n", key.api_key.expose())).with_context(writing)?,
    }
    Ok(output::line(&path.display().to_string())?)
}

fn welcome(key: &FirstKey, base: &str) -> String {
    let (api_key, webhook_secret) = (key.api_key.expose(), key.webhook_secret.expose());
    let head = paint(STRONG, "A first workspace was made. Its secrets are shown this once:");
    let push = paint(
        FAINT,
        "To have the result pushed and signed, add  \"webhook_url\": \"https://…\"  to the body.",
    );
    format!(
        "{head}\n\n  API key         {api_key}\n  webhook secret  {webhook_secret}\n\n{}\n\n  \
         curl -s {base}/v1/resolve \\\n    -H 'Authorization: Bearer {api_key}' \\\n    \
         -H 'Content-Type: application/json' -H 'Prefer: wait=10' \\\n    -d '{{\"url\": \"http://github.com\"}}'\n\n{push}\n",
        paint(STRONG, "Resolve a link:"),
    )
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use hopline_domain::id::WorkspaceId;
    use hopline_signing::{ApiKeySecret, WebhookSecret};

    use super::*;

    #[test]
    fn the_welcome_holds_a_line_that_works() {
        let key = FirstKey {
            workspace_id: "ws_019e97800000700080000000000000aa".parse::<WorkspaceId>().unwrap(),
            api_key: ApiKeySecret::parse("sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX").unwrap(),
            webhook_secret: WebhookSecret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap(),
        };
        insta::assert_snapshot!(strip_str(&welcome(&key, "http://127.0.0.1:8080")).to_string(), @r#"
        A first workspace was made. Its secrets are shown this once:

          API key         sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX
          webhook secret  whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD

        Resolve a link:

          curl -s http://127.0.0.1:8080/v1/resolve \
            -H 'Authorization: Bearer sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX' \
            -H 'Content-Type: application/json' -H 'Prefer: wait=10' \
            -d '{"url": "http://github.com"}'

        To have the result pushed and signed, add  "webhook_url": "https://…"  to the body.
        "#);
    }
}
