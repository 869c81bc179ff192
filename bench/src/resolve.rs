//! Resolving 10,000 links of 5 hops on a local keep-alive farm, evidence on, against curl and a minimal reqwest program.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::{Context, ensure};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    farm, hopline,
    output::{Goal, Report, median},
    stopwatch::Stopwatch,
};

const LINKS: usize = 10_000;
const HOPS: usize = 5;
const IN_FLIGHT: usize = 64;
const ROUNDS: usize = 3;

pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Resolve: 10,000 links × 5 hops, 64 in flight");
    let farm = farm::start().await?;
    let folder = tempfile::tempdir()?;
    write_lists(folder.path(), &farm)?;
    let (mut ours, mut curls, mut reqwests) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        curls.push(rate(curl(folder.path())).await?);
        ours.push(rate(ours_command(folder.path())?).await?);
        reqwests.push(rate(reqwest_command(folder.path())?).await?);
    }
    let (ours, curl, reqwest) = (median(ours), median(curls), median(reqwests));
    Report::line(&format!(
        "hopline {ours:.0} links/s; curl {curl:.0}; minimal reqwest without evidence {reqwest:.0} (medians of {ROUNDS})"
    ));
    report.ratio("resolve against curl -L --parallel", ours / curl, Goal::AtLeast(1.3));
    report.ratio("resolve against a minimal reqwest program", ours / reqwest, Goal::AtLeast(0.8));
    Ok(())
}

fn write_lists(folder: &Path, farm: &str) -> anyhow::Result<()> {
    let url = |number: usize| format!("http://{farm}/chain/{HOPS}?{number}");
    let plain: String = (0..LINKS).map(|number| url(number) + "\n").collect();
    std::fs::write(folder.join("links.txt"), plain)?;
    let curl: Vec<_> =
        (0..LINKS).map(|number| format!("url = \"{}\"\noutput = \"/dev/null\"", url(number))).collect();
    std::fs::write(folder.join("links.curl"), curl.join("\n"))?;
    Ok(())
}

fn curl(folder: &Path) -> Command {
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--location",
        "--parallel",
        "--parallel-max",
        &IN_FLIGHT.to_string(),
        "--config",
    ]);
    command.arg(folder.join("links.curl"));
    command
}

fn ours_command(folder: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(hopline::binary()?);
    command.args([
        "resolve",
        "--json",
        "--allow-net",
        "127.0.0.0/8",
        "--concurrency",
        &IN_FLIGHT.to_string(),
        "--per-host-max",
        &IN_FLIGHT.to_string(),
        "-f",
    ]);
    command.arg(folder.join("links.txt"));
    Ok(command)
}

fn reqwest_command(folder: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("follow-with-reqwest").arg(folder.join("links.txt"));
    Ok(command)
}

/// Links per second of one program from start to end.
async fn rate(command: Command) -> anyhow::Result<f64> {
    let mut command = tokio::process::Command::from(command);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let watch = Stopwatch::start();
    let status = command.status().await?;
    ensure!(status.success(), "a program of the comparison ended with {status}");
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = LINKS as f64 / watch.seconds();
    Ok(rate)
}

/// The peer: reqwest's client without evidence, following by hand.
pub async fn follow_with_reqwest(arguments: &[String]) -> anyhow::Result<()> {
    let list = std::fs::read_to_string(arguments.first().context("give the list of links")?)?;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
    let permits = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut tasks = JoinSet::new();
    for link in list.lines() {
        let (client, permits, link) = (client.clone(), Arc::clone(&permits), link.to_owned());
        let permit = permits.acquire_owned().await?;
        tasks.spawn(async move {
            let ended = follow(&client, &link).await;
            drop(permit);
            ended
        });
        while let Some(done) = tasks.try_join_next() {
            done??;
        }
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn follow(client: &reqwest::Client, link: &str) -> anyhow::Result<()> {
    let mut url = reqwest::Url::parse(link)?;
    loop {
        let answer = client.get(url.clone()).send().await?;
        let next =
            answer.headers().get("location").map(|value| value.to_str().map(str::to_owned)).transpose()?;
        answer.bytes().await?;
        match next {
            Some(location) => url = url.join(&location)?,
            None => return Ok(()),
        }
    }
}
