//! Accepting jobs by bearer key, durable, 64 callers, against a bare group-commit loop writing the same rows.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::ensure;
use tokio::task::JoinSet;

use crate::{
    client::{Connection, resolve_request},
    floor,
    hopline::{self, Hopline},
    output::{Goal, Report, median},
    stopwatch::Stopwatch,
};

const CALLERS: u64 = 64;
const CALLS: u64 = 20_000;
const ROUNDS: usize = 3;

static NEXT: AtomicU64 = AtomicU64::new(0);

pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Accept: POST /v1/resolve, 64 callers, durable before the answer");
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        floors.push(floor_round().await?);
        ours.push(our_round().await?);
    }
    let (ours, floor) = (median(ours), median(floors));
    Report::line(&format!(
        "hopline {ours:.0} accepts/s; bare group-commit loop {floor:.0} rows/s (medians of {ROUNDS})"
    ));
    report.ratio("job accept against the bare loop", ours / floor, Goal::AtLeast(0.6));
    Ok(())
}

/// The server with its resolver switched off, so that only accepting is measured.
async fn our_round() -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let key = hopline::init(folder.path())?;
    let server = Hopline::start(folder.path(), "[limits]\nresolve_concurrency = 0\n")?;
    let watch = Stopwatch::start();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (address, key) = (server.address.clone(), key.clone());
        callers.spawn(async move { call(&address, &key).await });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = CALLS as f64 / watch.seconds();
    server.stop()?;
    Ok(rate)
}

async fn call(address: &str, key: &str) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    for _ in 0..CALLS / CALLERS {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"url":"https://example.com/offers/{number}"}}"#);
        let (status, answer) = connection.exchange(&resolve_request(key, &body)).await?;
        ensure!(status == 202, "{status}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

async fn floor_round() -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let writer = floor::start(folder.path())?;
    let watch = Stopwatch::start();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let writer = writer.clone();
        callers.spawn(async move {
            for _ in 0..CALLS / CALLERS {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                // Time-ordered like ours.
                let id = u128::from(number).to_be_bytes();
                floor::write(
                    &writer,
                    floor::Write::Accept { id, url: format!("https://example.com/offers/{number}") },
                )
                .await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = CALLS as f64 / watch.seconds();
    Ok(rate)
}
