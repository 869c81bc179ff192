//! Checks and chores of the repository, one file per command: `cargo xtask <command>`.
//!
//! Small on purpose: of the product it knows only the pure core, so that it builds soon on a fresh machine.
#![expect(clippy::print_stdout, reason = "a command line tool speaks on stdout")]

mod apt;
mod bench;
mod browser;
mod ci;
mod deps;
mod fuzz;
mod generated;
mod neighbours;
mod openapi;
mod oracle;
mod problems;
mod process;
mod source;
mod test;
mod tidy;
mod tree;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};
use generated::Mode;

const USAGE: &str = "\
cargo xtask <command>

  test                  install what the tests need, build, run every test
  neighbours            only install what the tests need
  ci                    everything a change must pass, with seconds per step
  tidy                  the architecture and style rules no compiler checks
  deps                  licences, bans and duplicates of dependencies, from deny.toml
  openapi [--check]     write (or compare) openapi.json
  problems [--check]    write (or compare) docs/problems/
  fuzz [--seconds N] [TARGET…]
                        run the fuzz targets, each so long (60)
  oracle [--lychee PATH]
                        answer the recorded cases beside other programs, write docs/accuracy.md
  oracle record [PART]  let Chromium answer our own cases anew (or those with PART in their name)
  bench [--check] [NAME…]
                        build in release mode, measure, keep the output in bench/results/;
                        names: footprint accept deliver isolate resolve
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["test"] => test::run(),
        ["neighbours"] => neighbours::install(),
        ["ci"] => ci::run(),
        ["tidy"] => tidy::run(),
        ["deps"] => deps::run(),
        ["openapi", rest @ ..] => openapi::run(mode(rest)?),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["oracle", rest @ ..] => oracle::run(rest),
        ["problems", rest @ ..] => problems::run(mode(rest)?),
        ["bench", rest @ ..] => bench::run(rest),
        _ => bail!("unknown command\n\n{USAGE}"),
    }
}

fn mode(arguments: &[&str]) -> Result<Mode> {
    match arguments {
        [] => Ok(Mode::Write),
        ["--check"] => Ok(Mode::Check),
        _ => bail!("unknown option\n\n{USAGE}"),
    }
}
