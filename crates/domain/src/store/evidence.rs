//! Evidence: chain documents and pictures of pages by digest, in a file of their own.

use async_trait::async_trait;

use crate::{store::StoreError, time::Timestamp};

/// SHA-256 of the document or picture.
pub type EvidenceDigest = [u8; 32];

/// Evidence is written before the transaction that refers to it; what nothing refers to is swept.
#[async_trait]
pub trait EvidenceStore: Send + Sync {
    /// Keeps a document, compressed, under the digest it answers with. Keeping it again renews its age.
    async fn evidence_put(&self, document: Vec<u8>, now: Timestamp) -> Result<EvidenceDigest, StoreError>;

    /// `None` after retention.
    async fn evidence_get(&self, digest: EvidenceDigest) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a picture (PNG) as it is, under the digest it answers with. Callers keep to `limits::SCREENSHOT_BYTES_MAX`.
    async fn screenshot_put(&self, png: Vec<u8>, now: Timestamp) -> Result<EvidenceDigest, StoreError>;

    /// `None` after retention.
    async fn screenshot_get(&self, digest: EvidenceDigest) -> Result<Option<Vec<u8>>, StoreError>;
}
