//! The journal as the rest of the process sees it: clicks go in and are answered, the worker reads them out.

use std::{fs, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};

use async_trait::async_trait;
use hopline_domain::{
    click::{Click, JournalBatch, JournalOffset},
    store::{Appended, ClickFeed, ClickFeedError, ClickLog},
    time::Clock,
};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    JournalError, JournalSettings, OnFailure,
    bench::{Bench, Command, State},
    codec, frame, meters,
    reader::Reading,
    segment::{self, Active},
    syncer::Syncer,
};

/// Records that may wait for the writer.
const QUEUE_MAX: usize = 8_192;
/// How long a redirect waits for its click; past it the click counts as lost.
const APPEND_MS_MAX: u64 = 5_000;
/// Room for a click of the usual size.
const FRAME_BYTES_USUAL: usize = 256;

/// What opening a journal found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    pub end: JournalOffset,
    /// After the last whole record; cut.
    pub cut_bytes: u64,
    /// Damaged records between whole ones; passed over.
    pub damaged: usize,
}

/// The click journal. Dropping it writes what is queued and brings it to the disk.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    on_failure: OnFailure,
    commands: Option<mpsc::Sender<Command>>,
    state: watch::Receiver<State>,
    thread: Option<JoinHandle<()>>,
}

impl Journal {
    /// Opens the journal; a torn tail is cut. Nothing is written before `folded_until`, where the clicks file stands.
    pub fn open(
        settings: JournalSettings,
        folded_until: JournalOffset,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Recovered), JournalError> {
        meters::describe();
        let folder = settings.folder.clone();
        fs::create_dir_all(&folder).map_err(JournalError::io(&folder))?;
        let (active, recovered) = recover(&settings, folded_until, clock.as_ref())?;
        let (state, seen) = watch::channel(State { end: active.end(), trouble: None });
        let (commands, inbox) = mpsc::channel(QUEUE_MAX);
        let on_failure = settings.on_failure;
        let syncer = Syncer::start(settings.sync_ms)?;
        let bench = Bench { settings, clock, active, syncer, state };
        let thread = std::thread::Builder::new().name("click-journal".to_owned());
        let thread =
            thread.spawn(move || bench.serve(inbox)).map_err(|source| JournalError::Thread { source })?;
        let journal =
            Self { folder, on_failure, commands: Some(commands), state: seen, thread: Some(thread) };
        Ok((journal, recovered))
    }

    /// Why clicks can't be written now, for `/readyz`; `None` when the last one was.
    pub fn trouble(&self) -> Option<String> {
        self.state.borrow().trouble.clone()
    }

    /// Queues a record and waits until it is written.
    async fn hand_over(&self, frame: Vec<u8>) -> bool {
        let Some(commands) = &self.commands else { return false };
        let (written, answer) = oneshot::channel();
        let queued = commands.send(Command::Append { frame, written }).await;
        queued.is_ok() && answer.await.unwrap_or(false)
    }
}

fn recover(
    settings: &JournalSettings,
    folded_until: JournalOffset,
    clock: &dyn Clock,
) -> Result<(Active, Recovered), JournalError> {
    let folder = &settings.folder;
    let bases = segment::list(folder)?;
    let (last, closed) = bases.split_last().map_or((None, &[][..]), |(last, closed)| (Some(*last), closed));
    for base in closed {
        segment::check_head(folder, *base)?;
    }
    let reopened = last.map(|base| segment::reopen(folder, base)).transpose()?;
    let mut recovered = Recovered::default();
    let mut active = None;
    if let Some(reopened) = reopened {
        (recovered.cut_bytes, recovered.damaged) = (reopened.cut_bytes, reopened.damaged);
        active = reopened.active;
    }
    if recovered.cut_bytes > 0 || recovered.damaged > 0 {
        tracing::warn!(
            bytes = recovered.cut_bytes,
            records = recovered.damaged,
            "the click journal's torn tail was cut"
        );
        meters::cut(recovered.cut_bytes);
        meters::damaged(recovered.damaged);
    }
    // After a power cut the clicks file may be ahead: a place that was folded is never written again.
    let start = active.as_ref().map_or(last.unwrap_or(0), Active::end).max(folded_until.0);
    let active = match active.filter(|active| active.end() >= start) {
        Some(active) => active,
        None => Active::create(folder, start, clock.now()).map_err(JournalError::io(folder))?,
    };
    recovered.end = JournalOffset(active.end());
    Ok((active, recovered))
}

#[async_trait]
impl ClickLog for Journal {
    async fn append(&self, click: Click) -> Appended {
        let mut frame = Vec::with_capacity(FRAME_BYTES_USUAL);
        frame::push(&mut frame, |out| codec::encode(&click, out));
        let patience = Duration::from_millis(APPEND_MS_MAX);
        if tokio::time::timeout(patience, self.hand_over(frame)).await == Ok(true) {
            return Appended::Written;
        }
        meters::lost();
        match self.on_failure {
            OnFailure::Answer => Appended::Lost,
            OnFailure::Refuse => Appended::Refused,
        }
    }
}

#[async_trait]
impl ClickFeed for Journal {
    async fn read(&self, from: JournalOffset, limit: usize) -> Result<JournalBatch, ClickFeedError> {
        let reading = Reading { folder: self.folder.clone(), end: self.end().0, limit };
        let read = tokio::task::spawn_blocking(move || reading.from(from.0)).await;
        read.unwrap_or_else(|error| Err(ClickFeedError { detail: error.to_string() }))
    }

    fn end(&self) -> JournalOffset {
        JournalOffset(self.state.borrow().end)
    }

    async fn wait_for(&self, from: JournalOffset) {
        let mut state = self.state.clone();
        if state.wait_for(|state| state.end > from.0).await.is_err() {
            // The writer is gone: nothing will ever come.
            std::future::pending::<()>().await;
        }
    }

    async fn forget(&self, until: JournalOffset) -> Result<(), ClickFeedError> {
        if let Some(commands) = &self.commands {
            // A full queue makes segments turn over without being asked.
            let _ = commands.try_send(Command::Age);
        }
        let folder = self.folder.clone();
        let forgotten = tokio::task::spawn_blocking(move || forget(&folder, until.0)).await;
        forgotten.unwrap_or_else(|error| Err(ClickFeedError { detail: error.to_string() }))
    }
}

/// The last segment always stays: its name keeps the journal's place.
fn forget(folder: &std::path::Path, until: u64) -> Result<(), ClickFeedError> {
    let failed = |detail: String| ClickFeedError { detail };
    let bases = segment::list(folder).map_err(|error| failed(error.to_string()))?;
    for pair in bases.windows(2) {
        if pair[1] <= until {
            fs::remove_file(segment::path(folder, pair[0])).map_err(|error| failed(error.to_string()))?;
        }
    }
    Ok(())
}

impl Journal {
    /// Writes what is queued and ends the thread.
    pub(super) fn stop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the click journal's writer had panicked");
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.stop();
    }
}
