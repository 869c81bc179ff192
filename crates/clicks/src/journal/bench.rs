//! The writer thread: it alone writes the journal, one `write` for all records that wait.

use std::{io, os::unix::fs::FileExt as _, sync::Arc};

use hopline_domain::time::Clock;
use tokio::sync::{mpsc, oneshot, watch};

use super::{JournalSettings, meters, segment::Active, syncer::Syncer};

/// Records that share one `write`.
const BATCH_MAX: usize = 1_024;

/// What the writer is asked.
#[derive(Debug)]
pub(super) enum Command {
    Append {
        frame: Vec<u8>,
        written: oneshot::Sender<bool>,
    },
    /// Close the segment if it is old and holds records.
    Age,
}

/// How writing goes, for everyone else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) end: u64,
    /// Why the last write failed.
    pub(super) trouble: Option<String>,
}

pub(super) struct Bench {
    pub(super) settings: JournalSettings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) active: Active,
    pub(super) syncer: Syncer,
    pub(super) state: watch::Sender<State>,
}

impl Bench {
    /// Writes until nobody can ask any more.
    pub(super) fn serve(mut self, mut inbox: mpsc::Receiver<Command>) {
        let (mut commands, mut bytes) = (Vec::with_capacity(BATCH_MAX), Vec::new());
        while inbox.blocking_recv_many(&mut commands, BATCH_MAX) > 0 {
            bytes.clear();
            let mut waiting = Vec::with_capacity(commands.len());
            for command in commands.drain(..) {
                if let Command::Append { frame, written } = command {
                    bytes.extend_from_slice(&frame);
                    waiting.push(written);
                }
            }
            self.turn_over();
            self.batch(&bytes, waiting);
        }
    }

    fn batch(&mut self, bytes: &[u8], waiting: Vec<oneshot::Sender<bool>>) {
        if waiting.is_empty() {
            return;
        }
        let result = self.write(bytes);
        match &result {
            Ok(()) => meters::written(waiting.len(), self.active.end()),
            Err(error) => self.complain(error),
        }
        for written in waiting {
            // A caller that went away needs no answer.
            let _ = written.send(result.is_ok());
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Active { file, length, .. } = &self.active;
        let written = file.write_all_at(bytes, *length);
        let kept = written.and_then(|()| if self.settings.sync_ms == 0 { file.sync_data() } else { Ok(()) });
        if let Err(error) = kept {
            // What stands after the last whole record is overwritten next time; cutting it is for a crash before that.
            let _ = file.set_len(*length);
            return Err(error);
        }
        self.active.length += u64::try_from(bytes.len()).unwrap_or(0);
        if self.settings.sync_ms > 0 {
            self.syncer.note(&self.active.file);
        }
        let end = self.active.end();
        self.state.send_replace(State { end, trouble: None });
        Ok(())
    }

    fn complain(&self, error: &io::Error) {
        let trouble = Some(error.to_string());
        // Said once: thousands of redirects may see the same full disk.
        self.state.send_if_modified(|state| {
            let changed = state.trouble != trouble;
            if changed {
                tracing::error!(%error, "clicks can't be written to the journal");
                state.trouble = trouble;
            }
            changed
        });
    }

    /// Goes on in a new segment when this one is full, old or doubtful. Failing to make one, it stays.
    fn turn_over(&mut self) {
        let doubtful = self.syncer.take_failure();
        let full = self.active.length >= self.settings.segment_bytes_max;
        let age_ms = self.clock.now().since_ms(self.active.created_at);
        let old = age_ms >= self.settings.segment_age_ms_max && self.active.has_records();
        if !(doubtful || full || old) {
            return;
        }
        let made = Active::create(&self.settings.folder, self.active.end(), self.clock.now());
        match made {
            Ok(active) => {
                self.syncer.note(&self.active.file);
                self.active = active;
                let end = self.active.end();
                self.state.send_modify(|state| state.end = end);
            }
            Err(error) => self.complain(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use hopline_domain::time::{SystemClock, Timestamp};

    use super::*;
    use crate::journal::segment::{self, HEAD_LENGTH};

    fn bench(folder: &std::path::Path) -> (Bench, watch::Receiver<State>) {
        let (state, seen) = watch::channel(State::default());
        let bench = Bench {
            settings: JournalSettings::new(folder),
            clock: Arc::new(SystemClock),
            active: Active::create(folder, 0, SystemClock.now()).unwrap(),
            syncer: Syncer::start(1_000).unwrap(),
            state,
        };
        (bench, seen)
    }

    #[test]
    fn a_full_disk_is_answered_and_writing_goes_on_when_there_is_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let (mut bench, seen) = bench(folder.path());
        let disk = Arc::clone(&bench.active.file);
        bench.active.file = OpenOptions::new().write(true).open("/dev/full").unwrap().into();
        let (written, mut answer) = oneshot::channel();
        bench.batch(b"lost", vec![written]);
        assert!(!answer.try_recv().unwrap());
        assert!(seen.borrow().trouble.as_deref().is_some_and(|trouble| trouble.contains("space")));
        bench.active.file = disk;
        let (written, mut answer) = oneshot::channel();
        bench.batch(b"kept", vec![written]);
        assert!(answer.try_recv().unwrap());
        assert_eq!(*seen.borrow(), State { end: HEAD_LENGTH + 4, trouble: None });
        assert!(std::fs::read(segment::path(folder.path(), 0)).unwrap().ends_with(b"kept"));
    }

    #[test]
    fn a_segment_that_can_not_be_made_leaves_the_old_one_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let (mut bench, _seen) = bench(folder.path());
        bench.write(b"first").unwrap();
        bench.active.created_at = Timestamp(0);
        std::fs::create_dir(segment::path(folder.path(), bench.active.end())).unwrap();
        bench.turn_over();
        bench.write(b"second").unwrap();
        assert_eq!((bench.active.base, bench.active.length), (0, HEAD_LENGTH + 11));
    }
}
