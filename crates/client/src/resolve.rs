//! `POST /v1/resolve`.

use hopline_domain::{
    job::{BrowserUse, JobStatus},
    profile::Profile,
};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, ClientError, client::Call};

/// What to resolve, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResolveRequest {
    pub url: String,
    /// A repeated request with the same key makes no second job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Where the signed result is pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_domain: Option<String>,
    /// Accept a cached answer this old, in seconds; 0 asks afresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<BrowserUse>,
    /// Keep a picture of the last page; needs a server with a browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screenshot: Option<bool>,
}

/// Done, or on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResolveAnswer {
    /// `None` when a cached answer served.
    pub job_id: Option<String>,
    pub status: JobStatus,
    #[serde(default)]
    pub target_url: Option<String>,
    #[serde(default)]
    pub cached: bool,
    #[serde(default)]
    pub credits_charged: Option<i64>,
    #[serde(default)]
    pub balance: Option<i64>,
    #[serde(default)]
    pub queue_position: Option<u64>,
    #[serde(default)]
    pub poll_url: Option<String>,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub reason: Option<String>,
    /// What else the server tells.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Client {
    /// Asks for a link to be resolved. With `wait_s` (at most 30) the answer is held until the job ends.
    pub async fn resolve(
        &self,
        request: &ResolveRequest,
        wait_s: Option<u64>,
    ) -> Result<ResolveAnswer, ClientError> {
        let prefer = wait_s.map(|seconds| format!("wait={seconds}"));
        let call = Call::new(Method::POST, &["v1", "resolve"]).header("prefer", prefer.as_deref());
        self.call(call.json(request)).await?.json()
    }
}
