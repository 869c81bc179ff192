//! `cargo xtask neighbours`: installs other people's webhook libraries under `target/`, so that tests can let
//! them judge our signatures, and the browser that links are opened in.
//!
//! Never installs anything outside `target/` except, as root on Debian or Ubuntu, the missing language or browser itself.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{apt, browser, process, workspace};

/// A language whose libraries verify what we sign.
struct Neighbour {
    language: &'static str,
    /// Debian packages that bring it.
    packages: &'static [&'static str],
    /// Programs, with arguments they accept when they are whole.
    proofs: &'static [(&'static str, &'static [&'static str])],
    /// Under `target/`; the tests look there.
    folder: &'static str,
    libraries: &'static [&'static str],
    install: fn(&Path, &[&str]) -> Result<()>,
}

const NEIGHBOURS: [Neighbour; 2] = [
    Neighbour {
        language: "Node.js with npm",
        packages: &["nodejs", "npm"],
        proofs: &[("node", &["--version"]), ("npm", &["--version"])],
        folder: "sdk-node",
        libraries: &["standardwebhooks@1.1.1", "stripe@17.7.0"],
        install: install_node,
    },
    Neighbour {
        language: "Python 3 with venv and pip",
        packages: &["python3", "python3-venv", "python3-pip"],
        proofs: &[("python3", &["-c", "import venv, ensurepip"])],
        folder: "sdk-python",
        libraries: &["standardwebhooks==1.1.0", "stripe==16.1.0"],
        install: install_python,
    },
];
/// Written last, so that a broken installation is done again.
const RECEIPT: &str = "installed.txt";

pub(crate) fn install() -> Result<()> {
    browser::provide()?;
    let target = workspace::target_folder()?;
    NEIGHBOURS.iter().try_for_each(|neighbour| install_one(neighbour, &target.join(neighbour.folder)))
}

fn install_one(neighbour: &Neighbour, folder: &Path) -> Result<()> {
    let wanted = neighbour.libraries.join("\n");
    if fs::read_to_string(folder.join(RECEIPT)).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    provide_language(neighbour)?;
    fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    (neighbour.install)(folder, neighbour.libraries).with_context(|| {
        format!("failed to install {} from the public registry", neighbour.libraries.join(" "))
    })?;
    fs::write(folder.join(RECEIPT), wanted).context("failed to write the receipt")
}

fn provide_language(neighbour: &Neighbour) -> Result<()> {
    if is_whole(neighbour) {
        return Ok(());
    }
    apt::install(neighbour.language, neighbour.packages)?;
    if !is_whole(neighbour) {
        bail!("{} is still incomplete after installing {}", neighbour.language, neighbour.packages.join(" "));
    }
    Ok(())
}

fn is_whole(neighbour: &Neighbour) -> bool {
    neighbour.proofs.iter().all(|(program, arguments)| process::works(program, arguments))
}

fn install_node(folder: &Path, libraries: &[&str]) -> Result<()> {
    let folder = folder.to_string_lossy();
    let fixed = ["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", folder.as_ref()];
    process::run("npm", &[&fixed, libraries].concat())
}

fn install_python(folder: &Path, libraries: &[&str]) -> Result<()> {
    process::run("python3", &["-m", "venv", folder.to_string_lossy().as_ref()])?;
    let python: PathBuf = folder.join("bin").join("python");
    let fixed = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    process::run(python.to_string_lossy().as_ref(), &[&fixed, libraries].concat())
}
