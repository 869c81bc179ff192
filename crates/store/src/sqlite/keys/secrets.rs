//! Webhook secrets of a family, sealed (I10): at most three sign at once.

use hopline_domain::{
    id::{FamilyId, KeyId},
    key::{Key, KeyState},
    limits,
    store::{AuditEntry, Caller, Created, FamilySecret, SecretRotation},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{create, read};
use crate::sqlite::{
    audit,
    fault::SqlResult,
    idempotency::{self, Kind, Place},
    rows,
};

const SECRETS_LIVE: &str = "-- secrets_live
select sealed, created_at, expires_at from family_secrets
where family_id = ?1 and (expires_at is null or expires_at > ?2) order by seq desc";

const SECRET_INSERT: &str = "-- secret_insert
insert into family_secrets (family_id, sealed, created_at) values (?1, ?2, ?3)";

const SECRETS_END: &str = "-- secrets_end
update family_secrets set expires_at = min(ifnull(expires_at, ?2), ?2) where family_id = ?1";

/// Secrets that no longer sign are not kept: those that expired, and the oldest beyond the bound.
const SECRETS_FORGET: &str = "-- secrets_forget
delete from family_secrets where family_id = ?1 and (
    expires_at <= ?2
    or seq not in (select seq from family_secrets where family_id = ?1 order by seq desc limit ?3)
)";

/// Who reads the secrets of which key.
pub(super) struct Reading {
    pub(super) key_id: KeyId,
    pub(super) audit: AuditEntry,
    pub(super) now: Timestamp,
}

pub(super) fn read(
    connection: &Connection,
    caller: Caller,
    reading: &Reading,
) -> SqlResult<Option<Vec<FamilySecret>>> {
    let Some(key) = read::get(connection, caller.workspace_id, reading.key_id)? else { return Ok(None) };
    audit::append(connection, caller.into(), &reading.audit, None, reading.now)?;
    live_secrets(connection, key.family_id, reading.now).map(Some)
}

/// What signs now, newest first.
pub(in crate::sqlite) fn live_secrets(
    connection: &Connection,
    family_id: FamilyId,
    now: Timestamp,
) -> SqlResult<Vec<FamilySecret>> {
    rows::many(connection, SECRETS_LIVE, params![family_id.0, now.0], |columns| {
        Ok(FamilySecret {
            family_id,
            sealed: columns.take()?,
            created_at: columns.time()?,
            expires_at: columns.time_or_none()?,
        })
    })
}

/// A new secret, and when the others end.
pub(in crate::sqlite) struct Successor<'a> {
    pub(in crate::sqlite) sealed: &'a [u8],
    pub(in crate::sqlite) old_until: Timestamp,
}

/// Adds a secret to a family.
pub(in crate::sqlite) fn succeed(
    connection: &Connection,
    family_id: FamilyId,
    successor: &Successor<'_>,
    now: Timestamp,
) -> SqlResult<()> {
    rows::write(connection, SECRETS_END, params![family_id.0, successor.old_until.0])?;
    insert(connection, family_id, successor.sealed, now)?;
    let secrets_max = i64::try_from(limits::WEBHOOK_SECRETS_MAX).unwrap_or(i64::MAX);
    rows::write(connection, SECRETS_FORGET, params![family_id.0, now.0, secrets_max]).map(|_| ())
}

pub(in crate::sqlite) fn insert(
    connection: &Connection,
    family_id: FamilyId,
    sealed: &[u8],
    now: Timestamp,
) -> SqlResult<()> {
    rows::write(connection, SECRET_INSERT, params![family_id.0, sealed, now.0]).map(|_| ())
}

pub(super) fn rotate(
    connection: &Connection,
    caller: Caller,
    rotation: &SecretRotation,
    now: Timestamp,
) -> SqlResult<Created<Key>> {
    let place = Place { family_id: caller.family_id, kind: Kind::SecretRotate };
    let known = idempotency::find(connection, place, rotation.idempotency.as_ref(), now)?;
    if let Some(known) = create::known(connection, caller, known)? {
        return Ok(known);
    }
    let Some(key) = read::get(connection, caller.workspace_id, rotation.key_id)? else {
        return Ok(Created::NotFound);
    };
    if key.state == KeyState::Revoked {
        return Ok(Created::Conflict);
    }
    let successor = Successor { sealed: &rotation.sealed, old_until: rotation.old_until };
    succeed(connection, key.family_id, &successor, now)?;
    audit::append(connection, caller.into(), &rotation.audit, None, now)?;
    idempotency::record(connection, place, rotation.idempotency.as_ref(), key.id.0.as_bytes())?;
    Ok(Created::New(key))
}
