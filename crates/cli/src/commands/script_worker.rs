//! `hopline script-worker`: the confined process that runs one page's scripts; hidden, because only `hopline` starts it.
//! Nothing may be opened or started in it: no settings, no runtime, no telemetry.

use std::process::ExitCode;

/// The subcommand's name.
pub(crate) const SCRIPT_WORKER: &str = "script-worker";

pub(crate) fn run() -> ExitCode {
    hopline_script::worker_main()
}
