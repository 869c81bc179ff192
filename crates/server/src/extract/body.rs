//! Reading a body within its bounds of size and time, and only when it says it is JSON.

use std::time::Duration;

use axum::body::{Body, Bytes};
use bytes::BytesMut;
use hopline_domain::{limits::BODY_BYTES_MAX, problem::ProblemCode};
use http::{HeaderMap, header};
use http_body_util::BodyExt;

use crate::problem::Problem;

/// How long a body may take to arrive.
const BODY_READ_MAX: Duration = Duration::from_secs(20);
/// A body that is too large is read on so far, and thrown away: its sender then sees the answer instead of a reset.
const DRAINED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The whole body, at most [`BODY_BYTES_MAX`].
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let declared =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > DRAINED_BYTES_MAX) {
        return Err(too_large());
    }
    tokio::time::timeout(BODY_READ_MAX, collect(body)).await.unwrap_or_else(|_| {
        let detail = format!("the body did not arrive within {} s", BODY_READ_MAX.as_secs());
        Err(Problem::new(ProblemCode::InvalidRequest, detail).reason("body_timeout"))
    })
}

async fn collect(mut body: Body) -> Result<Bytes, Problem> {
    let (mut kept, mut total) = (BytesMut::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Problem::new(ProblemCode::InvalidRequest, "the body broke off").reason("body_incomplete")
        })?;
        let Ok(data) = frame.into_data() else { continue };
        total += data.len();
        if total <= BODY_BYTES_MAX {
            kept.extend_from_slice(&data);
        } else if total > DRAINED_BYTES_MAX {
            break;
        }
    }
    if total > BODY_BYTES_MAX { Err(too_large()) } else { Ok(kept.freeze()) }
}

fn too_large() -> Problem {
    Problem::new(ProblemCode::PayloadTooLarge, format!("send at most {BODY_BYTES_MAX} bytes"))
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
