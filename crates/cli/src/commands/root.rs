//! The command line itself: reads the arguments and hands them to their subcommand.

use std::{env, process::ExitCode};

use clap::{Parser, Subcommand};

use super::{
    SCRIPT_WORKER, deliveries, doctor, init, jobs, keys, links, migrate, openapi, resolve, script_worker,
    serve, verify,
};
use crate::{config::Environment, exit};

/// One server for everything that happens to a link: resolve it, keep the evidence, push the signed result.
#[derive(Debug, Parser)]
#[command(name = "hopline", version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Init(init::InitArgs),
    Resolve(resolve::ResolveArgs),
    Keys(keys::KeysArgs),
    Links(links::LinksArgs),
    Jobs(jobs::JobsArgs),
    Deliveries(deliveries::DeliveriesArgs),
    Verify(verify::VerifyArgs),
    Migrate(migrate::MigrateArgs),
    Doctor(doctor::DoctorArgs),
    /// Print the API's document
    #[command(hide = true)]
    Openapi,
}

/// Runs the program of this process. Wrong usage ends it with code 2 before anything is done.
pub fn run() -> ExitCode {
    // Not a command of the line: to read that takes as long as many a page.
    if env::args_os().skip(1).eq([SCRIPT_WORKER]) {
        return script_worker::run();
    }
    let CommandLine { command, serve } = CommandLine::parse();
    let environment = Environment::of_process();
    exit::code(match command.unwrap_or(Command::Serve(serve)) {
        Command::Serve(args) => serve::run(args, &environment),
        Command::Init(args) => init::run(args, &environment),
        Command::Resolve(args) => resolve::run(&args, &environment),
        Command::Keys(args) => keys::run(args, &environment),
        Command::Links(args) => links::run(args, &environment),
        Command::Jobs(args) => jobs::run(args, &environment),
        Command::Deliveries(args) => deliveries::run(args, &environment),
        Command::Verify(args) => verify::run(&args, &environment),
        Command::Migrate(args) => migrate::run(args, &environment),
        Command::Doctor(args) => doctor::run(args, &environment),
        Command::Openapi => openapi::run(),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn serve_is_what_no_command_means() {
        let bare = CommandLine::try_parse_from(["hopline", "--listen", "127.0.0.1:0"]).unwrap();
        assert!(bare.command.is_none());
        let long = [
            "hopline",
            "serve",
            "--allow-net",
            "127.0.0.0/8",
            "--allow-net",
            "::1/128",
            "--admin-listen",
            "off",
        ];
        assert!(CommandLine::try_parse_from(long).is_ok());
        assert!(CommandLine::try_parse_from(["hopline", "resolve"]).is_err(), "no link is wrong usage");
        assert!(
            CommandLine::try_parse_from(["hopline", "resolve", "http://a.test", "--json", "--csv"]).is_err()
        );
    }
}
