//! `RateLimit` and `RateLimit-Policy` as structured fields (draft-ietf-httpapi-ratelimit-headers-10).

use hopline_domain::rate::RateDecision;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

const MINUTE_S: u32 = 60;
const DAY_S: u32 = 86_400;

/// The name of a limit in both headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    Creates,
    Reads,
    Workspace,
}

impl Policy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Creates => "creates",
            Self::Reads => "reads",
            Self::Workspace => "workspace",
        }
    }
}

/// One bucket's answer to this call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) policy: Policy,
    pub(super) decision: RateDecision,
}

/// The limits of the calling key and what they said to this call.
#[derive(Clone, Debug)]
pub(crate) struct RateReport {
    pub(super) creates: Option<u32>,
    pub(super) reads: Option<u32>,
    pub(super) workspace: Option<u32>,
    pub(super) day: Option<u32>,
    pub(super) taken: Vec<Taken>,
}

impl RateReport {
    /// The bucket that has nothing left, with the longest wait.
    pub(crate) fn refused(&self) -> Option<RateDecision> {
        let refused = self.taken.iter().map(|taken| taken.decision).filter(|decision| !decision.allowed);
        refused.max_by_key(|decision| decision.retry_after_s)
    }

    /// Adds both headers. A caller without any limit gets none: an empty list can't be said in a header.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        put(headers, RATE_LIMIT_POLICY, &self.policies());
        put(headers, RATE_LIMIT, &self.state());
    }

    fn policies(&self) -> String {
        let all = [
            ("creates", self.creates, MINUTE_S),
            ("reads", self.reads, MINUTE_S),
            ("workspace", self.workspace, MINUTE_S),
            ("day", self.day, DAY_S),
        ];
        let set = all.into_iter().filter_map(|(name, limit, window_s)| Some((name, limit?, window_s)));
        set.map(|(name, limit, window_s)| format!("\"{name}\";q={limit};w={window_s}"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn state(&self) -> String {
        let items = self.taken.iter().map(|taken| {
            let RateDecision { remaining, reset_s, .. } = taken.decision;
            format!("\"{}\";r={remaining};t={reset_s}", taken.policy.as_str())
        });
        items.collect::<Vec<_>>().join(", ")
    }
}

/// What the daily quota says when it is used up, with the seconds until the next UTC day.
pub(crate) fn day_exhausted(resets_in_s: i64) -> (HeaderName, HeaderValue) {
    let text = format!("\"day\";r=0;t={}", resets_in_s.max(0));
    (RATE_LIMIT, HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"day\";r=0")))
}

/// Keeps what a refusal has said more exactly.
fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    let value = HeaderValue::from_str(text).ok().filter(|_| !text.is_empty() && !headers.contains_key(&name));
    if let Some(value) = value {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(remaining: u32) -> RateDecision {
        RateDecision { allowed: remaining > 0, limit: 60, remaining, reset_s: 7, retry_after_s: 1 }
    }

    #[test]
    fn headers_are_structured_fields() {
        let report = RateReport {
            creates: Some(60),
            reads: Some(600),
            workspace: None,
            day: Some(1_000),
            taken: vec![
                Taken { policy: Policy::Creates, decision: decision(59) },
                Taken { policy: Policy::Workspace, decision: decision(0) },
            ],
        };
        let mut headers = HeaderMap::new();
        report.write(&mut headers);
        assert_eq!(
            headers[RATE_LIMIT_POLICY],
            r#""creates";q=60;w=60, "reads";q=600;w=60, "day";q=1000;w=86400"#
        );
        assert_eq!(headers[RATE_LIMIT], r#""creates";r=59;t=7, "workspace";r=0;t=7"#);
        assert_eq!(report.refused().map(|decision| decision.remaining), Some(0));
    }

    #[test]
    fn no_limit_says_nothing_and_a_refusal_keeps_its_word() {
        let silent = RateReport { creates: None, reads: None, workspace: None, day: None, taken: Vec::new() };
        let mut headers = HeaderMap::new();
        silent.write(&mut headers);
        assert!(headers.is_empty());
        let (name, value) = day_exhausted(3);
        headers.insert(name, value);
        RateReport { taken: vec![Taken { policy: Policy::Reads, decision: decision(1) }], ..silent }
            .write(&mut headers);
        assert_eq!(headers[RATE_LIMIT], r#""day";r=0;t=3"#);
    }
}
