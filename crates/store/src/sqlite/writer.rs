//! The writer thread: it alone writes a file, many commands per transaction, and answers after the commit (I01).
//!
//! A command that fails takes its whole batch back; then each command of the batch runs again in a transaction of its
//! own. Failing is rare, and a savepoint per command costs more than all of them (`docs/adr/0001`).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    thread::JoinHandle,
};

use hopline_domain::{id::JobId, store::StoreError, wake::WakeHub};
use rusqlite::{Connection, hooks::Wal, wal::CheckpointMode};
use tokio::sync::{mpsc, oneshot};

use super::{bodies::Bodies, fault::SqlResult, rows};

/// Pages in the write-ahead log after which it is copied into the file: 16 MiB.
const CHECKPOINT_PAGES: i32 = 4_096;
/// Pages after which readers are waited for, so that the log starts again: 256 MiB.
const CHECKPOINT_RESTART_PAGES: i32 = 65_536;

/// What a command works with.
pub(super) struct Turn<'a> {
    pub(super) connection: &'a Connection,
    pub(super) wakes: &'a mut Wakes,
    pub(super) bodies: &'a mut Bodies,
}

/// Whom to wake once the commit stands.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    pub(super) jobs_queued: bool,
    pub(super) deliveries_due: bool,
    pub(super) events_raised: bool,
    pub(super) clicks_folded: bool,
    pub(super) jobs_ended: Vec<JobId>,
}

impl Wakes {
    fn fire(self, hub: &WakeHub) {
        if self.jobs_queued {
            hub.jobs_queued();
        }
        if self.deliveries_due {
            hub.deliveries_due();
        }
        if self.events_raised {
            hub.events_raised();
        }
        if self.clicks_folded {
            hub.clicks_folded();
        }
        for id in self.jobs_ended {
            hub.job_ended(id);
        }
    }
}

/// The asking side.
pub(super) struct Writer {
    commands: Option<mpsc::Sender<Box<dyn Command>>>,
    queue_max: usize,
    thread: Option<JoinHandle<()>>,
}

/// Bounds of a writer.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriterLimits {
    pub(super) queue_max: usize,
    pub(super) batch_max: usize,
}

impl Writer {
    pub(super) fn start(
        name: &str,
        mut connection: Connection,
        limits: WriterLimits,
        (hub, bodies): (Arc<WakeHub>, Bodies),
    ) -> Result<Self, StoreError> {
        let started = |detail: String| StoreError::Engine { operation: "start the writer", detail };
        let (commands, inbox) = mpsc::channel(limits.queue_max);
        let log_pages = watch_log(&mut connection).map_err(|error| started(error.to_string()))?;
        let mut bench = Bench { connection, hub, bodies, log_pages };
        let thread = std::thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(move || bench.serve(inbox, limits.batch_max));
        let thread = thread.map_err(|error| started(error.to_string()))?;
        Ok(Self { commands: Some(commands), queue_max: limits.queue_max, thread: Some(thread) })
    }

    /// Runs `work` inside a transaction, a second time if its batch was taken back; answers once it is committed.
    /// `operation` fits "failed to …".
    pub(super) async fn run<T, W>(&self, operation: &'static str, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&mut Turn<'_>) -> SqlResult<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let pending = Pending { operation, work, result: None, reply };
        let stopped = || StoreError::Unavailable { detail: "the writer has stopped".to_owned() };
        let commands = self.commands.as_ref().ok_or_else(stopped)?;
        commands.try_send(Box::new(pending)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded { queue_max: self.queue_max },
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Writer {
    /// What was queued is still written: nothing that waits for an answer is dropped silently.
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread had panicked");
        }
    }
}

/// A queued piece of work with its caller.
trait Command: Send {
    /// Does the work; whether its changes are to be kept.
    fn run(&mut self, turn: &mut Turn<'_>) -> Keep;

    /// Answers the caller; with `lost` the transaction did not stand.
    fn answer(self: Box<Self>, lost: Option<&str>);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Changes,
    Nothing,
}

struct Pending<T, W> {
    operation: &'static str,
    work: W,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Command for Pending<T, W>
where
    T: Send,
    W: Fn(&mut Turn<'_>) -> SqlResult<T> + Send,
{
    fn run(&mut self, turn: &mut Turn<'_>) -> Keep {
        let result = (self.work)(turn).map_err(|fault| fault.into_store(self.operation));
        let keep = if result.is_ok() { Keep::Changes } else { Keep::Nothing };
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, lost: Option<&str>) {
        let unavailable = |detail: &str| Err(StoreError::Unavailable { detail: detail.to_owned() });
        let result = match (lost, self.result) {
            // What failed by itself says so; everything else hangs on the commit.
            (_, Some(Err(error))) => Err(error),
            (Some(detail), _) => unavailable(detail),
            (None, Some(result)) => result,
            (None, None) => unavailable("the command was not run"),
        };
        // A caller that went away needs no answer.
        let _ = self.reply.send(result);
    }
}

/// Counts the pages of the write-ahead log after each commit.
fn watch_log(connection: &mut Connection) -> rusqlite::Result<Arc<AtomicI32>> {
    let pages = Arc::new(AtomicI32::new(0));
    let seen = Arc::clone(&pages);
    connection.wal_hook(Some(move |_: &mut Wal, now: i32| {
        seen.store(now, Ordering::Relaxed);
        Ok(())
    }))?;
    Ok(pages)
}

/// The working side: the connection and what goes with it.
struct Bench {
    connection: Connection,
    hub: Arc<WakeHub>,
    bodies: Bodies,
    log_pages: Arc<AtomicI32>,
}

impl Bench {
    /// Takes whatever waits, at once: batches grow by themselves while a commit is under way.
    fn serve(&mut self, mut inbox: mpsc::Receiver<Box<dyn Command>>, batch_max: usize) {
        let mut batch = Vec::with_capacity(batch_max);
        while inbox.blocking_recv_many(&mut batch, batch_max) > 0 {
            match self.transact(&mut batch) {
                Ok(Keep::Nothing) if batch.len() > 1 => self.one_by_one(batch.drain(..)),
                ended => Self::answer(batch.drain(..), ended),
            }
            self.checkpoint();
        }
    }

    /// After a batch was taken back: each command stands or falls alone.
    fn one_by_one(&mut self, batch: impl Iterator<Item = Box<dyn Command>>) {
        for command in batch {
            let mut alone = [command];
            let ended = self.transact(&mut alone);
            Self::answer(alone.into_iter(), ended);
        }
    }

    fn answer(batch: impl Iterator<Item = Box<dyn Command>>, ended: SqlResult<Keep>) {
        let lost = ended.err().map(|fault| fault.to_string());
        if let Some(detail) = &lost {
            tracing::warn!(error = detail, "a batch of writes was lost");
        }
        for command in batch {
            command.answer(lost.as_deref());
        }
    }

    /// Runs a batch as one transaction. `Nothing` was kept when one of its commands failed.
    fn transact(&mut self, batch: &mut [Box<dyn Command>]) -> SqlResult<Keep> {
        self.say("begin immediate")?;
        let mut wakes = Wakes::default();
        let mut turn = Turn { connection: &self.connection, wakes: &mut wakes, bodies: &mut self.bodies };
        let failed = batch.iter_mut().any(|command| command.run(&mut turn) == Keep::Nothing);
        let ended = if failed { Ok(Keep::Nothing) } else { self.say("commit").map(|()| Keep::Changes) };
        if !self.connection.is_autocommit() {
            // A full disk or a broken one has taken the transaction back already.
            self.say("rollback")?;
        }
        if matches!(ended, Ok(Keep::Changes)) {
            self.bodies.commit();
            wakes.fire(&self.hub);
        } else {
            self.bodies.rollback();
        }
        ended
    }

    fn say(&self, sql: &str) -> SqlResult<()> {
        rows::write(&self.connection, sql, []).map(|_| ())
    }

    /// Copies a long log into the file. Nobody waits for this; failing costs only disk until the next time.
    fn checkpoint(&self) {
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < CHECKPOINT_PAGES {
            return;
        }
        let mode =
            if pages < CHECKPOINT_RESTART_PAGES { CheckpointMode::PASSIVE } else { CheckpointMode::TRUNCATE };
        if let Err(error) = self.connection.wal_checkpoint_v2(None::<&str>, mode) {
            tracing::debug!(%error, "the write-ahead log could not be checkpointed");
        }
        self.log_pages.store(0, Ordering::Relaxed);
    }
}
