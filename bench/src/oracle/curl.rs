//! `curl -L`: an error of any kind is no destination, an answer it stops at is one.

use hopline_testkit::oracle::{Answer, Corpus};
use tokio::process::Command;

use super::tool::{Answers, first_line, printed};

const TIMEOUT_S: &str = "20";

pub(super) async fn version() -> Option<String> {
    let line = first_line("curl", &["--version"]).await?;
    line.split_whitespace().nth(1).map(str::to_owned)
}

pub(super) async fn answers(corpus: &Corpus) -> anyhow::Result<Answers> {
    let mut answers = Answers::new();
    for case in &corpus.cases {
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--location",
            "--compressed",
            "--cookie",
            "",
            "--max-time",
            TIMEOUT_S,
            "--noproxy",
            "*",
        ]);
        command.args(["--output", "/dev/null", "--write-out", "%{exitcode} %{url_effective}"]);
        command.args(corpus.static_names.iter().flat_map(|name| ["--resolve", name])).arg(&case.url);
        let said = printed(command).await?;
        let place = said.strip_prefix("0 ").map(|url| Answer::At(url.to_owned()));
        answers.insert(case.url.clone(), place.unwrap_or(Answer::Nowhere));
    }
    Ok(answers)
}
