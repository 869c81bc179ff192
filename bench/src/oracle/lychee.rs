//! lychee, through a proxy that is the farm itself: it knows no `--resolve`, and it never checks names ending in `.test`,
//! so its links name the first host otherwise.

use std::io::Write;

use anyhow::Context;
use hopline_testkit::oracle::{Answer, Corpus};
use serde_json::Value;
use tokio::process::Command;

use super::tool::{Answers, first_line, printed};

const NAME: &str = "http://a.test:";
const NAME_FOR_LYCHEE: &str = "http://a.oracle:";

pub(super) async fn version(path: &str) -> Option<String> {
    first_line(path, &["--version"]).await.map(|line| line.trim_start_matches("lychee ").to_owned())
}

pub(super) async fn answers(corpus: &Corpus, path: &str) -> anyhow::Result<Answers> {
    let (_, proxy) =
        corpus.static_names.first().and_then(|name| name.split_once(':')).context("read a name")?;
    let (port, address) = proxy.split_once(':').context("read an address")?;
    let mut list = tempfile::Builder::new().suffix(".txt").tempfile()?;
    for case in &corpus.cases {
        writeln!(list, "{}", case.url.replace(NAME, NAME_FOR_LYCHEE))?;
    }
    let mut command = Command::new(path);
    command.args([
        "--format",
        "json",
        "--no-progress",
        "-vv",
        "--max-retries",
        "0",
        "--host-request-interval",
        "1ms",
    ]);
    command.arg(list.path()).env("http_proxy", format!("http://{address}:{port}"));
    let said: Value = serde_json::from_str(&printed(command).await?).context("read lychee's report")?;
    let maps = ["success_map", "error_map", "timeout_map", "excluded_map"];
    let links = maps.iter().filter_map(|map| said[map].as_object()).flat_map(|map| map.values());
    Ok(links.filter_map(Value::as_array).flatten().filter_map(answer).collect())
}

/// A link with a status has an end: the last of its redirects, or itself.
fn answer(link: &Value) -> Option<(String, Answer)> {
    let asked = link["url"].as_str()?;
    let last = link["redirects"]["redirects"].as_array().and_then(|redirects| redirects.last());
    let ended = last.and_then(|redirect| redirect["url"].as_str()).unwrap_or(asked);
    let named = |url: &str| url.replace(NAME_FOR_LYCHEE, NAME);
    let answer = if link["status"]["code"].is_u64() { Answer::At(named(ended)) } else { Answer::Nowhere };
    Some((named(asked), answer))
}
