//! Isolation: latency of deliveries to 100 healthy receivers, alone and beside one that hangs at 100 events/s.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context, ensure};

use crate::{
    client::{Connection, resolve_request},
    farm,
    hopline::{self, Hopline},
    output::{Goal, Report, median, percentile},
    receiver::{self, Arrivals},
    stopwatch::Stopwatch,
};

const HEALTHY: usize = 100;
const SECONDS: u64 = 10;
const PER_SECOND: u64 = 100;
const ROUNDS: usize = 3;

pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Isolate: 100 healthy receivers, with and without one that hangs");
    let farm = farm::start().await?;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(round(&farm, None).await?);
        let hanging = receiver::hanging().await?;
        beside.push(round(&farm, Some(&hanging)).await?);
    }
    let p99 =
        |rounds: &[Vec<f64>]| median(rounds.iter().map(|round| percentile(round.clone(), 0.99)).collect());
    let p50 =
        |rounds: &[Vec<f64>]| median(rounds.iter().map(|round| percentile(round.clone(), 0.50)).collect());
    Report::line(&format!("alone: p50 {:.1} ms, p99 {:.1} ms", p50(&alone) * 1e3, p99(&alone) * 1e3));
    Report::line(&format!(
        "beside a hanging one: p50 {:.1} ms, p99 {:.1} ms",
        p50(&beside) * 1e3,
        p99(&beside) * 1e3
    ));
    report.ratio("p99 from accept to healthy receiver", p99(&beside) / p99(&alone), Goal::AtMost(1.2));
    Ok(())
}

/// 100 events/s spread over the healthy receivers, and as many to the hanging one if there is one; answers latencies in seconds.
async fn round(farm: &str, hanging: Option<&str>) -> anyhow::Result<Vec<f64>> {
    let folder = tempfile::tempdir()?;
    let key = hopline::init(folder.path())?;
    let server = Hopline::start(folder.path(), "")?;
    let (arrivals, watch) = (Arrivals::default(), Stopwatch::start());
    let mut receivers = Vec::new();
    for _ in 0..HEALTHY {
        receivers.push(receiver::fast(Arc::clone(&arrivals), watch).await?);
    }
    let mut connection = Connection::open(&server.address).await?;
    let mut sent = HashMap::new();
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / PER_SECOND));
    for number in 0..SECONDS * PER_SECOND {
        ticks.tick().await;
        let receiver = &receivers[usize::try_from(number)? % HEALTHY];
        let at = watch.seconds();
        let job = post(&mut connection, &key, &format!("http://{farm}/chain/0?{number}"), receiver).await?;
        sent.insert(job, at);
        if let Some(hanging) = hanging {
            post(&mut connection, &key, &format!("http://{farm}/chain/0?h{number}"), hanging).await?;
        }
    }
    let patience = Stopwatch::start();
    while arrivals.lock().await.len() < sent.len() {
        ensure!(patience.seconds() < 30.0, "only {} of {} arrived", arrivals.lock().await.len(), sent.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.stop()?;
    let arrivals = arrivals.lock().await;
    sent.iter().map(|(job, at)| Ok(arrivals.get(job).context("a delivery is missing")? - at)).collect()
}

async fn post(connection: &mut Connection, key: &str, url: &str, receiver: &str) -> anyhow::Result<String> {
    let body = format!(r#"{{"url":"{url}","webhook_url":"http://{receiver}/hook"}}"#);
    let (status, answer) = connection.exchange(&resolve_request(key, &body)).await?;
    ensure!(status == 202, "{status}: {}", String::from_utf8_lossy(&answer));
    Ok(receiver::job_of(&String::from_utf8(answer)?).context("read the job id")?.to_owned())
}
