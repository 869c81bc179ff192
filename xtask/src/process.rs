//! Runs other programs in the root of the repository and says plainly when one fails.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// A command that will run in the root of the repository.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace::root());
    command
}

/// Runs to the end, output going where ours goes.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<()> {
    succeed(&mut command(program, arguments))
}

/// As [`run`], for a command that needs more than arguments.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("$ {shown}");
    let status = command.status().with_context(|| format!("failed to start {shown}; is it installed?"))?;
    ensure!(status.success(), "{shown} ended with {status}");
    Ok(())
}

/// Runs to the end and returns what was printed on stdout.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = command(program, arguments);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("failed to start {}; is it installed?", shown(&command)))?;
    ensure!(output.status.success(), "{} ended with {}", shown(&command), output.status);
    String::from_utf8(output.stdout).context("failed to read the output as UTF-8")
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Whether the program starts and is content with these arguments.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    let quiet =
        command(program, arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// How long `work` took.
#[expect(clippy::disallowed_methods, reason = "measures our own chores; no product code reads this clock")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = std::time::Instant::now();
    let result = work();
    (result, start.elapsed())
}
