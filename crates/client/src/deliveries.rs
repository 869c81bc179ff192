//! `/v1/deliveries…`: what was sent to receivers, and what came of it.

use hopline_domain::delivery::{DeliveryState, WaitingFor};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Client, ClientError, ListQuery, Paged, client::Call};

/// One event to one receiver.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    pub id: String,
    pub event_type: String,
    pub url: String,
    pub state: DeliveryState,
    #[serde(default)]
    pub waiting_for: Option<WaitingFor>,
    #[serde(default)]
    pub next_attempt_at: Option<String>,
    #[serde(default)]
    pub attempts_count: Option<u32>,
    pub created_at: String,
    #[serde(default)]
    pub last_error: Option<String>,
    /// Only when one delivery is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// What else the server tells.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// One try.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    pub number: u32,
    pub started_at: String,
    pub duration_ms: u64,
    #[serde(default)]
    pub response_status: Option<u16>,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub error_detail: Option<String>,
    /// What else the server tells.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Which deliveries a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub job_id: Option<String>,
    pub state: Option<String>,
}

impl Client {
    pub async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        query: &ListQuery,
    ) -> Result<Paged<Delivery>, ClientError> {
        let call = Call::new(Method::GET, &["v1", "deliveries"]);
        let call = call.query("job_id", filter.job_id.as_deref()).query("state", filter.state.as_deref());
        self.list(call, query).await
    }

    /// One delivery with its attempts.
    pub async fn delivery(&self, id: &str) -> Result<Delivery, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "deliveries", id])).await?.json()
    }

    /// Makes it due now; an ended one gets a whole schedule again.
    pub async fn retry_delivery(&self, id: &str) -> Result<Delivery, ClientError> {
        self.act(id, "retry").await
    }

    pub async fn cancel_delivery(&self, id: &str) -> Result<Delivery, ClientError> {
        self.act(id, "cancel").await
    }

    async fn act(&self, id: &str, verb: &str) -> Result<Delivery, ClientError> {
        let call = Call::new(Method::POST, &["v1", "deliveries", id, verb]);
        self.call(call.json(&json!({}))).await?.json()
    }
}
