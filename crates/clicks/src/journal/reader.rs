//! Reading the journal from a place on, over segments, past what is damaged.

use std::{fs::File, os::unix::fs::FileExt as _, path::PathBuf};

use hopline_domain::{
    click::{JournalBatch, JournalClick, JournalOffset},
    store::ClickFeedError,
};

use super::{
    codec,
    frame::{self, Frame},
    meters,
    segment::{self, HEAD_LENGTH},
};

/// Bytes read at once: many times the longest frame.
const CHUNK_BYTES: u64 = 1024 * 1024;

/// One reading of the journal.
pub(super) struct Reading {
    pub(super) folder: PathBuf,
    /// Everything before this is written.
    pub(super) end: u64,
    pub(super) limit: usize,
}

/// A segment and where it ends for a reader: where the next one begins, or where writing stands.
struct Piece {
    base: u64,
    until: u64,
}

impl Reading {
    pub(super) fn from(&self, from: u64) -> Result<JournalBatch, ClickFeedError> {
        let Some(piece) = self.piece(from)? else {
            return Ok(JournalBatch { clicks: Vec::new(), next: JournalOffset(from) });
        };
        let start = from.max(piece.base + HEAD_LENGTH);
        let bytes = self.bytes(&piece, start)?;
        let (clicks, read) = self.clicks(&bytes, start);
        let reached = start + read;
        let more_in_the_file = wide(bytes.len()) == CHUNK_BYTES && read > 0;
        let stopped_early = clicks.len() == self.limit || more_in_the_file;
        let next = if stopped_early { reached } else { piece.until.max(reached) };
        if next > reached {
            tracing::error!(from = reached, until = next, "a part of the click journal can't be read");
            meters::cut(next - reached);
        }
        Ok(JournalBatch { clicks, next: JournalOffset(next) })
    }

    /// The segment that holds `from`; the next one if nothing of its own is left there.
    fn piece(&self, from: u64) -> Result<Option<Piece>, ClickFeedError> {
        let bases = segment::list(&self.folder).map_err(|error| failed(&error))?;
        let mut found = None;
        for (place, base) in bases.iter().enumerate() {
            let following = bases.get(place + 1).copied();
            let until = following.unwrap_or(self.end).min(self.end);
            if from < until {
                found = Some(Piece { base: *base, until });
                break;
            }
        }
        Ok(found)
    }

    fn bytes(&self, piece: &Piece, start: u64) -> Result<Vec<u8>, ClickFeedError> {
        let wanted = piece.until.saturating_sub(start).min(CHUNK_BYTES);
        let mut bytes = vec![0; index(wanted)];
        let file = File::open(segment::path(&self.folder, piece.base)).map_err(|error| failed(&error))?;
        let (mut filled, within) = (0, start - piece.base);
        while filled < bytes.len() {
            let at = within + u64::try_from(filled).unwrap_or(0);
            match file.read_at(&mut bytes[filled..], at).map_err(|error| failed(&error))? {
                // Cut short behind our back, or by a power cut before this segment was closed.
                0 => break,
                read => filled += read,
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// Whole records from the beginning of `bytes`, at most `limit`, and how far they reach.
    fn clicks(&self, bytes: &[u8], start: u64) -> (Vec<JournalClick>, u64) {
        let (mut clicks, mut read) = (Vec::new(), 0);
        while clicks.len() < self.limit {
            let offset = JournalOffset(start + u64::try_from(read).unwrap_or(0));
            match frame::read(&bytes[read..]) {
                Frame::Whole { record, bytes } => {
                    match codec::decode(record) {
                        Some(click) => clicks.push(JournalClick { offset, click }),
                        None => meters::damaged(1),
                    }
                    read += bytes;
                }
                Frame::Damaged { bytes } => {
                    meters::damaged(1);
                    read += bytes;
                }
                Frame::Cut | Frame::Garbage => break,
            }
        }
        (clicks, u64::try_from(read).unwrap_or(0))
    }
}

fn failed(error: &dyn std::error::Error) -> ClickFeedError {
    ClickFeedError { detail: error.to_string() }
}

fn index(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
