//! `key_rotate`: a successor in the same family; the old key ends with the overlap.

use hopline_domain::{
    key::{Key, KeyStatus},
    store::{Caller, Created, Rotation},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{create, read, row};
use crate::sqlite::{
    audit,
    fault::SqlResult,
    idempotency::{self, Kind, Place},
    rows,
};

/// Only a key without a successor: the family has one current key per line of rotations.
const KEY_SUCCEED: &str = "-- key_succeed
update keys set successor_id = ?2, expires_at = min(ifnull(expires_at, ?3), ?3) where id = ?1 and successor_id is null";

pub(super) fn rotate(
    connection: &Connection,
    caller: Caller,
    rotation: &Rotation,
    now: Timestamp,
) -> SqlResult<Created<Key>> {
    let place = Place { family_id: caller.family_id, kind: Kind::KeyRotate };
    let known = idempotency::find(connection, place, rotation.idempotency.as_ref(), now)?;
    if let Some(known) = create::known(connection, caller, known)? {
        return Ok(known);
    }
    let Some(old) = read::get(connection, caller.workspace_id, rotation.key_id)? else {
        return Ok(Created::NotFound);
    };
    if old.status(now) != KeyStatus::Active || !succeed(connection, rotation)? {
        return Ok(Created::Conflict);
    }
    let before = row::describe(&old);
    let successor = successor(old, rotation, caller, now);
    create::insert_key(connection, &successor, rotation.hash)?;
    audit::append(connection, caller.into(), &rotation.audit, Some(&before), now)?;
    idempotency::record(connection, place, rotation.idempotency.as_ref(), successor.id.0.as_bytes())?;
    Ok(Created::New(successor))
}

/// Gives the old key its end; whether it had no successor before.
fn succeed(connection: &Connection, rotation: &Rotation) -> SqlResult<bool> {
    let columns = params![rotation.key_id.0, rotation.successor_id.0, rotation.old_until.0];
    Ok(rows::write(connection, KEY_SUCCEED, columns)? == 1)
}

/// Everything but the secret and the use is the old key's, the day it was to expire included.
fn successor(old: Key, rotation: &Rotation, caller: Caller, now: Timestamp) -> Key {
    Key {
        id: rotation.successor_id,
        display: rotation.display.clone(),
        created_by: Some(caller.key_id),
        created_at: now,
        last_used_at: None,
        last_used_ip: None,
        ..old
    }
}
