//! The browser of the browser engine's tests: whatever Chromium is there, else Debian's headless shell.

use anyhow::{Result, bail};

use crate::{apt, process};

/// Any of these will do; the engine finds them by the same names.
const PROGRAMS: [&str; 6] = [
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];
/// The second brings the sandbox for kernels that give no user namespaces to the unprivileged.
const PACKAGES: [&str; 2] = ["chromium-headless-shell", "chromium-sandbox"];

pub(crate) fn provide() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    apt::install("Chromium", &PACKAGES)?;
    if !is_there() {
        bail!("no Chromium starts after installing {}", PACKAGES.join(" "));
    }
    Ok(())
}

fn is_there() -> bool {
    PROGRAMS.iter().any(|program| process::works(program, &["--version"]))
}
