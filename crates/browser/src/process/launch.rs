//! Starting a browser: as an unprivileged user, in a folder and a process group of its own, with two pipes to speak over.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStderr};
use tokio_util::task::TaskTracker;

use super::flags;
use super::folder::Folder;
use super::running::{Process, Started};
use crate::cdp::Cdp;
use crate::config::BrowserConfig;
use crate::error::BrowserError;

/// A first start on a cold disk takes seconds.
const START_MS_MAX: u64 = 20_000;
/// Of what the browser says on its standard error, for the message when it does not start.
const SAID_LINES_MAX: usize = 5;
const SAID_LINE_BYTES_MAX: u64 = 1_024;
/// Chromium reads commands here and writes messages there (`--remote-debugging-pipe`).
const COMMANDS_FD: i32 = 3;
const MESSAGES_FD: i32 = 4;

#[derive(Deserialize)]
struct Version {
    product: String,
}

/// Starts `path` and waits until it answers.
pub(crate) async fn launch(
    path: &Path,
    config: &BrowserConfig,
    tasks: &TaskTracker,
) -> Result<Process, BrowserError> {
    let failed = |source| BrowserError::Spawn { path: path.to_owned(), source };
    let folder = folder(config).await.map_err(failed)?;
    let (child, reader, writer) = spawn(path, config, folder.path()).map_err(failed)?;
    let (mut child, said) = (child, Said::default());
    if let Some(stderr) = child.stderr.take() {
        tasks.spawn(listen(stderr, said.clone()));
    }
    let cdp = Cdp::start(reader, writer, tasks);
    let started = Started { child, cdp: cdp.clone(), folder };
    let process = Process::keep(started, config.bounds, tasks);
    let version = cdp.call::<Version>(None, "Browser.getVersion", json!({}));
    match tokio::time::timeout(Duration::from_millis(START_MS_MAX), version).await {
        Ok(Ok(version)) => {
            tracing::info!(browser.version = version.product, "the browser started");
            Ok(process)
        }
        _ => Err(BrowserError::NoAnswer { path: path.to_owned(), said: said.text() }),
    }
}

async fn folder(config: &BrowserConfig) -> io::Result<Folder> {
    let config = config.clone();
    tokio::task::spawn_blocking(move || Folder::make(&config)).await.map_err(io::Error::other)?
}

fn spawn(
    path: &Path,
    config: &BrowserConfig,
    folder: &Path,
) -> io::Result<(Child, pipe::Receiver, pipe::Sender)> {
    let (commands_in, commands_out) = io::pipe()?;
    let (messages_in, messages_out) = io::pipe()?;
    let mut command = Command::new(path);
    command
        .args(flags::arguments(&folder.join("profile"), config.sandbox))
        .env_clear()
        .envs(environment(folder))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A group of its own, so that all of its processes end together.
        .process_group(0);
    if rustix::process::geteuid().is_root() {
        // Dropping root this way drops its supplementary groups too.
        command.gid(config.run_as.gid).uid(config.run_as.uid);
    }
    let mappings = vec![
        FdMapping { parent_fd: commands_in.into(), child_fd: COMMANDS_FD },
        FdMapping { parent_fd: messages_out.into(), child_fd: MESSAGES_FD },
    ];
    command.fd_mappings(mappings).map_err(io::Error::other)?;
    let child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
    let reader = pipe::Receiver::from_owned_fd(non_blocking(messages_in.into())?)?;
    let writer = pipe::Sender::from_owned_fd(non_blocking(commands_out.into())?)?;
    Ok((child, reader, writer))
}

fn non_blocking(pipe: std::os::fd::OwnedFd) -> io::Result<std::os::fd::OwnedFd> {
    let flags = rustix::fs::fcntl_getfl(&pipe)?;
    rustix::fs::fcntl_setfl(&pipe, flags | rustix::fs::OFlags::NONBLOCK)?;
    Ok(pipe)
}

/// Nothing of ours is handed down; what it keeps, it keeps in its folder.
fn environment(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("PATH", PathBuf::from("/usr/local/bin:/usr/bin:/bin")),
        ("HOME", folder.to_owned()),
        ("TMPDIR", folder.to_owned()),
        ("XDG_CONFIG_HOME", folder.join("config")),
        ("XDG_CACHE_HOME", folder.join("cache")),
        ("LANG", PathBuf::from("C.UTF-8")),
    ]
}

/// The newest lines of its standard error.
#[derive(Clone, Debug, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    fn add(&self, line: &[u8]) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == SAID_LINES_MAX {
            lines.remove(0);
        }
        lines.push(String::from_utf8_lossy(line).trim_end().to_owned());
    }

    fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.is_empty() { "nothing".to_owned() } else { lines.join(" / ") }
    }
}

/// Reads to the end, so that the browser never waits for us to.
async fn listen(stderr: ChildStderr, said: Said) {
    let mut reader = BufReader::new(stderr);
    loop {
        let mut line = Vec::new();
        let read = (&mut reader).take(SAID_LINE_BYTES_MAX).read_until(b'\n', &mut line).await;
        match read {
            Ok(0) | Err(_) => return,
            Ok(_) => said.add(&line),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_the_newest_lines_are_kept() {
        let said = Said::default();
        assert_eq!(said.text(), "nothing");
        for line in 0..7 {
            said.add(format!("line {line}\n").as_bytes());
        }
        assert_eq!(said.text(), "line 2 / line 3 / line 4 / line 5 / line 6");
    }

    #[tokio::test]
    async fn a_program_that_is_no_browser_is_told_with_its_own_words() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join("browser");
        fs::write(&path, "#!/bin/sh\necho no usable sandbox >&2\nexit 1\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let config = BrowserConfig { scratch: Some(folder.path().to_owned()), ..BrowserConfig::default() };
        let error = launch(&path, &config, &TaskTracker::new()).await.unwrap_err();
        assert!(matches!(error, BrowserError::NoAnswer { .. }), "{error}");
        let missing = launch(&folder.path().join("none"), &config, &TaskTracker::new()).await.unwrap_err();
        assert!(matches!(missing, BrowserError::Spawn { .. }), "{missing}");
    }
}
