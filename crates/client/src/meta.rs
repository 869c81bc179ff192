//! `GET /v1/meta`: needs no key.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, ClientError, client::Call};

/// What the server says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Meta {
    pub version: String,
    /// Limits, windows, retention and what else the server tells.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Client {
    pub async fn meta(&self) -> Result<Meta, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "meta"])).await?.json()
    }
}
