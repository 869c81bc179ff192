//! `GET /v1/jobs/{job_id}`: one job of the caller's key family.

use axum::extract::State;
use hopline_domain::id::JobId;
use http::header;

use super::view::{JobBody, version};
use crate::{
    app::AppState,
    auth::{AnyKey, Authorized},
    etag::ETag,
    extract::PathId,
    problem::Problem,
    reply::Reply,
};

/// Get a job
///
/// Answers 200 in every state: a job that failed is an answer, not an error. Needs any valid key of the family that made it.
#[utoipa::path(
    get, path = "/v1/jobs/{job_id}", tag = "jobs", security(("bearer" = [])),
    params(("job_id" = String, Path, description = "As `POST /v1/resolve` answered it.")),
    responses((status = 200, description = "The job.", body = JobBody)),
)]
pub(crate) async fn get_job(
    State(app): State<AppState>,
    auth: Authorized<AnyKey>,
    PathId(id): PathId<JobId>,
) -> Result<Reply, Problem> {
    let view = app.parts.store.job_get(auth.caller(), id).await?.ok_or_else(|| Problem::not_found("job"))?;
    let etag = ETag::of(&version(&view.job, view.balance));
    Ok(Reply::ok(&JobBody::of(view)).header(header::ETAG, etag))
}
