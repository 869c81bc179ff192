//! `GET /v1/jobs/{job_id}/screenshot`: the picture a browser engine took of the last page, if one did.

use axum::extract::State;
use hopline_domain::{id::JobId, problem::ProblemCode};

use crate::{
    app::AppState,
    auth::{AnyKey, Authorized},
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Get the screenshot of a job
///
/// Screenshots are taken by the browser engine, which this server does not have: a job that exists answers 404 with
/// `reason: no_screenshot`.
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
    let detail = format!("no screenshot was taken of job {}", view.job.id);
    Err(Problem::new(ProblemCode::NotFound, detail).reason("no_screenshot"))
}
