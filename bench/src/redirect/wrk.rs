//! One round of `wrk`, and what it printed.

use std::process::Command;

use anyhow::{Context, ensure};

use super::Round;

const SECONDS: &str = "5s";
/// Of a person's browser: clicks of bots would be no fair measure.
const USER_AGENT: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";

pub fn round(address: &str, slug: &str) -> anyhow::Result<Round> {
    let output = Command::new("wrk")
        .args(["--threads", "2", "--connections", "64", "--duration", SECONDS, "--latency"])
        .args(["--header", USER_AGENT, &format!("http://{address}/{slug}")])
        .output()
        .context("start wrk; install it (Debian: wrk)")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success() && !text.contains("Non-2xx"), "wrk: {text}");
    read(&text).with_context(|| format!("read what wrk printed: {text}"))
}

fn read(text: &str) -> Option<Round> {
    let after = |word: &str| text.split(word).nth(1)?.split_whitespace().next();
    let requests = text.split(" requests in ").next()?.split_whitespace().last()?.parse().ok()?;
    Some(Round {
        requests,
        requests_per_s: after("Requests/sec:")?.parse().ok()?,
        p50_ms: milliseconds(after("50%")?)?,
        p99_ms: milliseconds(after("99%")?)?,
    })
}

/// `412.00us`, `1.27ms`, `2.03s`.
fn milliseconds(text: &str) -> Option<f64> {
    let (number, scale) = [("us", 0.001), ("ms", 1.0), ("s", 1000.0)]
        .into_iter()
        .find_map(|(unit, scale)| text.strip_suffix(unit).map(|number| (number, scale)))?;
    Some(number.parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrk_is_understood() {
        let text = "Running 5s test\n  Latency Distribution\n     50%  412.00us\n     75%    0.90ms\n     99%    2.50ms\n  \
                    61234 requests in 5.00s, 9.1MB read\nRequests/sec:  12246.80\nTransfer/sec:  1.8MB\n";
        let round = read(text).unwrap();
        assert_eq!(round.requests, 61234);
        assert!((round.requests_per_s - 12_246.8).abs() < 0.01);
        assert!((round.p50_ms - 0.412).abs() < 1e-9 && (round.p99_ms - 2.5).abs() < 1e-9);
    }
}
