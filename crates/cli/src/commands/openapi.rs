//! `hopline openapi`: the API's document, for generators and checks; hidden, because a running server has it too.

use anyhow::{Context as _, Result};

use crate::{exit::Outcome, output};

pub(crate) fn run() -> Result<Outcome> {
    let mut document = hopline_server::openapi::document().to_pretty_json().context("write the document")?;
    document.push('\n');
    output::bytes(document.as_bytes())?;
    Ok(Outcome::Success)
}
