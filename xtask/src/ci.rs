//! `cargo xtask ci`: everything a change must pass, cheapest first, with the seconds each step took.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::generated::Mode;
use crate::{deps, openapi, problems, process, test, tidy};

type Step = (&'static str, fn() -> Result<()>);

const STEPS: [Step; 7] = [
    ("tidy", tidy::run),
    ("fmt", || process::run("cargo", &["fmt", "--all", "--check"])),
    ("clippy", || {
        process::run("cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
    }),
    ("doc", doc),
    ("deps", deps::run),
    ("generated documents", || problems::run(Mode::Check).and_then(|()| openapi::run(Mode::Check))),
    ("test", test::run),
];

/// Stops at the first step that fails.
pub(crate) fn run() -> Result<()> {
    let mut table = Vec::with_capacity(STEPS.len());
    for (name, step) in STEPS {
        println!("== {name}");
        let (result, took) = process::timed(step);
        table.push((name, took));
        if let Err(error) = result {
            print_table(&table);
            return Err(error).with_context(|| format!("step `{name}` failed"));
        }
    }
    print_table(&table);
    println!("ci: all {} steps passed", STEPS.len());
    Ok(())
}

fn doc() -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"];
    process::succeed(process::command("cargo", &arguments).env("RUSTDOCFLAGS", "-Dwarnings"))
}

fn print_table(table: &[(&str, Duration)]) {
    println!("\nseconds  step");
    for (name, took) in table {
        println!("{:7.1}  {name}", took.as_secs_f64());
    }
}
