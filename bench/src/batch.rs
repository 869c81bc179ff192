//! Memory of a long batch: 100,000 links must not take more than 10,000, because nothing is kept of what is printed.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::ensure;

use crate::{
    farm, hopline,
    output::{Goal, Report, median},
    stopwatch::{Stopwatch, resident_mib},
};

const LINKS_SHORT: usize = 10_000;
const LINKS_LONG: usize = 100_000;
const HOPS: usize = 2;
const IN_FLIGHT: &str = "64";
const ROUNDS: usize = 3;
/// Between two looks at the memory of the program.
const LOOK_MS: u64 = 20;

pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Batch: memory of 100,000 links against 10,000, evidence on");
    let farm = farm::start().await?;
    let folder = tempfile::tempdir()?;
    let (mut short, mut long, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        short.push(peak(folder.path(), &farm, LINKS_SHORT).await?.mib);
        let run = peak(folder.path(), &farm, LINKS_LONG).await?;
        long.push(run.mib);
        rates.push(run.links_per_second);
    }
    let (short, long, rate) = (median(short), median(long), median(rates));
    Report::line(&format!(
        "peak {short:.1} MiB for {LINKS_SHORT} links, {long:.1} MiB for {LINKS_LONG}; {rate:.0} links/s of {HOPS} hops (medians of {ROUNDS})"
    ));
    report.ratio("memory of 100,000 links against 10,000", long / short, Goal::AtMost(1.2));
    report.ratio("memory of the batch against 40 MiB", long / 40.0, Goal::AtMost(1.0));
    Ok(())
}

struct Run {
    mib: f64,
    links_per_second: f64,
}

/// Follows `links` links and watches how large the program gets.
async fn peak(folder: &Path, farm: &str, links: usize) -> anyhow::Result<Run> {
    let list: Vec<String> = (0..links).map(|number| format!("http://{farm}/chain/{HOPS}?{number}")).collect();
    std::fs::write(folder.join("links.txt"), list.join("\n"))?;
    let output = folder.join("results.jsonl");
    let _ = std::fs::remove_file(&output);
    let watch = Stopwatch::start();
    let mut child = start(folder, &output)?;
    let (mut mib, pid) = (0.0_f64, child.id());
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // The program may end between the two looks.
        mib = mib.max(resident_mib(pid).unwrap_or(0.0));
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    };
    ensure!(status.success(), "hopline resolve ended with {status}");
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let links_per_second = links as f64 / watch.seconds();
    Ok(Run { mib, links_per_second })
}

fn start(folder: &Path, output: &Path) -> anyhow::Result<Child> {
    let mut command = Command::new(hopline::binary()?);
    command.args([
        "resolve",
        "--allow-net",
        "127.0.0.0/8",
        "--concurrency",
        IN_FLIGHT,
        "--per-host-max",
        IN_FLIGHT,
    ]);
    command.arg("-f").arg(folder.join("links.txt")).arg("--output").arg(output);
    Ok(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
}
