//! `cargo xtask test`: the one command that runs every test on a machine that has nothing but Rust.

use anyhow::Result;

use crate::{neighbours, process};

pub(crate) fn run() -> Result<()> {
    neighbours::install()?;
    let has_nextest = process::works("cargo", &["nextest", "--version"]);
    let runner: &[&str] = if has_nextest { &["nextest", "run"] } else { &["test"] };
    let run = [runner, &["--workspace", "--locked"]].concat();
    process::run("cargo", &[run.as_slice(), &["--no-run"]].concat())?;
    // Tests start this binary, and build it themselves when it is older than they are: not within a test's time.
    process::run("cargo", &["build", "--locked", "--package", "hopline-cli"])?;
    process::run("cargo", &[run.as_slice(), &["--no-fail-fast"]].concat())?;
    if !has_nextest {
        return Ok(());
    }
    // nextest does not run documentation tests.
    process::run("cargo", &["test", "--workspace", "--locked", "--doc"])
}
