//! `key_create`: a key, its family and its first webhook secret.

use hopline_domain::{
    id::{FamilyId, KeyId, WorkspaceId},
    key::{Key, KeyState},
    store::{Caller, Created, KeyCreate, NewKey},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{read, secrets};
use crate::sqlite::{
    audit,
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    rows,
};

const FAMILY_INSERT: &str = "-- family_insert
insert into families (id, workspace_id, signature_headers, created_at) values (?1, ?2, ?3, ?4)";

const KEY_INSERT: &str = "-- key_insert
insert into keys (
    id, workspace_id, family_id, hash, display, name, scopes, state, expires_at, allowed_ips, creates_per_minute,
    daily_quota, created_by, created_at
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

/// A family to make, with the secret its deliveries are signed with.
pub(in crate::sqlite) struct NewFamily<'a> {
    pub(in crate::sqlite) id: FamilyId,
    pub(in crate::sqlite) workspace_id: WorkspaceId,
    pub(in crate::sqlite) sealed_secret: &'a [u8],
}

pub(super) fn create(
    connection: &Connection,
    caller: Caller,
    create: &KeyCreate,
    now: Timestamp,
) -> SqlResult<Created<Key>> {
    let place = Place { family_id: caller.family_id, kind: Kind::KeyCreate };
    if let Some(known) =
        known(connection, caller, idempotency::find(connection, place, create.idempotency.as_ref(), now)?)?
    {
        return Ok(known);
    }
    let used = read::count_unrevoked(connection, caller.workspace_id)?;
    if let Some(limit) = create.keys_max.filter(|limit| used >= *limit) {
        return Ok(Created::PlanLimit { limit, used });
    }
    let family = NewFamily {
        id: create.family_id,
        workspace_id: caller.workspace_id,
        sealed_secret: &create.sealed_secret,
    };
    insert_family(connection, &family, &create.key, now)?;
    let key = of_new(&create.key, &family, Some(caller.key_id), now);
    insert_key(connection, &key, create.key.hash)?;
    audit::append(connection, caller.into(), &create.audit, None, now)?;
    idempotency::record(connection, place, create.idempotency.as_ref(), key.id.0.as_bytes())?;
    Ok(Created::New(key))
}

/// The answer to a request that was made before; keys are never deleted, so what it made is there.
pub(super) fn known(
    connection: &Connection,
    caller: Caller,
    known: Known<uuid::Uuid>,
) -> SqlResult<Option<Created<Key>>> {
    Ok(match known {
        Known::Nothing => None,
        Known::Reused => Some(Created::IdempotencyKeyReused),
        Known::Subject(id) => read::get(connection, caller.workspace_id, KeyId(id))?.map(Created::Replayed),
    })
}

pub(in crate::sqlite) fn insert_family(
    connection: &Connection,
    family: &NewFamily<'_>,
    key: &NewKey,
    now: Timestamp,
) -> SqlResult<()> {
    let headers = rows::to_json(&key.signature_headers)?;
    rows::write(connection, FAMILY_INSERT, params![family.id.0, family.workspace_id.0, headers, now.0])?;
    secrets::insert(connection, family.id, family.sealed_secret, now)
}

/// The key as it will be kept.
pub(in crate::sqlite) fn of_new(
    new: &NewKey,
    family: &NewFamily<'_>,
    created_by: Option<KeyId>,
    now: Timestamp,
) -> Key {
    Key {
        id: new.id,
        family_id: family.id,
        workspace_id: family.workspace_id,
        name: new.name.clone(),
        display: new.display.clone(),
        scopes: new.scopes.clone(),
        state: KeyState::Active,
        expires_at: new.expires_at,
        allowed_ips: new.allowed_ips.clone(),
        limits: new.limits,
        signature_headers: new.signature_headers.clone(),
        created_by,
        created_at: now,
        last_used_at: None,
        last_used_ip: None,
    }
}

pub(in crate::sqlite) fn insert_key(connection: &Connection, key: &Key, hash: [u8; 32]) -> SqlResult<()> {
    let state: &str = key.state.into();
    let columns = params![
        key.id.0,
        key.workspace_id.0,
        key.family_id.0,
        hash,
        key.display,
        key.name,
        rows::to_json(&key.scopes)?,
        state,
        key.expires_at.map(|at| at.0),
        rows::to_json(&key.allowed_ips)?,
        key.limits.creates_per_minute,
        key.limits.daily_quota,
        key.created_by.map(|id| id.0),
        key.created_at.0
    ];
    rows::write(connection, KEY_INSERT, columns).map(|_| ())
}
