//! `Prefer: wait=N` (RFC 7240 §4.3): how long the caller would like the answer to be held.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use hopline_domain::limits::WAIT_S_MAX;
use http::{HeaderMap, HeaderName, request::Parts};

use crate::app::AppState;

pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Seconds to hold the answer, at most [`WAIT_S_MAX`]; `None` when nothing was asked, or nothing that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PreferWait(pub(crate) Option<u64>);

impl FromRequestParts<AppState> for PreferWait {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl PreferWait {
    /// The first `wait` counts; preferences that can't be honoured are ignored, as the RFC has it.
    fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(PREFER).iter().filter_map(|line| line.to_str().ok());
        let preferences = lines.flat_map(|line| line.split([',', ';'])).filter_map(|one| one.split_once('='));
        let wait = preferences.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"));
        let seconds = wait
            .map(|(_, value)| value.trim().trim_matches('"'))
            .filter(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()));
        let seconds = seconds.map(|digits| digits.parse().unwrap_or(WAIT_S_MAX).min(WAIT_S_MAX));
        Self(seconds.filter(|seconds| *seconds > 0))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn reads_the_first_wait_and_cuts_it() {
        for (lines, expected) in [
            (&["wait=10"][..], Some(10)),
            (&["respond-async, wait=\"7\""], Some(7)),
            (&["respond-async", "WAIT = 5"], Some(5)),
            (&["wait=600"], Some(30)),
            (&["wait=99999999999999999999999"], Some(30)),
            (&["wait=3, wait=9"], Some(3)),
            (&["wait=0"], None),
            (&["wait=-1"], None),
            (&["wait=1.5"], None),
            (&["wait"], None),
            (&[], None),
        ] {
            let headers = lines.iter().map(|line| (PREFER, HeaderValue::from_static(line))).collect();
            assert_eq!(PreferWait::of(&headers), PreferWait(expected), "{lines:?}");
        }
    }
}
