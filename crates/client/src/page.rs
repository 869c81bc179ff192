//! Lists come in pages, newest first.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Client, ClientError, client::Call};

/// Which page is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// 1–100; `None` is the server's default, 50.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Paged<T> {
    pub data: Vec<T>,
    pub next_cursor: Option<String>,
}

impl Client {
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        call: Call,
        query: &ListQuery,
    ) -> Result<Paged<T>, ClientError> {
        let call = call.query("limit", query.limit).query("cursor", query.cursor.as_deref());
        self.call(call).await?.json()
    }
}
