//! Whether each answered redirect became a click, and how long the last of them took to be counted.

use anyhow::ensure;
use tokio::time::{Duration, sleep};

use super::call;
use crate::{client::request, output::Report, stopwatch::Stopwatch};

/// Requests that were under way when `wrk` stopped: a click is journalled before its answer, which nobody read.
const UNREAD_MAX: u64 = 3 * 64;
const WAIT_S_MAX: f64 = 30.0;
const LOOK_AGAIN_MS: u64 = 20;

pub async fn compare(address: &str, key: &str, link: &str, answered: u64) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    let ask = request("GET", &format!("/v1/links/{link}"), key, "");
    loop {
        let clicks = call(address, &ask).await?["clicks"].as_u64().unwrap_or(0);
        if clicks >= answered {
            ensure!(clicks <= answered + UNREAD_MAX, "{clicks} clicks of {answered} answered redirects");
            let waited = watch.seconds();
            Report::line(&format!(
                "{answered} answered, {clicks} clicks counted {waited:.2} s after the last answer"
            ));
            return Ok(());
        }
        ensure!(watch.seconds() < WAIT_S_MAX, "only {clicks} of {answered} answered redirects were counted");
        sleep(Duration::from_millis(LOOK_AGAIN_MS)).await;
    }
}
