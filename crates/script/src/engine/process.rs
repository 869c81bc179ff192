//! One worker process: started with nothing but its line, ended by `SIGKILL`, always reaped.

use std::{io, path::Path, process::Stdio, time::Duration};

use rustix::{io::Errno, process::geteuid};
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::{
    error::WorkerEnd,
    pipe::{self, Heard},
    settings::ScriptCommand,
};
use crate::protocol::{FrameError, FromWorker, PROTOCOL};

/// `nobody`, where we are root: the confinement must not be all that stands between a page and the system.
const UNPRIVILEGED_USER: u32 = 65_534;
/// Wherever the machine stands, a page sees UTC.
const TIME_ZONE: &str = "UTC0";
/// From start to ready: a few milliseconds, unless the machine is overloaded.
const START_TIME_MAX: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct WorkerProcess {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What a worker said instead of being ready.
#[derive(Debug)]
pub(super) enum NotReady {
    Ended,
    Babbled,
}

impl WorkerProcess {
    pub(super) fn start(command: &ScriptCommand) -> io::Result<Self> {
        if !geteuid().is_root() {
            return Self::spawn(prepare(command));
        }
        let mut unprivileged = prepare(command);
        // The standard library also drops the supplementary groups of a root that changes its user.
        unprivileged.uid(UNPRIVILEGED_USER).gid(UNPRIVILEGED_USER);
        match Self::spawn(unprivileged) {
            Err(error) if is_powerless(&error) => Self::spawn(prepare(command)),
            started => started,
        }
    }

    fn spawn(mut command: Command) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let line = input.zip(output).ok_or_else(|| io::Error::other("the process has no pipes"));
        line.map(|(input, output)| Self { child, input, output: BufReader::new(output) })
    }

    /// Waits until the worker has confined itself. One that was ready and has been killed since is not.
    pub(super) async fn ready(&mut self) -> Result<(), NotReady> {
        match timeout(START_TIME_MAX, self.hear()).await {
            Ok(Ok(Some(Heard { message: FromWorker::Ready { protocol: PROTOCOL }, .. }))) => self.lives(),
            Ok(Ok(None)) => Err(NotReady::Ended),
            _ => Err(NotReady::Babbled),
        }
    }

    fn lives(&mut self) -> Result<(), NotReady> {
        if matches!(self.child.try_wait(), Ok(None)) { Ok(()) } else { Err(NotReady::Ended) }
    }

    pub(super) async fn hear(&mut self) -> Result<Option<Heard>, FrameError> {
        pipe::hear(&mut self.output).await
    }

    pub(super) async fn say(&mut self, frame: &[u8]) -> io::Result<()> {
        self.input.write_all(frame).await
    }

    /// Kills it if it still lives, and reaps it. A worker dropped without this is killed at once and reaped by the runtime.
    pub(super) async fn end(mut self) -> WorkerEnd {
        // It fails where the process is already reaped, and `wait` knows how it ended then.
        let _ = self.child.start_kill();
        self.child.wait().await.map_or(WorkerEnd::Silent, WorkerEnd::from)
    }
}

fn prepare(command: &ScriptCommand) -> Command {
    let mut process = Command::new(&command.program);
    process.args(&command.arguments).env_clear().env("TZ", TIME_ZONE).current_dir(Path::new("/"));
    process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // A group of its own: Ctrl-C at a terminal is for us, and we end it in order.
    process.process_group(0).kill_on_drop(true);
    process
}

/// A root that may not become somebody else, as in a container without capabilities or with one mapped user, has no
/// privilege to drop.
fn is_powerless(error: &io::Error) -> bool {
    [Errno::PERM, Errno::INVAL].into_iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
