//! `hopline resolve`, the binary beside this one.

use std::{io::Write, process::Stdio};

use hopline_domain::chain::Chain;
use hopline_testkit::oracle::{Answer, Case, Corpus};
use tokio::process::Command;

use super::tool::{Answers, first_line, printed};
use crate::hopline;

/// Links given to one process: a browser needs its time for each.
const LINKS_PER_PROCESS: usize = 100;

#[derive(Clone, Copy)]
pub(super) enum Browser {
    Never,
    Always,
}

impl Browser {
    fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Always => "always",
        }
    }
}

/// With a browser, only when one is found.
pub(super) async fn version(browser: Browser) -> Option<String> {
    let own = first_line(hopline::binary().ok()?.to_str()?, &["--version"]).await?;
    let own = own.trim_start_matches("hopline ").to_owned();
    match browser {
        Browser::Never => Some(own),
        Browser::Always => {
            let chromium = first_line("chromium", &["--version"]).await?;
            let chromium = chromium.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
            Some(format!("{own} with {chromium}"))
        }
    }
}

pub(super) async fn answers(corpus: &Corpus, browser: Browser) -> anyhow::Result<Answers> {
    let mut answers = Answers::new();
    for cases in corpus.cases.chunks(LINKS_PER_PROCESS) {
        let mut list = tempfile::NamedTempFile::new()?;
        write!(list, "{}", links(cases))?;
        let mut command = Command::new(hopline::binary()?);
        command.args(["resolve", "--json", "--allow-net", "127.0.0.0/8", "--per-host-max", "16"]);
        command.args(["--browser", browser.word()]).arg("-f").arg(list.path()).stderr(Stdio::null());
        command.args(corpus.static_names.iter().flat_map(|name| ["--resolve", name]));
        for line in printed(command).await?.lines() {
            let chain: Chain = serde_json::from_str(line)?;
            answers.insert(chain.url.clone(), Answer::of_chain(&chain));
        }
    }
    Ok(answers)
}

fn links(cases: &[Case]) -> String {
    let links: Vec<&str> = cases.iter().map(|case| case.url.as_str()).collect();
    links.join("\n")
}
