//! `cargo xtask openapi`: keeps `openapi.json` equal to what the server serves at `/openapi.json`.

use anyhow::Result;

use crate::generated::{self, Mode};
use crate::process;

const FILE: &str = "openapi.json";

pub(crate) fn run(mode: Mode) -> Result<()> {
    let document = process::output(
        "cargo",
        &["run", "--quiet", "--locked", "--package", "hopline-cli", "--", "openapi"],
    )?;
    generated::settle(mode, "openapi", FILE, &document)
}
