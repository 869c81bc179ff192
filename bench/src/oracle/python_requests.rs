//! Python requests, by a few lines of Python that follow a list.

use std::process::Stdio;

use anyhow::Context;
use hopline_testkit::oracle::{Answer, Corpus};
use tokio::{io::AsyncWriteExt, process::Command};

use super::tool::{Answers, RUN_MAX, first_line};

const PROGRAM: &str = include_str!("follow.py");

pub(super) async fn version() -> Option<String> {
    first_line("python3", &["-c", "import requests; print(requests.__version__)"]).await
}

pub(super) async fn answers(corpus: &Corpus) -> anyhow::Result<Answers> {
    let names: Vec<&str> = corpus.static_names.iter().filter_map(|name| name.split(':').next()).collect();
    let mut command = Command::new("python3");
    command.arg("-c").arg(PROGRAM).arg(names.join(",")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn()?;
    let links: Vec<&str> = corpus.cases.iter().map(|case| case.url.as_str()).collect();
    let mut stdin = child.stdin.take().context("reach the program's stdin")?;
    stdin.write_all(links.join("\n").as_bytes()).await?;
    drop(stdin);
    let output =
        tokio::time::timeout(RUN_MAX, child.wait_with_output()).await.context("wait for requests")??;
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.lines().filter_map(|line| line.split_once('\t')).map(answer).collect())
}

fn answer((link, ended): (&str, &str)) -> (String, Answer) {
    let answer = if ended.is_empty() { Answer::Nowhere } else { Answer::At(ended.to_owned()) };
    (link.to_owned(), answer)
}
