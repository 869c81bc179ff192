//! `cargo xtask bench`: builds in release mode, measures, and keeps what was printed in `bench/results/`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::{process, workspace};

/// Arguments go to the bench program: names of comparisons, and `--check` to fail below the targets.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    process::run(
        "cargo",
        &["build", "--release", "--locked", "--package", "hopline-cli", "--package", "hopline-bench"],
    )?;
    let program = workspace::target_folder()?.join("release/hopline-bench");
    let mut child = process::command(&program.to_string_lossy(), arguments)
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start {}", program.display()))?;
    let printed = child.stdout.take().context("failed to read what the bench program prints")?;

    let folder = workspace::root().join("bench/results");
    fs::create_dir_all(&folder)?;
    let mut kept = fs::File::create(folder.join(format!("{}.txt", result_name(arguments))))?;
    for line in BufReader::new(printed).lines() {
        let line = line?;
        println!("{line}");
        writeln!(kept, "{line}")?;
    }
    let status = child.wait()?;
    ensure!(status.success(), "the bench program ended with {status}");
    Ok(())
}

/// Names of the comparisons joined, `all` when none is named.
fn result_name(arguments: &[&str]) -> String {
    let names: Vec<&str> = arguments.iter().copied().filter(|argument| !argument.starts_with('-')).collect();
    if names.is_empty() { "all".to_owned() } else { names.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_named_after_what_was_measured() {
        assert_eq!(result_name(&["--check"]), "all");
        assert_eq!(result_name(&["accept", "--check", "deliver"]), "accept-deliver");
    }
}
