//! Documents that are made from code and committed, so that a change of them is seen in review.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// What to do with a generated document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    /// Fail if the committed file differs.
    Check,
}

/// Writes `content` to `path` (relative to the root), or compares it with what is there.
pub(crate) fn settle(mode: Mode, command: &str, path: &str, content: &str) -> Result<()> {
    let file = workspace::root().join(path);
    let committed = fs::read_to_string(&file).unwrap_or_default();
    if committed == content {
        return Ok(());
    }
    match mode {
        Mode::Check => bail!("{path} is out of date: run `cargo xtask {command}` and commit it"),
        Mode::Write => {
            println!("writing {path}");
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&file, content).with_context(|| format!("failed to write {path}"))
        }
    }
}
