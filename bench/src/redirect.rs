//! Redirects with their clicks in the journal before the answer, against nginx with an access log and a bare axum from a map.

mod click_count;
mod nginx;
mod plain_axum;
mod wrk;

use anyhow::Context;
use serde_json::{Value, json};

use crate::{
    client::{Connection, request},
    hopline::{self, Hopline},
    output::{Goal, Report, median},
};

pub use plain_axum::serve as serve_from_a_map;

const ROUNDS: usize = 3;
const SLUG: &str = "bench";
const DESTINATION: &str = "https://example.com/offers/spring?from=bench";

/// What one round of one server came to.
#[derive(Clone, Copy, Debug)]
struct Round {
    requests: u64,
    requests_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
}

pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Redirect: GET of one short link, wrk with 2 threads and 64 connections");
    let folder = tempfile::tempdir()?;
    let key = hopline::init(folder.path())?;
    let ours = Hopline::start(folder.path(), "")?;
    let link = create_link(&ours.address, &key).await?;
    let nginx = nginx::Nginx::start(DESTINATION)?;
    let plain = plain_axum::PlainAxum::start()?;
    let (mut our_rounds, mut nginx_rounds, mut plain_rounds) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        nginx_rounds.push(wrk::round(&nginx.address, SLUG)?);
        our_rounds.push(wrk::round(&ours.address, SLUG)?);
        plain_rounds.push(wrk::round(&plain.address, SLUG)?);
    }
    print("hopline, click journalled", &our_rounds);
    print("nginx return 302, access log, 2 workers", &nginx_rounds);
    print("bare axum from a map", &plain_rounds);
    let rate = |rounds: &[Round]| median(rounds.iter().map(|round| round.requests_per_s).collect());
    let p99 = |rounds: &[Round]| median(rounds.iter().map(|round| round.p99_ms).collect());
    let answered = our_rounds.iter().map(|round| round.requests).sum();
    click_count::compare(&ours.address, &key, &link, answered).await?;
    report.ratio(
        "redirects against nginx with a log",
        rate(&our_rounds) / rate(&nginx_rounds),
        Goal::AtLeast(0.75),
    );
    report.ratio("p99 of redirects against nginx", p99(&our_rounds) / p99(&nginx_rounds), Goal::AtMost(1.0));
    Report::line(&format!("- redirects against bare axum: {:.2} ×", rate(&our_rounds) / rate(&plain_rounds)));
    ours.stop()
}

fn print(name: &str, rounds: &[Round]) {
    let median_of = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
    Report::line(&format!(
        "{name}: {:.0} requests/s, p50 {:.2} ms, p99 {:.2} ms (medians of {ROUNDS})",
        median_of(|round| round.requests_per_s),
        median_of(|round| round.p50_ms),
        median_of(|round| round.p99_ms),
    ));
}

/// Answers the link's id.
async fn create_link(address: &str, key: &str) -> anyhow::Result<String> {
    let body = json!({"url": DESTINATION, "slug": SLUG}).to_string();
    let made = call(address, &request("POST", "/v1/links", key, &body)).await?;
    Ok(made["id"].as_str().with_context(|| format!("read the link: {made}"))?.to_owned())
}

async fn call(address: &str, request: &[u8]) -> anyhow::Result<Value> {
    let (status, answer) = Connection::open(address).await?.exchange(request).await?;
    anyhow::ensure!((200..300).contains(&status), "{status}: {}", String::from_utf8_lossy(&answer));
    Ok(serde_json::from_slice(&answer)?)
}
