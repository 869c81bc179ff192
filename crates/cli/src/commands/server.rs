//! What the client commands share: which server, which key, which page.

use anyhow::{Context as _, Result};
use clap::Args;
use hopline_client::{Client, ClientConfig, ListQuery};

use crate::{
    config::Environment,
    exit::Outcome,
    output::{self, harmless},
    runtime,
    view::style::{FAINT, paint},
};

const URL_DEFAULT: &str = "http://127.0.0.1:8080";

/// The server called and how its answer is shown.
#[derive(Clone, Debug, Args)]
pub(super) struct ServerArgs {
    #[arg(
        help = "Server to call [env: HOPLINE_URL] [default: http://127.0.0.1:8080]",
        long,
        value_name = "URL",
        global = true
    )]
    url: Option<String>,
    /// The answer as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// Which page of a list.
#[derive(Clone, Debug, Args)]
pub(super) struct PageArgs {
    /// Rows, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// `next_cursor` of the page before
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl PageArgs {
    pub(super) fn query(&self) -> ListQuery {
        ListQuery { limit: Some(self.limit), cursor: self.cursor.clone() }
    }
}

impl ServerArgs {
    /// The key comes from the environment only: on the command line every user of the machine could read it.
    pub(super) fn client(&self, environment: &Environment) -> Result<Client> {
        let url = self.url.as_deref().or(environment.text("URL")).unwrap_or(URL_DEFAULT);
        let key = environment.text("API_KEY").context("find the API key: set HOPLINE_API_KEY to it")?;
        Ok(Client::new(ClientConfig::new(url, Some(key.to_owned())))?)
    }
}

/// Runs one call to the server on the calling thread.
pub(super) fn call(exchange: impl Future<Output = Result<()>>) -> Result<Outcome> {
    runtime::single()?.block_on(exchange)?;
    Ok(Outcome::Success)
}

/// Tells people that there is more of a list.
pub(super) fn remark_next(next_cursor: Option<&str>) {
    if let Some(cursor) = next_cursor {
        output::remark(&paint(FAINT, format_args!("more with --cursor {}", harmless(cursor))));
    }
}
