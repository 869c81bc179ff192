//! The peer: one warm Chromium over its debugging pipe, a fresh context and tab for each link, nothing recorded.

use std::{
    io::{BufRead, BufReader, PipeReader, PipeWriter, Write},
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};
use command_fds::{CommandFdExt, FdMapping};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stopwatch::{cpu_seconds_with_children, process_tree};

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// Everything that makes it start and navigate faster, the sandbox left out included: a floor must not be slowed down.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
    "--no-first-run",
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * 127.0.0.1",
];

pub struct Chromium {
    child: Child,
    commands: PipeWriter,
    messages: BufReader<PipeReader>,
    next_id: u64,
    /// Kept until the browser is gone.
    _profile: TempDir,
}

impl Chromium {
    /// `None` where no Chromium is installed.
    pub fn start() -> anyhow::Result<Option<Self>> {
        let profile = tempfile::tempdir()?;
        for program in PROGRAMS {
            let (commands_end, commands) = std::io::pipe()?;
            let (messages, messages_end) = std::io::pipe()?;
            let mut command = Command::new(program);
            command.args(FLAGS).arg(format!("--user-data-dir={}", profile.path().display()));
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.fd_mappings(vec![
                FdMapping { parent_fd: OwnedFd::from(commands_end), child_fd: 3 },
                FdMapping { parent_fd: OwnedFd::from(messages_end), child_fd: 4 },
            ])?;
            match command.spawn() {
                Ok(child) => {
                    let messages = BufReader::new(messages);
                    return Ok(Some(Self { child, commands, messages, next_id: 0, _profile: profile }));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Opens a link and waits until the browser has committed the destination; then closes what was opened.
    pub fn visit(&mut self, url: &str, destination: &str) -> anyhow::Result<()> {
        let context = self.call(None, "Target.createBrowserContext", &json!({}))?;
        let context = &context["browserContextId"];
        let target = json!({"url": "about:blank", "browserContextId": context});
        let target = self.call(None, "Target.createTarget", &target)?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call(None, "Target.attachToTarget", &attach)?;
        let session = session["sessionId"].as_str().context("attach to the tab")?.to_owned();
        self.call(Some(&session), "Page.enable", &json!({}))?;
        self.send(Some(&session), "Page.navigate", &json!({"url": url}))?;
        while !is_arrival(&self.message()?, destination) {}
        self.call(None, "Target.disposeBrowserContext", &json!({"browserContextId": context}))?;
        Ok(())
    }

    /// What all its processes have computed, those that ended included.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let tree = process_tree(self.child.id())?;
        // One that ended meanwhile is in its parent's count the next time.
        Ok(tree.iter().filter_map(|pid| cpu_seconds_with_children(&pid.to_string()).ok()).sum())
    }

    fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> anyhow::Result<Value> {
        let id = self.send(session, method, parameters)?;
        loop {
            let mut message = self.message()?;
            if message["id"] == id {
                if message["error"].is_object() {
                    bail!("{method}: {}", message["error"]);
                }
                return Ok(message["result"].take());
            }
        }
    }

    fn send(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> anyhow::Result<u64> {
        self.next_id += 1;
        let mut command = json!({"id": self.next_id, "method": method, "params": parameters});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        self.commands.write_all(format!("{command}\0").as_bytes())?;
        Ok(self.next_id)
    }

    fn message(&mut self) -> anyhow::Result<Value> {
        let mut message = Vec::new();
        self.messages.read_until(0, &mut message)?;
        message.pop().context("read a message of Chromium: it ended")?;
        Ok(serde_json::from_slice(&message)?)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_arrival(message: &Value, destination: &str) -> bool {
    let frame = &message["params"]["frame"];
    message["method"] == "Page.frameNavigated" && frame["parentId"].is_null() && frame["url"] == destination
}
