//! `GET /v1/account`.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, ClientError, client::Call};

/// The workspace of the calling key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    pub workspace_id: String,
    /// Credits that can be spent.
    pub balance: i64,
    pub plan: String,
    #[serde(default)]
    pub providers: Vec<AccountProvider>,
    /// What else the server tells.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountProvider {
    pub provider: String,
    pub label: String,
    pub tier: String,
}

impl Client {
    pub async fn account(&self) -> Result<Account, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "account"])).await?.json()
    }
}
