//! The programs that are compared, and how their answers are counted.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use hopline_testkit::oracle::{Answer, Corpus, Fault, FaultKind, Group};
use tokio::process::Command;

use super::{curl, lychee, ours, python_requests, reqwest_following};

/// Nothing here takes longer unless it hangs.
pub(super) const RUN_MAX: Duration = Duration::from_secs(600);

/// Where a program says each link ends, by link.
pub(super) type Answers = BTreeMap<String, Answer>;

pub(super) enum Tool {
    HoplineAlone,
    HoplineInBrowser,
    Curl,
    Reqwest,
    Requests,
    /// The path of the program.
    Lychee(String),
}

pub(super) enum Outcome {
    Missing(&'static str),
    Measured { name: &'static str, version: String, scores: Vec<Score> },
}

/// How a program did on one corpus.
pub(super) struct Score {
    /// What differs, by case.
    pub(super) faults: BTreeMap<String, (Group, Fault)>,
}

impl Tool {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::HoplineAlone => "hopline --browser never",
            Self::HoplineInBrowser => "hopline --browser always",
            Self::Curl => "curl -L",
            Self::Reqwest => "reqwest (its own following)",
            Self::Requests => "Python requests",
            Self::Lychee(_) => "lychee",
        }
    }

    /// What the program says of itself; `None` when it is not here.
    pub(super) async fn version(&self) -> Option<String> {
        match self {
            Self::HoplineAlone => ours::version(ours::Browser::Never).await,
            Self::HoplineInBrowser => ours::version(ours::Browser::Always).await,
            Self::Curl => curl::version().await,
            Self::Reqwest => Some(reqwest_following::VERSION.to_owned()),
            Self::Requests => python_requests::version().await,
            Self::Lychee(path) => lychee::version(path).await,
        }
    }

    pub(super) async fn answers(&self, corpus: &Corpus) -> anyhow::Result<Answers> {
        match self {
            Self::HoplineAlone => ours::answers(corpus, ours::Browser::Never).await,
            Self::HoplineInBrowser => ours::answers(corpus, ours::Browser::Always).await,
            Self::Curl => curl::answers(corpus).await,
            Self::Reqwest => reqwest_following::answers(corpus).await,
            Self::Requests => python_requests::answers(corpus).await,
            Self::Lychee(path) => lychee::answers(corpus, path).await,
        }
    }
}

impl Score {
    /// A link without an answer counts as one that was given none.
    pub(super) fn of(corpus: &Corpus, answers: &Answers) -> Self {
        let judged = corpus.cases.iter().filter_map(|case| {
            let fault = case.judge(answers.get(&case.url).unwrap_or(&Answer::Nowhere))?;
            Some((case.name.clone(), (case.group, fault)))
        });
        Self { faults: judged.collect() }
    }

    pub(super) fn faults_in(&self, group: Group) -> usize {
        self.faults.values().filter(|(of, _)| *of == group).count()
    }

    pub(super) fn faults_of(&self, kind: FaultKind) -> usize {
        self.faults.values().filter(|(_, fault)| fault.kind == kind).count()
    }
}

/// The first line a program prints, when it starts at all.
pub(super) async fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().await.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
}

/// What a program prints on stdout, whatever it exits with.
pub(super) async fn printed(mut command: Command) -> anyhow::Result<String> {
    let output = tokio::time::timeout(RUN_MAX, command.kill_on_drop(true).output()).await;
    let output = output.context("wait for a program of the comparison")??;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
