//! Reading a body within its bounds of size and time, and only when it says it is JSON.

use std::time::Duration;

use axum::body::{Body, Bytes};
use bytes::BytesMut;
use hopline_domain::{
    limits::{BODY_BYTES_MAX, BULK_BODY_BYTES_MAX},
    problem::ProblemCode,
};
use http::{HeaderMap, header};
use http_body_util::BodyExt;

use crate::problem::Problem;

/// How large a body may be, and how long it may take to arrive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    bytes_max: usize,
    /// A body that is too large is read on so far, and thrown away: its sender then sees the answer instead of a reset.
    drained_bytes_max: usize,
    wait: Duration,
}

/// Of a body that holds one thing.
pub(super) const SINGLE: Bounds =
    Bounds { bytes_max: BODY_BYTES_MAX, drained_bytes_max: 8 * 1024 * 1024, wait: Duration::from_secs(20) };

/// Of a body that holds thousands of rows.
pub(super) const BULK: Bounds = Bounds {
    bytes_max: BULK_BODY_BYTES_MAX,
    drained_bytes_max: 24 * 1024 * 1024,
    wait: Duration::from_secs(30),
};

/// The whole body, within bounds.
pub(super) async fn read(headers: &HeaderMap, body: Body, bounds: Bounds) -> Result<Bytes, Problem> {
    let declared =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > bounds.drained_bytes_max) {
        return Err(too_large(bounds.bytes_max));
    }
    tokio::time::timeout(bounds.wait, collect(body, bounds)).await.unwrap_or_else(|_| {
        let detail = format!("the body did not arrive within {} s", bounds.wait.as_secs());
        Err(Problem::new(ProblemCode::InvalidRequest, detail).reason("body_timeout"))
    })
}

async fn collect(mut body: Body, bounds: Bounds) -> Result<Bytes, Problem> {
    let (mut kept, mut total) = (BytesMut::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Problem::new(ProblemCode::InvalidRequest, "the body broke off").reason("body_incomplete")
        })?;
        let Ok(data) = frame.into_data() else { continue };
        total += data.len();
        if total <= bounds.bytes_max {
            kept.extend_from_slice(&data);
        } else if total > bounds.drained_bytes_max {
            break;
        }
    }
    if total > bounds.bytes_max { Err(too_large(bounds.bytes_max)) } else { Ok(kept.freeze()) }
}

pub(super) fn too_large(bytes_max: usize) -> Problem {
    Problem::new(ProblemCode::PayloadTooLarge, format!("send at most {bytes_max} bytes"))
}

/// `application/json`, or a merge patch; UTF-8; no content coding.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |detail: &str| Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
    if headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return refuse("this route takes no content coding: send the JSON as it is");
    }
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let is_json = ["application/json", "application/merge-patch+json"]
        .iter()
        .any(|known| media_type.eq_ignore_ascii_case(known));
    let charsets = parts
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    let is_utf8 =
        charsets.into_iter().all(|(_, charset)| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    if is_json && is_utf8 { Ok(()) } else { refuse("send `Content-Type: application/json`, in UTF-8") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(name: header::HeaderName, value: &str) -> bool {
        let mut headers = HeaderMap::from_iter([(header::CONTENT_TYPE, "application/json".parse().unwrap())]);
        headers.insert(name, value.parse().unwrap());
        require_json(&headers).is_ok()
    }

    #[test]
    fn takes_json_in_utf8_without_a_coding() {
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/merge-patch+json",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(takes(header::CONTENT_TYPE, good), "{good}");
        }
        for bad in
            ["text/plain", "application/json; charset=latin1", "application/jsonx", "", "multipart/form-data"]
        {
            assert!(!takes(header::CONTENT_TYPE, bad), "{bad}");
        }
        assert!(takes(header::CONTENT_ENCODING, "identity"));
        assert!(!takes(header::CONTENT_ENCODING, "gzip"));
        assert!(require_json(&HeaderMap::new()).is_err());
    }
}
