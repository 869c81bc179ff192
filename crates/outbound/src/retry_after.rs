//! How long an answer asks to be left alone (RFC 9110 §10.2.3). No clock: a date is read against the answer's own.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, StatusCode, header};

/// The wait asked for by a 429 or 503, of whatever length; `None` if the answer asks for none.
pub(crate) fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let text = text_of(headers, header::RETRY_AFTER)?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds ask for longer than anyone waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    until.duration_since(sent_at(headers)?).ok()
}

fn sent_at(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(text_of(headers, header::DATE)?).ok()
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn asked(status: u16, retry_after_text: &'static str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(retry_after_text));
        headers.insert(header::DATE, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"));
        retry_after(StatusCode::from_u16(status).unwrap(), &headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(asked(429, "7"), Some(7));
        assert_eq!(asked(503, "Sun, 06 Nov 1994 08:50:07 GMT"), Some(30));
        assert_eq!(asked(503, "99999999999999999999999"), Some(u64::MAX));
    }

    #[test]
    fn nothing_else_asks_for_a_wait() {
        for (status, text) in [
            (200, "7"),
            (404, "7"),
            (429, ""),
            (429, "-1"),
            (429, "1.5"),
            (503, "Sun, 06 Nov 1994 08:49:36 GMT"),
        ] {
            assert_eq!(asked(status, text), None, "{status} {text}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("Sun, 06 Nov 1994 08:50:07 GMT"));
        assert_eq!(retry_after(StatusCode::SERVICE_UNAVAILABLE, &headers), None, "a date against no date");
    }
}
