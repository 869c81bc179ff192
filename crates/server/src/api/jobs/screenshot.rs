//! `GET /v1/jobs/{job_id}/screenshot`: the picture a browser engine took of the last page, if one did.

use axum::extract::State;
use bytes::Bytes;
use hopline_domain::{id::JobId, job::Job, problem::ProblemCode};
use http::{HeaderValue, StatusCode, header};

use crate::{
    app::{App, AppState},
    auth::{AnyKey, Authorized},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

const PNG: HeaderValue = HeaderValue::from_static("image/png");

/// Get the screenshot of a job
///
/// The last page as the browser engine showed it, when the job was made with `screenshot: true`. Answers 404 with
/// `reason: not_finished` while the job runs, `reason: no_screenshot` when none was taken, and
/// `reason: screenshot_expired` when retention has ended.
#[utoipa::path(
    get, path = "/v1/jobs/{job_id}/screenshot", tag = "jobs", security(("bearer" = [])),
    params(("job_id" = String, Path, description = "As `POST /v1/resolve` answered it.")),
    responses((status = 200, description = "The picture.", body = Vec<u8>, content_type = "image/png")),
)]
pub(crate) async fn get_job_screenshot(
    State(app): State<AppState>,
    auth: Authorized<AnyKey>,
    PathId(id): PathId<JobId>,
) -> Result<Reply, Problem> {
    let view = app.parts.store.job_get(auth.caller(), id).await?.ok_or_else(|| Problem::not_found("job"))?;
    let picture = match view.job.screenshot {
        Some(digest) => app.parts.store.screenshot_get(digest).await?,
        None => None,
    };
    let picture = picture.ok_or_else(|| missing(&app, &view.job))?;
    Ok(Reply::bytes(StatusCode::OK, PNG, Bytes::from(picture))
        .header(header::CONTENT_DISPOSITION, format!("inline; filename=\"{id}.png\""))
        .header(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
}

fn missing(app: &App, job: &Job) -> Problem {
    let (reason, detail) = match (job.finished_at, job.screenshot) {
        (None, _) => ("not_finished", "the job has not finished yet".to_owned()),
        (Some(_), None) => ("no_screenshot", "no screenshot was taken".to_owned()),
        (Some(_), Some(_)) => {
            let kept_days = app.parts.limits.retention.screenshots;
            (
                "screenshot_expired",
                format!("screenshots are kept for {kept_days} days, and this has been removed"),
            )
        }
    };
    Problem::new(ProblemCode::NotFound, detail).reason(reason)
}
