//! `cargo xtask test`: the one command that runs every test on a machine that has nothing but Rust.

use anyhow::Result;

use crate::{neighbours, process};

pub(crate) fn run() -> Result<()> {
    neighbours::install()?;
    // Tests that kill and restart a whole server start this binary.
    process::run("cargo", &["build", "--locked", "--package", "hopline-cli"])?;
    if !process::works("cargo", &["nextest", "--version"]) {
        return process::run("cargo", &["test", "--workspace", "--locked", "--no-fail-fast"]);
    }
    process::run("cargo", &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])?;
    // nextest does not run documentation tests.
    process::run("cargo", &["test", "--workspace", "--locked", "--doc"])
}
