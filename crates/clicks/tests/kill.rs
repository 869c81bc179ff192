//! A process killed while it writes clicks: every click it was answered for is read again.

#![expect(clippy::unwrap_used, reason = "a test's ways and the process it kills; failing is how they tell")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use hopline_clicks::{Journal, JournalSettings, Recovered};
use hopline_domain::{
    click::{Agent, Click, ClickSource, JournalOffset, Place, Utm, VisitorHash},
    entropy::OsEntropy,
    id::{LinkId, WorkspaceId},
    store::{Appended, ClickFeed as _, ClickLog as _},
    time::{SystemClock, Timestamp},
};

const ROUNDS: usize = 3;
const ANSWERS_BEFORE_KILL: usize = 500;
const WRITERS: i64 = 8;
/// A file of this name marks the working folder of the process that is killed.
const MORTAL: &str = "mortal";

fn open(folder: &Path) -> (Journal, Recovered) {
    Journal::open(JournalSettings::new(folder), JournalOffset(0), Arc::new(SystemClock)).unwrap()
}

fn click(number: i64) -> Click {
    Click {
        at: Timestamp(number),
        workspace_id: WorkspaceId::generate(Timestamp(1), &OsEntropy),
        link_id: LinkId::generate(Timestamp(1), &OsEntropy),
        domain: "go.example".to_owned(),
        tags: Vec::new(),
        rule: None,
        place: Place::default(),
        agent: Agent::default(),
        language: None,
        referrer: None,
        utm: Utm::default(),
        source: ClickSource::Link,
        bot: None,
        visitor: VisitorHash([0; 16]),
        address: None,
    }
}

/// In the process that the other test kills: writes clicks into the journal of its working folder and says each number once
/// it was answered. In any other it has nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn writes_until_killed() {
    if !Path::new(MORTAL).exists() {
        return;
    }
    let journal = Arc::new(open(Path::new("journal")).0);
    let writers = (0..WRITERS).map(|writer| {
        let journal = Arc::clone(&journal);
        async move {
            for number in (writer..).step_by(usize::try_from(WRITERS).unwrap()) {
                assert_eq!(journal.append(click(number)).await, Appended::Written);
                writeln!(std::io::stdout(), "answered {number}").unwrap();
            }
        }
    });
    let mut all = tokio::task::JoinSet::new();
    writers.for_each(|writer| drop(all.spawn(writer)));
    while all.join_next().await.is_some() {}
}

fn answered_before_kill(folder: &Path) -> Vec<i64> {
    std::fs::write(folder.join(MORTAL), []).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writes_until_killed", "--nocapture"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut numbers = lines.filter_map(|line| line.rsplit_once("answered ")?.1.parse().ok());
    let mut answered: Vec<i64> = numbers.by_ref().take(ANSWERS_BEFORE_KILL).collect();
    child.kill().unwrap();
    answered.extend(numbers);
    child.wait().unwrap();
    answered
}

#[tokio::test]
async fn no_answered_click_is_lost_by_a_kill() {
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let answered = answered_before_kill(folder.path());
        assert!(answered.len() >= ANSWERS_BEFORE_KILL);
        let (journal, recovered) = open(&folder.path().join("journal"));
        assert_eq!(recovered.damaged, 0);
        let mut kept = std::collections::HashSet::new();
        let mut from = JournalOffset(0);
        while from < journal.end() {
            let batch = journal.read(from, 10_000).await.unwrap();
            kept.extend(batch.clicks.iter().map(|read| read.click.at.0));
            from = batch.next;
        }
        let lost: Vec<_> = answered.iter().filter(|number| !kept.contains(number)).collect();
        assert!(lost.is_empty(), "answered and lost: {lost:?}");
        // More only for what was on its way when the process died.
        assert!(kept.len() <= answered.len() + usize::try_from(WRITERS).unwrap(), "{}", kept.len());
    }
}
