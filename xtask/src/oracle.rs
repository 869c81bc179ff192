//! `cargo xtask oracle`: answers the recorded cases with hopline and with other programs, and writes `docs/accuracy.md`.
//!
//! With `record` it lets Chromium answer our own cases anew (needs Node.js) and rewrites what is kept of them.

use anyhow::{Result, bail};

use crate::{process, workspace};

const PAGE: &str = "docs/accuracy.md";
const RECORDER: &str = "crates/testkit/oracle/record.mjs";
const RECORDED: &str = "crates/testkit/data/oracle-more.json";

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        [] | ["--lychee", _] => compare(arguments),
        ["record"] => process::run("node", &[RECORDER, RECORDED]),
        ["record", part] => process::run("node", &[RECORDER, RECORDED, part]),
        _ => bail!("unknown option; say nothing, --lychee PATH, record, or record PART-OF-NAME"),
    }
}

/// `options` go to the bench program, which does the asking.
fn compare(options: &[&str]) -> Result<()> {
    process::run("cargo", &["build", "--locked", "--package", "hopline-cli", "--package", "hopline-bench"])?;
    let program = workspace::target_folder()?.join("debug/hopline-bench");
    process::run(&program.to_string_lossy(), &[&["oracle", PAGE], options].concat())
}
