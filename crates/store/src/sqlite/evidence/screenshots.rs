//! Pictures of pages: kept by digest beside the chains, as they are, because PNG is compressed already.

use hopline_domain::{store::EvidenceDigest, time::Timestamp};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::sqlite::{fault::SqlResult, rows};

const SCREENSHOT_PUT: &str = "-- screenshot_put
insert into screenshots (digest, stored_at, png) values (?1, ?2, ?3)
on conflict (digest) do update set stored_at = max(stored_at, excluded.stored_at), unclaimed = 1";

const SCREENSHOT_GET: &str = "-- screenshot_get
select png from screenshots where digest = ?1";

pub(in crate::sqlite) const SCREENSHOT_WEIGHT: &str = "-- screenshot_weight
select length(png) from screenshots where digest = ?1";

pub(super) fn put(connection: &Connection, png: &[u8], now: Timestamp) -> SqlResult<EvidenceDigest> {
    let digest: EvidenceDigest = Sha256::digest(png).into();
    rows::write(connection, SCREENSHOT_PUT, params![digest, now.0, png])?;
    Ok(digest)
}

pub(super) fn get(connection: &Connection, digest: EvidenceDigest) -> SqlResult<Option<Vec<u8>>> {
    rows::one(connection, SCREENSHOT_GET, params![digest], rows::value)
}
