//! Idempotency records: written in the transaction of their effect, so that a key and its effect stand or fall together (I07).

use hopline_domain::{id::FamilyId, idempotency::IdempotencyClaim, time::Timestamp};
use rusqlite::{Connection, params};

use super::{fault::SqlResult, rows};

const IDEMPOTENCY_FIND: &str = "-- idempotency_find
select fingerprint, kind, subject from idempotency where family_id = ?1 and key = ?2 and expires_at > ?3";

/// Replaces a record that has expired, or whose effect is gone.
const IDEMPOTENCY_RECORD: &str = "-- idempotency_record
insert or replace into idempotency (family_id, key, fingerprint, kind, subject, expires_at)
values (?1, ?2, ?3, ?4, ?5, ?6)";

/// What a key's effect was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Job,
    KeyCreate,
    KeyRotate,
    SecretRotate,
    CreditGrant,
    LinkCreate,
    LinkBulk,
    DomainCreate,
    TagCreate,
    EndpointCreate,
    EndpointSecretRotate,
    EndpointTest,
    ReplayCreate,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::KeyCreate => "key_create",
            Self::KeyRotate => "key_rotate",
            Self::SecretRotate => "secret_rotate",
            Self::CreditGrant => "credit_grant",
            Self::LinkCreate => "link_create",
            Self::LinkBulk => "link_bulk",
            Self::DomainCreate => "domain_create",
            Self::TagCreate => "tag_create",
            Self::EndpointCreate => "endpoint_create",
            Self::EndpointSecretRotate => "endpoint_secret_rotate",
            Self::EndpointTest => "endpoint_test",
            Self::ReplayCreate => "replay_create",
        }
    }
}

/// What is known of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known<S> {
    Nothing,
    /// The same request made this before.
    Subject(S),
    /// Another request used the key.
    Reused,
}

/// Where a key lives: records belong to the family (contracts §0).
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) family_id: FamilyId,
    pub(super) kind: Kind,
}

pub(super) fn find<S: rusqlite::types::FromSql>(
    connection: &Connection,
    place: Place,
    claim: Option<&IdempotencyClaim>,
    now: Timestamp,
) -> SqlResult<Known<S>> {
    let Some(claim) = claim else { return Ok(Known::Nothing) };
    let key = params![place.family_id.0, claim.key.as_str(), now.0];
    let known = rows::one(connection, IDEMPOTENCY_FIND, key, |columns| {
        let (fingerprint, kind): ([u8; 32], String) = (columns.take()?, columns.take()?);
        if fingerprint != claim.fingerprint || kind != place.kind.as_str() {
            return Ok(Known::Reused);
        }
        columns.take().map(Known::Subject)
    })?;
    Ok(known.unwrap_or(Known::Nothing))
}

pub(super) fn record(
    connection: &Connection,
    place: Place,
    claim: Option<&IdempotencyClaim>,
    subject: &[u8],
) -> SqlResult<()> {
    let Some(claim) = claim else { return Ok(()) };
    let (family, kind) = (place.family_id.0, place.kind.as_str());
    let record = params![family, claim.key.as_str(), claim.fingerprint, kind, subject, claim.expires_at.0];
    rows::write(connection, IDEMPOTENCY_RECORD, record).map(|_| ())
}
