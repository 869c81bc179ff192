//! What the HTTP face counts; names and labels in one place.

use http::{Method, StatusCode};

const MILLISECONDS_PER_SECOND: f64 = 1_000.0;

/// One answer, by route template: never by path, whose values are without number.
pub(crate) fn answered(method: &Method, route: &str, status: StatusCode, duration_ms: i64) {
    let seconds = f64::from(i32::try_from(duration_ms.max(0)).unwrap_or(i32::MAX)) / MILLISECONDS_PER_SECOND;
    metrics::histogram!(
        "hopline_http_request_duration_seconds",
        "method" => method_label(method), "route" => route.to_owned(), "status" => status_label(status)
    )
    .record(seconds);
}

/// Methods are the caller's choice; unknown ones share a label.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn status_label(status: StatusCode) -> String {
    status.as_str().to_owned()
}
