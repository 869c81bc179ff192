//! Whether the process lives, whether it should get requests, and what it measures.

use std::time::Duration;

use axum::extract::State;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::{
    app::{App, AppState},
    parts::{ReadinessCheck, ReadinessReport, ReadinessState},
    problem::Problem,
    reply::Reply,
};

/// A store that does not answer for so long is not ready.
const PROBE_MAX: Duration = Duration::from_secs(2);
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const PROMETHEUS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// `GET /healthz`: the process runs.
pub(crate) async fn healthz() -> Reply {
    fine()
}

/// `GET /readyz` for the public: a status and nothing else.
pub(crate) async fn readyz(State(app): State<AppState>) -> Result<Reply, Problem> {
    if report(&app).await.is_ready() { Ok(fine()) } else { Err(not_ready()) }
}

/// `GET /readyz` on the admin listener: with the reasons.
pub(crate) async fn readyz_detailed(State(app): State<AppState>) -> Result<Reply, Problem> {
    let report = report(&app).await;
    if report.is_ready() {
        Ok(Reply::ok(&report))
    } else {
        Err(not_ready().member("checks", json!(report.checks)))
    }
}

/// `GET /metrics` on the admin listener.
pub(crate) async fn metrics(State(app): State<AppState>) -> Reply {
    Reply::bytes(StatusCode::OK, PROMETHEUS, Bytes::from((app.parts.metrics_render)()))
}

fn fine() -> Reply {
    Reply::bytes(StatusCode::OK, TEXT, Bytes::from_static(b"ok\n"))
}

fn not_ready() -> Problem {
    Problem::store_unavailable("this server should get no requests at the moment").reason("not_ready")
}

/// The rest of the process, the store and the disk, in one report.
async fn report(app: &App) -> ReadinessReport {
    let mut report = app.parts.readiness.report();
    report.checks.push(store_check(app).await);
    report.checks.push(disk_check(app));
    report
}

async fn store_check(app: &App) -> ReadinessCheck {
    let probe = async {
        let _turn = app.probe.lock().await;
        app.parts.store.store_probe(app.now()).await
    };
    let detail = match tokio::time::timeout(PROBE_MAX, probe).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("failed to {error}")),
        Err(_) => Some(format!("no answer within {} s", PROBE_MAX.as_secs())),
    };
    let state = if detail.is_none() { ReadinessState::Ok } else { ReadinessState::Failed };
    ReadinessCheck { name: "store".to_owned(), state, detail }
}

/// A nearly full disk refuses creating calls, but reads go on: degraded, not failed.
fn disk_check(app: &App) -> ReadinessCheck {
    let (free, least) = (app.parts.storage_gate.free_bytes(), app.parts.limits.min_free_bytes);
    let state = match free {
        Some(free) if free < least => ReadinessState::Degraded,
        _ => ReadinessState::Ok,
    };
    let detail = free.map(|free| format!("{free} bytes free; creating calls are refused below {least}"));
    ReadinessCheck { name: "disk".to_owned(), state, detail }
}
