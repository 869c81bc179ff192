//! Answers that are no problems: JSON with a status and the headers that go with it.

use std::fmt;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hopline_domain::store::Paged;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A finished answer.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        Self::bytes(status, JSON, Bytes::from(serde_json::to_vec(body).unwrap_or_default()))
    }

    pub(crate) fn ok(body: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub(crate) fn bytes(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]);
        Self { status, headers, body }
    }

    pub(crate) fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// The answer to a repeated request whose thing was deleted since.
    pub(crate) fn gone(id: impl fmt::Display) -> Self {
        let body = Gone { id: id.to_string(), deleted: true };
        Self::json(StatusCode::CREATED, &body).replayed()
    }

    /// Sets a header; a value no header can carry is left out.
    pub(crate) fn header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.headers.insert(name, value);
        }
        self
    }

    /// Tells that the idempotency key was known.
    pub(crate) fn replayed(self) -> Self {
        self.header(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        *response.headers_mut() = self.headers;
        response
    }
}

/// What is left of a thing that a request made once.
#[derive(Debug, Serialize)]
struct Gone {
    id: String,
    deleted: bool,
}

/// One page of a list, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T: ToSchema> {
    pub(crate) data: Vec<T>,
    /// Give it as `?cursor=` for the next page; `null` on the last.
    pub(crate) next_cursor: Option<String>,
}

impl<T: ToSchema> List<T> {
    pub(crate) fn of<U>(paged: Paged<U>, item: impl FnMut(U) -> T) -> Self {
        let next_cursor = paged.next.map(|cursor| cursor.to_string());
        Self { data: paged.items.into_iter().map(item).collect(), next_cursor }
    }
}
