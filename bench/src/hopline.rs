//! The real server as a child process on a data folder of its own.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::Context;

pub struct Hopline {
    child: Child,
    pub address: String,
}

/// The release binary beside this one.
pub fn binary() -> anyhow::Result<PathBuf> {
    let folder = std::env::current_exe()?.parent().context("find the folder of this program")?.to_owned();
    Ok(folder.join("hopline"))
}

/// Makes a workspace in an empty folder; answers its key.
pub fn init(folder: &Path) -> anyhow::Result<String> {
    let output = Command::new(binary()?).args(["init", "--json", "--data"]).arg(folder).output()?;
    let made: serde_json::Value =
        serde_json::from_slice(&output.stdout).with_context(|| format!("{output:?}"))?;
    Ok(made["api_key"].as_str().context("read the key that init made")?.to_owned())
}

impl Hopline {
    /// Starts the server on loopback, allowed to reach loopback; `settings` is TOML.
    pub fn start(folder: &Path, settings: &str) -> anyhow::Result<Self> {
        let config = folder.join("bench.toml");
        std::fs::write(&config, settings)?;
        let mut child = Command::new(binary()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "off", "--allow-net", "127.0.0.0/8"])
            .arg("--data")
            .arg(folder)
            .arg("--config")
            .arg(&config)
            .env("HOPLINE_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().context("read the server's output")?;
        for line in BufReader::new(stdout).lines() {
            if let Some(address) = line?.strip_prefix("hopline is ready on http://") {
                return Ok(Self { child, address: address.trim().to_owned() });
            }
        }
        anyhow::bail!("the server ended before it was ready")
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills the server (SIGKILL) and waits until it is gone.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}
