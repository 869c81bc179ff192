//! A job as its caller sees it: what does not apply to its status is left out.

use hopline_domain::{
    job::{Job, JobStatus},
    outcome::JobError,
    store::JobView,
    time::Timestamp,
    verdict::Verdicts,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::verdicts::VerdictsSchema;

/// One job. Members that do not apply are left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobBody {
    #[schema(format = "uuid")]
    job_id: String,
    #[schema(value_type = String, pattern = "^(queued|running|done|failed|invalid)$")]
    status: JobStatus,
    /// The link as it was given.
    url: String,
    /// Where the link really ends; when done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    target_url: Option<String>,
    /// Id of the link's provider, or `generic`; when done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^(standard|premium)$")]
    tier: Option<&'static str>,
    /// When failed or invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^(resolve_failed|unsupported_link)$")]
    error: Option<&'static str>,
    /// The finer word behind `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "timeout")]
    reason: Option<&'static str>,
    /// Whose human verification stood in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    vendor: Option<String>,
    credits_charged: i64,
    /// Credits left.
    balance: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    hops_count: Option<u32>,
    /// Statements computed from the chain, each `{value, detail}`; `value` is `null` when it does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<VerdictsSchema>, nullable = false)]
    verdicts: Option<Verdicts>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, format = DateTime)]
    checked_at: Option<Timestamp>,
    /// Where the chain with every hop is, relative to the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    evidence_url: Option<String>,
    /// Where the picture of the last page is, relative to the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    screenshot_url: Option<String>,
}

impl JobBody {
    pub(crate) fn of(view: JobView) -> Self {
        let JobView { job, balance, .. } = view;
        let done = job.status == JobStatus::Done;
        let evidence_url = job.evidence.map(|_| format!("/v1/jobs/{}/evidence", job.id));
        let screenshot_url = job.screenshot.map(|_| format!("/v1/jobs/{}/screenshot", job.id));
        Self {
            job_id: job.id.to_string(),
            status: job.status,
            provider: done.then_some(job.provider),
            tier: done.then(|| job.tier.as_str()),
            error: error(job.status).map(JobError::as_str),
            reason: job.reason.map(hopline_domain::outcome::Reason::as_str),
            url: job.url,
            target_url: job.target_url,
            vendor: job.vendor,
            credits_charged: job.credits_charged,
            balance,
            hops_count: job.hops_count,
            verdicts: job.verdicts,
            checked_at: job.finished_at,
            evidence_url,
            screenshot_url,
        }
    }
}

const fn error(status: JobStatus) -> Option<JobError> {
    match status {
        JobStatus::Failed => Some(JobError::ResolveFailed),
        JobStatus::Invalid => Some(JobError::UnsupportedLink),
        JobStatus::Queued | JobStatus::Running | JobStatus::Done => None,
    }
}

/// What has to stay the same for `ETag` to stay the same.
pub(super) fn version(job: &Job, balance: i64) -> (String, &'static str, i64, i64, Option<Timestamp>, bool) {
    let status: &'static str = job.status.into();
    (job.id.to_string(), status, job.credits_charged, balance, job.finished_at, job.evidence.is_some())
}
