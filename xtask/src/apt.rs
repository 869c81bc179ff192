//! Installing Debian packages, where we are root on Debian or Ubuntu; anywhere else the reader is told what to do.

use anyhow::{Result, bail};

use crate::process;

/// Installs `packages`, without what they merely recommend. `what` is what the tests need of them.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<()> {
    if !process::works("apt-get", &["--version"]) || process::output("id", &["-u"])?.trim() != "0" {
        bail!("the tests need {what}: install it (Debian, Ubuntu: apt-get install {})", packages.join(" "));
    }
    process::run("apt-get", &["update", "--quiet"])?;
    let arguments = [&["install", "--yes", "--quiet", "--no-install-recommends"], packages].concat();
    process::succeed(process::command("apt-get", &arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}
