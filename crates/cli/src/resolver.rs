//! The resolver put together from settings: the way out, the script engine and the browser. For a server and for a batch
//! alike, so that a link is resolved the same way everywhere.

use std::{ffi::OsString, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use hopline_browser::{Browser, BrowserError};
use hopline_domain::{provider::Catalogue, time::Clock};
use hopline_outbound::{Outbound, OutboundConfig};
use hopline_peel::{LinkBrowser, PageRunner, Peeler, PeelerParts};
use hopline_script::{ScriptCommand, ScriptEngine};
use hopline_server::Capabilities;
use tokio::time::timeout;

use crate::{commands::SCRIPT_WORKER, config::Settings};

/// What a resolver is made of besides the settings.
pub(crate) struct ResolverParts {
    pub(crate) outbound: OutboundConfig,
    pub(crate) clock: Arc<dyn Clock>,
    /// How script workers are started; `None` is this program.
    pub(crate) script_command: Option<ScriptCommand>,
}

/// How long closing may take.
const CLOSE_MS: u64 = 5_000;

/// A resolver and what must be closed with it.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    pub(crate) outbound: Outbound,
    pub(crate) peeler: Peeler,
    browser: Option<Browser>,
    egresses: Vec<String>,
}

impl Resolver {
    /// Starts nothing yet: workers and the browser come with the first link that needs them.
    pub(crate) fn new(settings: &Settings, parts: ResolverParts) -> Result<Self> {
        let outbound = Outbound::new(parts.outbound)?;
        let browser = browser(settings, &outbound)?;
        let peeler = Peeler::new(PeelerParts {
            outbound: outbound.clone(),
            catalogue: Catalogue::builtin(),
            clock: parts.clock,
            budgets: settings.budgets,
            scripts: Some(scripts(settings, parts.script_command)?),
            browser: browser.clone().map(|browser| Arc::new(browser) as Arc<dyn LinkBrowser>),
        });
        Ok(Self { outbound, peeler, browser, egresses: settings.egress.names() })
    }

    /// What the API may promise.
    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities { script: true, browser: self.browser.is_some(), egresses: self.egresses.clone() }
    }

    /// Ends the browser, and connections that wait for their next use; what does not end in time dies with the process.
    pub(crate) async fn close(&self) {
        let closing = async {
            if let Some(browser) = &self.browser {
                browser.close().await;
            }
            self.outbound.close().await;
        };
        if timeout(Duration::from_millis(CLOSE_MS), closing).await.is_err() {
            tracing::warn!("connections or the browser did not end in time");
        }
    }
}

fn scripts(settings: &Settings, command: Option<ScriptCommand>) -> Result<Arc<dyn PageRunner>> {
    let this_program = || ScriptCommand::this_program([OsString::from(SCRIPT_WORKER)]);
    let command = command.map_or_else(this_program, Ok).context("find this program")?;
    Ok(Arc::new(ScriptEngine::new(command, settings.script)))
}

/// None is installed: no error, unless the settings name one.
fn browser(settings: &Settings, outbound: &Outbound) -> Result<Option<Browser>> {
    match Browser::new(settings.browser.clone(), outbound.clone()) {
        Ok(browser) => Ok(Some(browser)),
        Err(BrowserError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error).context("use [browser] executable"),
    }
}
