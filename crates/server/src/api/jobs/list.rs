//! `GET /v1/jobs`: the jobs of the caller's key family.

use axum::extract::State;

use super::view::JobBody;
use crate::{
    app::AppState,
    auth::{AnyKey, Authorized},
    extract::{ListQuery, PageQuery},
    problem::Problem,
    reply::{List, Reply},
};

/// List jobs
///
/// The jobs of the calling key's family, newest first.
#[utoipa::path(
    get, path = "/v1/jobs", tag = "jobs", security(("bearer" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, 50 if left out."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "One page.", body = List<JobBody>)),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn list_jobs(
    State(app): State<AppState>,
    auth: Authorized<AnyKey>,
    ListQuery(PageQuery(page)): ListQuery<PageQuery>,
) -> Result<Reply, Problem> {
    let jobs = app.parts.store.job_list(auth.caller(), page).await?;
    Ok(Reply::ok(&List::of(jobs, JobBody::of)))
}
