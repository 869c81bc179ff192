//! The routes of the pages.

use axum::extract::State;
use bytes::Bytes;
use hopline_domain::problem::ProblemCode;
use http::{HeaderValue, StatusCode, header};

use crate::{app::AppState, extract::PathId, problem::Problem, reply::Reply};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Pages have no scripts and load nothing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

fn html(page: &Bytes) -> Reply {
    Reply::bytes(StatusCode::OK, HTML, page.clone()).header(header::CONTENT_SECURITY_POLICY, POLICY)
}

pub(crate) async fn landing(State(app): State<AppState>) -> Reply {
    html(&app.pages.landing)
}

pub(crate) async fn reference(State(app): State<AppState>) -> Reply {
    html(&app.pages.reference)
}

pub(crate) async fn problems(State(app): State<AppState>) -> Reply {
    html(&app.pages.problems)
}

pub(crate) async fn problem(
    State(app): State<AppState>,
    PathId(code): PathId<ProblemCode>,
) -> Result<Reply, Problem> {
    app.pages.problem.get(&code).map(html).ok_or_else(|| Problem::not_found("problem"))
}

pub(crate) async fn openapi(State(app): State<AppState>) -> Reply {
    Reply::bytes(StatusCode::OK, JSON, app.pages.openapi.clone())
}
