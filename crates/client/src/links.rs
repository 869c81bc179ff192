//! `/v1/links…`: short links.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, ClientError, ListQuery, Paged, client::Call};

/// One short link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    pub id: String,
    pub domain: String,
    pub slug: String,
    pub short_url: String,
    pub url: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// `active`, `disabled`, `draft`, `archived` or `blocked`.
    pub status: String,
    /// Of people.
    #[serde(default)]
    pub clicks: u64,
    #[serde(default)]
    pub last_clicked_at: Option<String>,
    /// What else the server tells.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What a link is made from; what is `None` is left to the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LinkWrite {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Host of one of the workspace's domains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// By name, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_clicks: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Any other member, as the API's reference names it.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Which links a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkFilter {
    /// Part of the slug, the URL or the title.
    pub search: Option<String>,
    pub domain: Option<String>,
    pub tag_id: Option<String>,
    /// `None` shows all but archived ones.
    pub status: Option<String>,
    pub health: Option<String>,
    pub external_id: Option<String>,
}

/// How the rows of a bulk call are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkFormat {
    Ndjson,
    Csv,
}

/// What became of the rows of a bulk call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkResult {
    pub rows_total: u32,
    pub created: u32,
    pub failed: u32,
    /// Made by this very call.
    pub links: Vec<BulkLink>,
    pub errors: Vec<BulkError>,
}

/// A link that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkLink {
    /// From 1.
    pub row: u32,
    pub id: String,
    pub domain: String,
    pub slug: String,
    pub short_url: String,
    pub external_id: Option<String>,
}

/// One fault of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkError {
    /// From 1.
    pub row: u32,
    pub pointer: String,
    pub code: String,
    pub detail: String,
}

impl Client {
    pub async fn links(&self, filter: &LinkFilter, query: &ListQuery) -> Result<Paged<Link>, ClientError> {
        let call = Call::new(Method::GET, &["v1", "links"])
            .query("search", filter.search.as_deref())
            .query("domain", filter.domain.as_deref())
            .query("tag_id", filter.tag_id.as_deref())
            .query("status", filter.status.as_deref())
            .query("health", filter.health.as_deref())
            .query("external_id", filter.external_id.as_deref());
        self.list(call, query).await
    }

    pub async fn link(&self, id: &str) -> Result<Link, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "links", id])).await?.json()
    }

    /// The link at a slug of a domain.
    pub async fn link_by_slug(&self, domain: &str, slug: &str) -> Result<Link, ClientError> {
        self.call(Call::new(Method::GET, &["v1", "links", "by-slug", domain, slug])).await?.json()
    }

    pub async fn create_link(
        &self,
        link: &LinkWrite,
        idempotency_key: Option<&str>,
    ) -> Result<Link, ClientError> {
        let call = Call::new(Method::POST, &["v1", "links"]).header("idempotency-key", idempotency_key);
        self.call(call.json(link)).await?.json()
    }

    /// Makes the link with the caller's own id, or replaces it.
    pub async fn upsert_link(&self, external_id: &str, link: &LinkWrite) -> Result<Link, ClientError> {
        let call = Call::new(Method::PUT, &["v1", "links", "by-external-id", external_id]);
        self.call(call.json(link)).await?.json()
    }

    /// A merge patch (RFC 7396): `null` clears.
    pub async fn update_link(&self, id: &str, changes: &Map<String, Value>) -> Result<Link, ClientError> {
        self.call(Call::new(Method::PATCH, &["v1", "links", id]).json(changes)).await?.json()
    }

    pub async fn delete_link(&self, id: &str) -> Result<(), ClientError> {
        self.call(Call::new(Method::DELETE, &["v1", "links", id])).await.map(drop)
    }

    /// Makes up to 10,000 links. Sent again with the same key, a call that broke off goes on where it was.
    pub async fn create_links(
        &self,
        format: BulkFormat,
        rows: Vec<u8>,
        idempotency_key: Option<&str>,
    ) -> Result<BulkResult, ClientError> {
        let media_type = match format {
            BulkFormat::Ndjson => "application/x-ndjson",
            BulkFormat::Csv => "text/csv",
        };
        let call =
            Call::new(Method::POST, &["v1", "links", "bulk"]).header("idempotency-key", idempotency_key);
        self.call(call.body(media_type, rows)).await?.json()
    }
}
