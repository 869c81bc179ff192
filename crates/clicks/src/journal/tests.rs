//! The journal as a whole: what was answered is read again, whatever happened in between.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use hopline_domain::{
    click::{JournalBatch, JournalOffset},
    store::{Appended, ClickFeed as _, ClickLog as _},
    time::{Clock, Timestamp},
};

use super::{
    Journal, JournalError, JournalSettings, OnFailure, Recovered,
    codec::tests::click,
    segment::{self, HEAD_LENGTH},
};

#[derive(Debug, Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

fn settings(folder: &Path) -> JournalSettings {
    JournalSettings::new(folder)
}

fn open(settings: JournalSettings) -> (Journal, Recovered) {
    Journal::open(settings, JournalOffset(0), Arc::new(Hands::default())).unwrap()
}

async fn append(journal: &Journal, numbers: impl IntoIterator<Item = i64>) {
    for number in numbers {
        assert_eq!(journal.append(click(number)).await, Appended::Written);
    }
}

/// Everything from `from` on, in pieces of `limit`.
async fn read_all(journal: &Journal, mut from: JournalOffset, limit: usize) -> Vec<i64> {
    let mut numbers = Vec::new();
    loop {
        let JournalBatch { clicks, next } = journal.read(from, limit).await.unwrap();
        assert!(clicks.len() <= limit);
        numbers.extend(clicks.iter().map(|read| read.click.at.0));
        if next == from {
            return numbers;
        }
        from = next;
    }
}

fn last_segment(folder: &Path) -> std::path::PathBuf {
    segment::path(folder, *segment::list(folder).unwrap().last().unwrap())
}

#[tokio::test]
async fn what_was_answered_is_read_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let small = JournalSettings { segment_bytes_max: 1_000, sync_ms: 0, ..settings(folder.path()) };
    let (journal, _) = open(small.clone());
    append(&journal, 0..20).await;
    assert_eq!(read_all(&journal, JournalOffset(0), 3).await, (0..20).collect::<Vec<_>>());
    let end = journal.end();
    drop(journal);
    assert!(segment::list(folder.path()).unwrap().len() > 2, "segments turn over");
    let (journal, recovered) = open(small);
    assert_eq!(recovered, Recovered { end, cut_bytes: 0, damaged: 0 });
    append(&journal, 20..22).await;
    assert_eq!(read_all(&journal, JournalOffset(0), 1_000).await, (0..22).collect::<Vec<_>>());
    assert_eq!(read_all(&journal, end, 1_000).await, [20, 21]);
}

#[tokio::test]
async fn a_torn_tail_is_cut_counted_and_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(settings(folder.path()));
    append(&journal, 0..3).await;
    drop(journal);
    let file = last_segment(folder.path());
    let mut bytes = fs::read(&file).unwrap();
    bytes.truncate(bytes.len() - 5);
    fs::write(&file, &bytes).unwrap();
    let (journal, recovered) = open(settings(folder.path()));
    assert!(recovered.cut_bytes > 0 && recovered.damaged == 0, "{recovered:?}");
    append(&journal, 7..8).await;
    assert_eq!(read_all(&journal, JournalOffset(0), 100).await, [0, 1, 7]);
}

#[tokio::test]
async fn a_damaged_record_costs_itself_and_a_damaged_end_of_a_closed_segment_only_that() {
    let folder = tempfile::tempdir().unwrap();
    let small = JournalSettings { segment_bytes_max: 600, ..settings(folder.path()) };
    let (journal, _) = open(small);
    append(&journal, 0..9).await;
    let bases = segment::list(folder.path()).unwrap();
    assert!(bases.len() >= 3, "{bases:?}");
    let first = segment::path(folder.path(), bases[0]);
    let mut bytes = fs::read(&first).unwrap();
    let head = usize::try_from(HEAD_LENGTH).unwrap();
    bytes[head + 20] ^= 1;
    fs::write(&first, &bytes).unwrap();
    let second = segment::path(folder.path(), bases[1]);
    let length = fs::metadata(&second).unwrap().len();
    fs::OpenOptions::new().write(true).open(&second).unwrap().set_len(length - 3).unwrap();
    let read = read_all(&journal, JournalOffset(0), 100).await;
    assert!(!read.contains(&0) && read.contains(&1) && read.contains(&8), "{read:?}");
    assert_eq!(read.len(), 7, "{read:?}");
}

#[tokio::test]
async fn the_journal_never_writes_where_it_was_folded() {
    let folder = tempfile::tempdir().unwrap();
    let clock = || Arc::new(Hands::default());
    let ahead = JournalOffset(5_000);
    let (journal, recovered) = Journal::open(settings(folder.path()), ahead, clock()).unwrap();
    assert!(recovered.end >= ahead);
    append(&journal, 0..2).await;
    let far = JournalOffset(1_000_000);
    drop(journal);
    let (journal, _) = Journal::open(settings(folder.path()), far, clock()).unwrap();
    append(&journal, 2..3).await;
    assert_eq!(read_all(&journal, far, 10).await, [2]);
    assert_eq!(read_all(&journal, JournalOffset(0), 10).await, [0, 1, 2]);
}

#[tokio::test]
async fn folded_segments_go_and_old_ones_are_closed() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Hands::default());
    let opened = Journal::open(settings(folder.path()), JournalOffset(0), clock.clone()).unwrap();
    let journal = opened.0;
    append(&journal, 0..3).await;
    journal.forget(journal.end()).await.unwrap();
    assert_eq!(segment::list(folder.path()).unwrap(), [0], "a young segment stays");
    let end = journal.end();
    clock.0.store(3_600_000, Ordering::Relaxed);
    journal.forget(end).await.unwrap();
    journal.wait_for(end).await;
    journal.forget(journal.end()).await.unwrap();
    assert_eq!(segment::list(folder.path()).unwrap(), [end.0]);
    append(&journal, 3..4).await;
    assert_eq!(read_all(&journal, end, 10).await, [3]);
}

#[test]
fn foreign_files_and_damaged_heads_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let refused = || {
        let opened = Journal::open(settings(folder.path()), JournalOffset(0), Arc::new(Hands::default()));
        opened.map(|_| ()).unwrap_err()
    };
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let error = refused();
    assert!(matches!(&error, JournalError::Foreign { path } if path.ends_with("notes.txt")), "{error}");
    fs::remove_file(folder.path().join("notes.txt")).unwrap();
    fs::write(segment::path(folder.path(), 0), [b'x'; 100]).unwrap();
    let error = refused();
    assert!(matches!(&error, JournalError::Damaged { .. }), "{error}");
    // A segment that was being made when the power went.
    fs::write(segment::path(folder.path(), 0), b"HOP").unwrap();
    let (_journal, recovered) = open(settings(folder.path()));
    assert_eq!(recovered.cut_bytes, 3);
}

#[tokio::test]
async fn a_journal_that_can_not_be_written_answers_as_told() {
    for (on_failure, expected) in
        [(OnFailure::Answer, Appended::Lost), (OnFailure::Refuse, Appended::Refused)]
    {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(JournalSettings { on_failure, ..settings(folder.path()) });
        journal.stop();
        assert_eq!(journal.append(click(1)).await, expected);
    }
}
