//! Accuracy: every recorded case answered by hopline and by other programs, each judged by what Chromium did.
//!
//! `cargo xtask oracle` builds everything, runs this and keeps the page it prints as `docs/accuracy.md`.

mod curl;
mod lychee;
mod ours;
mod page;
mod python_requests;
mod reqwest_following;
mod tool;

use anyhow::Context;
use hopline_testkit::{LinkFarm, oracle::Corpus};

use self::tool::{Outcome, Score, Tool};
use crate::output::Report;

/// Answers, scores and writes the page. `arguments`: where to write it, then perhaps `--lychee PATH`.
pub async fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (path, options) = arguments.split_first().context("say where to write the page")?;
    let lychee = options.iter().skip_while(|word| *word != "--lychee").nth(1).cloned();
    let farm = LinkFarm::start().await;
    let corpora = [Corpus::given(&farm), Corpus::more(&farm)];
    let mut outcomes = Vec::new();
    for tool in tools(lychee) {
        Report::line(&format!("asking {}", tool.name()));
        outcomes.push(outcome(tool, &corpora).await?);
    }
    std::fs::write(path, page::page(&corpora, &outcomes)).with_context(|| format!("write {path}"))
}

fn tools(lychee: Option<String>) -> Vec<Tool> {
    let lychee = lychee.unwrap_or_else(|| "lychee".to_owned());
    vec![
        Tool::HoplineAlone,
        Tool::HoplineInBrowser,
        Tool::Curl,
        Tool::Reqwest,
        Tool::Requests,
        Tool::Lychee(lychee),
    ]
}

/// A program that is not installed is named as missing; one that fails otherwise ends the run.
async fn outcome(tool: Tool, corpora: &[Corpus]) -> anyhow::Result<Outcome> {
    let Some(version) = tool.version().await else { return Ok(Outcome::Missing(tool.name())) };
    let mut scores = Vec::new();
    for corpus in corpora {
        let answers = tool.answers(corpus).await.with_context(|| format!("ask {}", tool.name()))?;
        scores.push(Score::of(corpus, &answers));
    }
    Ok(Outcome::Measured { name: tool.name(), version, scores })
}
