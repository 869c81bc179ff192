//! The port's `EvidenceStore` on SQLite: zstd-compressed documents, and pictures, by digest, in a file of their own.

use std::cell::RefCell;

use async_trait::async_trait;
use hopline_domain::{
    limits,
    store::{EvidenceDigest, EvidenceStore, StoreError},
    time::Timestamp,
};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use zstd::bulk::Compressor;

use super::{
    fault::{Fault, SqlResult},
    rows,
    store::SqliteStore,
};

pub(super) mod screenshots;

const COMPRESSION_LEVEL: i32 = 3;

const EVIDENCE_PUT: &str = "-- evidence_put
insert into evidence (digest, stored_at, document_bytes, compressed) values (?1, ?2, ?3, ?4)
on conflict (digest) do update set stored_at = max(stored_at, excluded.stored_at), unclaimed = 1";

const EVIDENCE_GET: &str = "-- evidence_get
select document_bytes, compressed from evidence where digest = ?1";

pub(super) const EVIDENCE_WEIGHT: &str = "-- evidence_weight
select length(compressed) from evidence where digest = ?1";

thread_local! {
    /// The evidence writer's: making one costs more than using it.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

#[async_trait]
impl EvidenceStore for SqliteStore {
    async fn evidence_put(&self, document: Vec<u8>, now: Timestamp) -> Result<EvidenceDigest, StoreError> {
        self.evidence.run("keep the evidence", move |turn| put(turn.connection, &document, now)).await
    }

    async fn evidence_get(&self, digest: EvidenceDigest) -> Result<Option<Vec<u8>>, StoreError> {
        self.evidence_readers.run("read the evidence", move |connection| get(connection, digest)).await
    }

    async fn screenshot_put(&self, png: Vec<u8>, now: Timestamp) -> Result<EvidenceDigest, StoreError> {
        self.evidence
            .run("keep the screenshot", move |turn| screenshots::put(turn.connection, &png, now))
            .await
    }

    async fn screenshot_get(&self, digest: EvidenceDigest) -> Result<Option<Vec<u8>>, StoreError> {
        let get = move |connection: &Connection| screenshots::get(connection, digest);
        self.evidence_readers.run("read the screenshot", get).await
    }
}

impl SqliteStore {
    /// What a document weighs on disk; 0 when it is none or gone.
    pub(super) async fn evidence_bytes(&self, digest: Option<EvidenceDigest>) -> Result<i64, StoreError> {
        self.weigh(EVIDENCE_WEIGHT, digest).await
    }

    /// What a picture weighs on disk; 0 when it is none or gone.
    pub(super) async fn screenshot_bytes(&self, digest: Option<EvidenceDigest>) -> Result<i64, StoreError> {
        self.weigh(screenshots::SCREENSHOT_WEIGHT, digest).await
    }

    async fn weigh(&self, sql: &'static str, digest: Option<EvidenceDigest>) -> Result<i64, StoreError> {
        let Some(digest) = digest else { return Ok(0) };
        let weigh = move |connection: &Connection| rows::one(connection, sql, params![digest], rows::value);
        Ok(self.evidence_readers.run("weigh the evidence", weigh).await?.unwrap_or(0))
    }
}

fn put(connection: &Connection, document: &[u8], now: Timestamp) -> SqlResult<EvidenceDigest> {
    let digest: EvidenceDigest = Sha256::digest(document).into();
    let compressed = compress(document).map_err(|error| Fault::decode("evidence to keep", &error))?;
    let document_bytes = i64::try_from(document.len()).unwrap_or(i64::MAX);
    rows::write(connection, EVIDENCE_PUT, params![digest, now.0, document_bytes, compressed])?;
    Ok(digest)
}

fn compress(document: &[u8]) -> std::io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = match slot {
            Some(compressor) => compressor,
            None => slot.insert(Compressor::new(COMPRESSION_LEVEL)?),
        };
        compressor.compress(document)
    })
}

fn get(connection: &Connection, digest: EvidenceDigest) -> SqlResult<Option<Vec<u8>>> {
    let found = rows::one(connection, EVIDENCE_GET, params![digest], |columns| {
        Ok((columns.take::<u32>()?, columns.take::<Vec<u8>>()?))
    })?;
    found.map(|(document_bytes, compressed)| decompress(document_bytes, &compressed)).transpose()
}

/// Bounded by the size that was written down, and by that of any chain document.
fn decompress(document_bytes: u32, compressed: &[u8]) -> SqlResult<Vec<u8>> {
    let capacity = usize::try_from(document_bytes).unwrap_or(usize::MAX).min(EVIDENCE_BYTES_MAX);
    zstd::bulk::decompress(compressed, capacity).map_err(|error| Fault::decode("evidence", &error))
}

/// Twice the bound of a chain document: evidence is never refused for a later, narrower bound.
const EVIDENCE_BYTES_MAX: usize = 2 * limits::CHAIN_BYTES_MAX;
