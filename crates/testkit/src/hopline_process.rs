//! The real `hopline` binary as a process of its own: run to its end, or served, signalled and killed.

mod binary;
mod captured;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use hopline_script::ScriptCommand;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio_util::task::TaskTracker;

use crate::test_client::TestClient;
use captured::Captured;

/// A process that has not come so far by then never will.
const DEADLINE: Duration = Duration::from_secs(60);
/// What `serve` prints before its address.
const READY: &str = "hopline is ready on ";

/// How script workers are started where the test's own binary can't be one.
pub fn script_command() -> ScriptCommand {
    ScriptCommand { program: binary::path().to_owned(), arguments: vec!["script-worker".into()] }
}

/// How a process ended and what it said.
#[derive(Clone, Debug)]
pub struct HoplineOutput {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl HoplineOutput {
    /// This output, if the exit code was this; fails the test with what was said otherwise.
    #[expect(clippy::return_self_not_must_use, reason = "the code alone is often all a test asks for")]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// A call of the binary that is being put together. Nothing of the test's environment reaches it.
#[derive(Debug)]
pub struct HoplineProcess {
    command: Command,
    stdin: Vec<u8>,
}

/// A running `hopline serve`. Dropping it kills it.
#[derive(Debug)]
pub struct ServingProcess {
    child: Child,
    captured: Captured,
    tracker: TaskTracker,
    base_url: String,
}

impl HoplineProcess {
    pub fn new<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let mut command = Command::new(binary::path());
        command.args(arguments).env_clear().kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, stdin: Vec::new() }
    }

    /// `hopline serve` on a folder and a free port, without the admin listener unless `arguments` ask for it.
    pub fn serve<'a>(data: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let process = Self::new(["serve"]).env("HOPLINE_LISTEN", "127.0.0.1:0");
        let mut process = process.env("HOPLINE_ADMIN_LISTEN", "off");
        process.command.arg("--data").arg(data).args(arguments);
        process
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Runs to the end.
    pub async fn output(self) -> HoplineOutput {
        let mut serving = self.spawn().await;
        serving.wait().await
    }

    /// Waits until the server says that it is ready; fails the test when it ends instead.
    pub async fn ready(self) -> ServingProcess {
        let mut serving = self.spawn().await;
        let line = tokio::time::timeout(DEADLINE, serving.captured.stdout_line(READY)).await;
        let line = line.expect("the server says something within a minute");
        let Some(line) = line else { panic!("the server ended: {:?}", serving.wait().await) };
        ServingProcess { base_url: line.trim_start_matches(READY).trim().to_owned(), ..serving }
    }

    async fn spawn(mut self) -> ServingProcess {
        let mut child = self.command.spawn().expect("the binary starts");
        let (captured, tracker) = (Captured::default(), TaskTracker::new());
        captured.read(&mut child, &tracker);
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        let said = stdin.write_all(&self.stdin).await;
        // A process may end without reading what it is told; its output says why.
        let _ = said.and(stdin.shutdown().await);
        ServingProcess { child, captured, tracker, base_url: String::new() }
    }
}

impl ServingProcess {
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// A client without a key.
    pub fn client(&self) -> TestClient {
        TestClient::new(self.base_url.clone())
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("the process runs")
    }

    /// What it has written to stderr so far.
    pub fn stderr(&self) -> String {
        self.captured.stderr()
    }

    /// Ends it without warning (`SIGKILL`).
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the process can be killed");
    }

    /// Asks it to end (`SIGTERM`) without waiting for that.
    pub async fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.pid());
        let status = Command::new("sh").args(["-c", &kill]).status().await.expect("a shell runs");
        assert!(status.success(), "the signal can be sent");
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> HoplineOutput {
        let ended = tokio::time::timeout(DEADLINE, self.child.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("it goes on; stderr: {}", self.stderr()));
        let code = status.expect("the process can be waited for").code();
        self.tracker.close();
        self.tracker.wait().await;
        HoplineOutput { code, stdout: self.captured.stdout(), stderr: self.captured.stderr() }
    }
}
