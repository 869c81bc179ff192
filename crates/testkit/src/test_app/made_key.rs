//! Keys made through the API, and the first workspace's credits.

use serde_json::Value;

use super::TestApp;

/// An API key made by the first key.
#[derive(Clone, Debug)]
pub struct MadeKey {
    pub id: String,
    pub api_key: String,
    pub webhook_secret: String,
}

impl TestApp {
    /// Makes a key as `POST /v1/keys` is told.
    pub async fn make_key(&self, body: Value) -> MadeKey {
        let made = self.client().post_json("/v1/keys", &body).await.expect_status(201).json();
        let member = |name: &str| made[name].as_str().expect("a made key shows its secrets").to_owned();
        MadeKey { id: member("id"), api_key: member("api_key"), webhook_secret: member("webhook_secret") }
    }

    /// What the first workspace can spend, as the API tells it.
    pub async fn balance(&self) -> i64 {
        let account = self.client().get("/v1/account").await.expect_status(200).json();
        account["balance"].as_i64().expect("a balance is an integer")
    }
}
