//! Ids in paths. What can't be one of ours answers as what is not there: 404.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::{app::AppState, problem::Problem};

/// The one parameter of the path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathId<T>(pub(crate) T);

impl<T: FromStr + Send> FromRequestParts<AppState> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, app).await.ok();
        text.and_then(|Path(text)| text.parse().ok()).map(Self).ok_or_else(|| Problem::not_found("object"))
    }
}

/// The two parameters of the path, as text.
#[derive(Clone, Debug)]
pub(crate) struct PathPair(pub(crate) String, pub(crate) String);

impl FromRequestParts<AppState> for PathPair {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let pair = Path::<(String, String)>::from_request_parts(parts, app).await.ok();
        pair.map(|Path((first, second))| Self(first, second)).ok_or_else(|| Problem::not_found("object"))
    }
}
