//! Deliveries to one fast receiver: end to end from accept, and from a filled queue, against a bare signing loop.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anyhow::{Context, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use tokio::{net::TcpStream, task::JoinSet};

use crate::{
    client::{Connection, resolve_request},
    farm, floor,
    hopline::{self, Hopline},
    output::{Goal, Report, median},
    receiver::{self, Arrivals},
    stopwatch::{Stopwatch, cpu_seconds},
};

const DELIVERIES: u64 = 10_000;
const ROUNDS: usize = 3;
const PATIENCE_S: f64 = 120.0;

/// Deliveries per second and CPU milliseconds per delivery.
#[derive(Clone, Copy)]
struct Figure {
    rate: f64,
    cpu_ms: f64,
}

pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Deliver: one fast receiver");
    let farm = farm::start().await?;
    for posters in [16, 64] {
        let (mut whole, mut queued, mut floors) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floors.push(floor_round(posters).await?);
            whole.push(from_accept(&farm, posters).await?);
            queued.push(from_queue(&farm, posters).await?);
        }
        let (whole, queued, bare) = (middle(&whole), middle(&queued), middle(&floors));
        Report::line(&format!("{posters} posters, medians of {ROUNDS}:"));
        Report::line(&format!(
            "  accept → resolve → deliver: {:.0}/s, {:.2} ms CPU each",
            whole.rate, whole.cpu_ms
        ));
        Report::line(&format!(
            "  deliver from a filled queue: {:.0}/s, {:.2} ms CPU each",
            queued.rate, queued.cpu_ms
        ));
        Report::line(&format!(
            "  bare loop (sign, POST, one row): {:.0}/s, {:.2} ms CPU each",
            bare.rate, bare.cpu_ms
        ));
        report.ratio(
            &format!("deliveries/s from a queue, {posters} posters"),
            queued.rate / bare.rate,
            Goal::AtLeast(0.5),
        );
        report.ratio(
            &format!("CPU per delivery from a queue, {posters} posters"),
            queued.cpu_ms / bare.cpu_ms,
            Goal::AtMost(2.0),
        );
        report.ratio(
            &format!("from accept to receiver, {posters} posters"),
            whole.rate / bare.rate,
            Goal::AtLeast(0.5),
        );
    }
    Ok(())
}

fn middle(figures: &[Figure]) -> Figure {
    let of = |pick: fn(&Figure) -> f64| median(figures.iter().map(pick).collect());
    Figure { rate: of(|figure| figure.rate), cpu_ms: of(|figure| figure.cpu_ms) }
}

/// Everything at once: accept, resolve one hop, deliver.
async fn from_accept(farm: &str, posters: u64) -> anyhow::Result<Figure> {
    let folder = tempfile::tempdir()?;
    let key = hopline::init(folder.path())?;
    let server = Hopline::start(folder.path(), "")?;
    let (arrivals, watch) = (Arrivals::default(), Stopwatch::start());
    let receiver = receiver::fast(Arc::clone(&arrivals), watch).await?;
    post_all(&server.address, &key, &Targets { farm, receiver: &receiver, posters }).await?;
    let seconds = wait_for(&arrivals, watch).await?;
    let figure = figure(seconds, cpu_seconds(&server.pid().to_string())?);
    server.stop()?;
    Ok(figure)
}

/// The queue is filled while nothing delivers; then the server starts again and delivers.
async fn from_queue(farm: &str, posters: u64) -> anyhow::Result<Figure> {
    let folder = tempfile::tempdir()?;
    let key = hopline::init(folder.path())?;
    let arrivals = Arrivals::default();
    let receiver = receiver::fast(Arc::clone(&arrivals), Stopwatch::start()).await?;
    let filling = Hopline::start(folder.path(), "[limits]\ndelivery_concurrency = 0\n")?;
    post_all(&filling.address, &key, &Targets { farm, receiver: &receiver, posters }).await?;
    wait_until_resolved(&filling.address, &key).await?;
    filling.stop()?;
    let watch = Stopwatch::start();
    let server = Hopline::start(folder.path(), "")?;
    let seconds = wait_for(&arrivals, watch).await?;
    let figure = figure(seconds, cpu_seconds(&server.pid().to_string())?);
    server.stop()?;
    Ok(figure)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn figure(seconds: f64, cpu_s: f64) -> Figure {
    Figure { rate: DELIVERIES as f64 / seconds, cpu_ms: cpu_s * 1_000.0 / DELIVERIES as f64 }
}

struct Targets<'a> {
    farm: &'a str,
    receiver: &'a str,
    posters: u64,
}

static NEXT: AtomicU64 = AtomicU64::new(0);

async fn post_all(address: &str, key: &str, targets: &Targets<'_>) -> anyhow::Result<()> {
    let mut posters = JoinSet::new();
    for poster in 0..targets.posters {
        let share = DELIVERIES / targets.posters + u64::from(poster < DELIVERIES % targets.posters);
        let (address, key) = (address.to_owned(), key.to_owned());
        let (farm, receiver) = (targets.farm.to_owned(), targets.receiver.to_owned());
        posters.spawn(async move {
            let mut connection = Connection::open(&address).await?;
            for _ in 0..share {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let body = format!(
                    r#"{{"url":"http://{farm}/chain/0?{number}","webhook_url":"http://{receiver}/hook"}}"#
                );
                let (status, answer) = connection.exchange(&resolve_request(&key, &body)).await?;
                ensure!(status == 202, "{status}: {}", String::from_utf8_lossy(&answer));
            }
            anyhow::Ok(())
        });
    }
    while let Some(poster) = posters.join_next().await {
        poster??;
    }
    Ok(())
}

async fn wait_for(arrivals: &Arrivals, watch: Stopwatch) -> anyhow::Result<f64> {
    while u64::try_from(arrivals.lock().await.len())? < DELIVERIES {
        ensure!(watch.seconds() < PATIENCE_S, "only {} deliveries arrived", arrivals.lock().await.len());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    Ok(watch.seconds())
}

/// Polls the account until no job is unfinished.
async fn wait_until_resolved(address: &str, key: &str) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    let request = format!("GET /v1/account HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n");
    let watch = Stopwatch::start();
    loop {
        let (_, answer) = connection.exchange(request.as_bytes()).await?;
        let account: serde_json::Value = serde_json::from_slice(&answer)?;
        if account["usage"]["jobs_unfinished"].as_u64().context("read usage.jobs_unfinished")? == 0 {
            return Ok(());
        }
        ensure!(watch.seconds() < PATIENCE_S, "jobs are still unfinished: {account}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

/// The floor runs as a process of its own, as the server does, so that the receiver's CPU is counted for neither.
async fn floor_round(posters: u64) -> anyhow::Result<Figure> {
    let (arrivals, watch) = (Arrivals::default(), Stopwatch::start());
    let receiver = receiver::fast(Arc::clone(&arrivals), watch).await?;
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    let output = command.args(["deliver-with-a-bare-loop", &receiver, &posters.to_string()]).output().await?;
    ensure!(output.status.success(), "the bare loop ended with {}", output.status);
    let told = String::from_utf8(output.stdout)?;
    let (seconds, cpu_s) = told.trim().split_once(' ').context("read the bare loop's figures")?;
    Ok(figure(seconds.parse()?, cpu_s.parse()?))
}

/// The floor: sign both ways, POST over keep-alive, group-commit one row each. Prints wall and CPU seconds.
pub async fn bare_loops(arguments: &[String]) -> anyhow::Result<()> {
    let [receiver, posters] = arguments else { bail!("give the receiver and the number of posters") };
    let posters: u64 = posters.parse()?;
    let folder = tempfile::tempdir()?;
    let writer = floor::start(folder.path())?;
    let watch = Stopwatch::start();
    let mut loops = JoinSet::new();
    for poster in 0..posters {
        let (writer, receiver) = (writer.clone(), receiver.clone());
        loops.spawn(async move { bare_loop(&receiver, &writer, poster, posters).await });
    }
    while let Some(done) = loops.join_next().await {
        done??;
    }
    Report::line(&format!("{} {}", watch.seconds(), cpu_seconds("self")?));
    Ok(())
}

async fn bare_loop(receiver: &str, writer: &floor::Writer, poster: u64, posters: u64) -> anyhow::Result<()> {
    let stream = TcpStream::connect(receiver).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    farm::background(async move { drop(connection.await) });
    for number in (poster..DELIVERIES).step_by(usize::try_from(posters)?) {
        let body = format!(
            r#"{{"event":"resolve.done","created_at":"2026-06-05T12:00:00.000Z","job_id":"{number:036}","status":"done","target_url":"https://example.com/landing/{number}","provider":"generic","tier":"standard","error":null,"credits_charged":1,"balance":1000000}}"#
        );
        let request = Request::post("/hook")
            .header("host", receiver)
            .header("content-type", "application/json")
            .header("x-hopline-signature", format!("t=1,v1={}", hex(&mac(&format!("1.{body}")))))
            .header("webhook-id", number.to_string())
            .header("webhook-timestamp", "1")
            .header(
                "webhook-signature",
                format!("v1,{}", STANDARD.encode(mac(&format!("{number}.1.{body}")))),
            )
            .body(Full::new(Bytes::from(body)))?;
        let answer = sender.send_request(request).await?;
        ensure!(answer.status().is_success(), "the receiver answered {}", answer.status());
        answer.into_body().collect().await?;
        floor::write(writer, floor::Write::Delivered { id: i64::try_from(number)? }).await?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn mac(text: &str) -> [u8; 32] {
    // Invariant: HMAC takes keys of any length.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_0123456789").expect("any key length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}
