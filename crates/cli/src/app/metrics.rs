//! The process's metrics: one recorder, rendered as Prometheus text on the admin listener.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::lifecycle::Lifecycle;

/// Seconds; from a store call to a chain that uses its whole budget.
const BUCKETS_S: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];
/// Samples wait in memory until they are folded into their buckets.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Metrics as Prometheus text.
pub(super) type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// Installs the recorder, once a process, and keeps its memory bounded.
pub(super) fn start(lifecycle: &Lifecycle) -> Result<Render> {
    let handle = recorder()?;
    let upkeep = handle.clone();
    let stop = lifecycle.stop.clone();
    lifecycle.tracker.spawn(async move {
        while stop.run_until_cancelled(tokio::time::sleep(UPKEEP_INTERVAL)).await.is_some() {
            upkeep.run_upkeep();
        }
    });
    Ok(Arc::new(move || handle.render()))
}

/// Several servers in one process (tests) share one recorder: the facade knows only one.
fn recorder() -> Result<PrometheusHandle> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| install().map_err(|error| format!("{error:#}")));
    handle.clone().map_err(|error| anyhow!(error).context("set up the metrics"))
}

fn install() -> Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS_S)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).context("another recorder is installed")?;
    Ok(handle)
}
