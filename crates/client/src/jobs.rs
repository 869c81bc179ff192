//! `GET /v1/jobs…`: jobs, their evidence and their pictures.

use bytes::Bytes;
use hopline_domain::{chain::Chain, job::JobStatus};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, ClientError, ListQuery, Paged, client::Call};

/// A job; what does not apply to its status is absent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    pub job_id: String,
    pub status: JobStatus,
    pub credits_charged: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// `resolve_failed` or `unsupported_link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The finer word behind `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops_count: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<String>,
    /// What else the server tells.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Client {
    pub async fn job(&self, job_id: &str) -> Result<Job, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "jobs", job_id])).await?.json()
    }

    /// Jobs of the calling key's family, newest first.
    pub async fn jobs(&self, query: &ListQuery) -> Result<Paged<Job>, ClientError> {
        self.list(Call::new(Method::GET, &["v1", "jobs"]), query).await
    }

    /// The whole chain; `not_found` with `reason: evidence_expired` after its retention.
    pub async fn job_evidence(&self, job_id: &str) -> Result<Chain, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "jobs", job_id, "evidence"])).await?.json()
    }

    /// The chain as HAR 1.2.
    pub async fn job_evidence_har(&self, job_id: &str) -> Result<Value, ClientError> {
        let call = Call::new(Method::GET, &["v1", "jobs", job_id, "evidence"]);
        self.call(call.query("format", Some("har"))).await?.json()
    }

    /// The picture of the last page, PNG; `not_found` with `reason: no_screenshot` or `screenshot_expired`.
    pub async fn job_screenshot(&self, job_id: &str) -> Result<Bytes, ClientError> {
        Ok(self.call(Call::new(Method::GET, &["v1", "jobs", job_id, "screenshot"])).await?.bytes())
    }
}
