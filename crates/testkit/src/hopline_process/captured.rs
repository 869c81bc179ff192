//! What a process writes, kept as it comes, so that no pipe ever fills up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// Most of one stream that is kept; the rest is read and dropped.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Clone, Debug, Default)]
pub(super) struct Captured {
    stdout: Stream,
    stderr: Stream,
}

#[derive(Clone, Debug)]
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// Moves with every read; true at the end.
    ended: watch::Sender<bool>,
}

impl Default for Stream {
    fn default() -> Self {
        Self { bytes: Arc::default(), ended: watch::Sender::new(false) }
    }
}

impl Captured {
    pub(super) fn read(&self, child: &mut Child, tracker: &TaskTracker) {
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        let (out, err) = (self.stdout.clone(), self.stderr.clone());
        tracker.spawn(async move { out.read(stdout).await });
        tracker.spawn(async move { err.read(stderr).await });
    }

    pub(super) fn stdout(&self) -> String {
        self.stdout.text()
    }

    pub(super) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// The first whole line of stdout that begins so; `None` when stdout ends without one.
    pub(super) async fn stdout_line(&self, beginning: &str) -> Option<String> {
        let mut ended = self.stdout.ended.subscribe();
        loop {
            let is_over = *ended.borrow_and_update();
            let text = self.stdout();
            let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
            if let Some(line) = whole.lines().find(|line| line.starts_with(beginning)) {
                return Some(line.to_owned());
            }
            if is_over || ended.changed().await.is_err() {
                return None;
            }
        }
    }
}

impl Stream {
    async fn read(self, mut pipe: impl AsyncRead + Unpin) {
        let mut chunk = [0_u8; 8 * 1024];
        while let Ok(read @ 1..) = pipe.read(&mut chunk).await {
            let mut bytes = self.bytes();
            let room = KEPT_BYTES_MAX.saturating_sub(bytes.len()).min(read);
            bytes.extend_from_slice(&chunk[..room]);
            drop(bytes);
            self.ended.send_replace(false);
        }
        self.ended.send_replace(true);
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}
