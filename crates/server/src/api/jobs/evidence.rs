//! `GET /v1/jobs/{job_id}/evidence`: the whole chain, as it was kept or as HAR.

use axum::extract::State;
use bytes::Bytes;
use hopline_domain::{chain::Chain, har, id::JobId, job::Job, problem::ProblemCode};
use http::{HeaderValue, StatusCode, header};

use crate::{
    app::{App, AppState},
    auth::{AnyKey, Authorized},
    extract::{FromQuery, ListQuery, PathId, QueryReader},
    problem::Problem,
    reply::Reply,
};

/// How the chain is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// The chain document `hopline.chain/1`.
    #[default]
    Json,
    /// HAR 1.2.
    Har,
}

impl FromQuery for Format {
    fn read(query: &mut QueryReader) -> Self {
        let word = |text: &str| match text {
            "json" => Some(Self::Json),
            "har" => Some(Self::Har),
            _ => None,
        };
        query.parameter("format", "give json or har", word).unwrap_or_default()
    }
}

/// Get the evidence of a job
///
/// Every hop with status, headers, address, TLS, cookies and timings, as the document `hopline.chain/1`; `?format=har` gives
/// HAR 1.2, which browsers' developer tools open. Answers 404 with `reason: not_finished` while the job runs and
/// `reason: evidence_expired` when retention has ended.
#[utoipa::path(
    get, path = "/v1/jobs/{job_id}/evidence", tag = "jobs", security(("bearer" = [])),
    params(
        ("job_id" = String, Path, description = "As `POST /v1/resolve` answered it."),
        ("format" = Option<String>, Query, description = "`json` (if left out) or `har`."),
    ),
    responses((status = 200, description = "The chain.", body = Object, content_type = "application/json",
        example = json!({"schema": "hopline.chain/1", "url": "http://go.example/a", "final_url": "https://shop.example/x", "status": "done",
            "hops": [{"index": 0, "url": "http://go.example/a", "kind": "start", "status": 302, "location": "https://shop.example/x"},
                     {"index": 1, "url": "https://shop.example/x", "kind": "http_redirect", "status": 200}]}))),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn get_job_evidence(
    State(app): State<AppState>,
    auth: Authorized<AnyKey>,
    PathId(id): PathId<JobId>,
    ListQuery(format): ListQuery<Format>,
) -> Result<Reply, Problem> {
    let view = app.parts.store.job_get(auth.caller(), id).await?.ok_or_else(|| Problem::not_found("job"))?;
    let document = match view.job.evidence {
        Some(digest) => app.parts.store.evidence_get(digest).await?,
        None => None,
    };
    let document = document.ok_or_else(|| missing(&app, &view.job))?;
    match format {
        Format::Json => Ok(Reply::bytes(
            StatusCode::OK,
            HeaderValue::from_static("application/json"),
            Bytes::from(document),
        )),
        Format::Har => har_of(&app, id, &document),
    }
}

fn missing(app: &App, job: &Job) -> Problem {
    let Some(finished_at) = job.finished_at else {
        return Problem::new(ProblemCode::NotFound, "the job has not finished yet").reason("not_finished");
    };
    let kept_days = app.parts.limits.retention.evidence;
    if job.evidence.is_none()
        && app.now().since_ms(finished_at) < i64::from(kept_days) * hopline_domain::time::DAY_MS
    {
        return Problem::new(ProblemCode::NotFound, "the job ended before anything was asked")
            .reason("no_evidence");
    }
    let detail = format!("evidence is kept for {kept_days} days, and this has been removed");
    Problem::new(ProblemCode::NotFound, detail).reason("evidence_expired")
}

fn har_of(app: &App, id: JobId, document: &[u8]) -> Result<Reply, Problem> {
    let chain: Chain = serde_json::from_slice(document).map_err(|error| {
        tracing::error!(%error, job_id = %id, "a stored chain can't be read");
        Problem::internal()
    })?;
    let archive = har::archive(&[&chain], app.parts.version);
    Ok(Reply::ok(&archive).header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.har\"")))
}
