//! `key_update` and `key_touch`.

use hopline_domain::{
    key::{Key, KeyState},
    store::{Caller, Changed, KeyPatch, KeyUpdate, KeyUse},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{read, row};
use crate::sqlite::{audit, fault::SqlResult, rows};

const KEY_UPDATE: &str = "-- key_update
update keys set
    name = ?2, scopes = ?3, state = ?4, expires_at = ?5, allowed_ips = ?6, creates_per_minute = ?7, daily_quota = ?8
where id = ?1";

const FAMILY_UPDATE: &str = "-- family_update
update families set signature_headers = ?2 where id = ?1 and signature_headers <> ?2";

/// Uses may arrive out of order: the latest stays.
const KEY_TOUCH: &str = "-- key_touch
update keys set last_used_at = ?2, last_used_ip = ?3 where id = ?1 and ifnull(last_used_at, 0) <= ?2";

pub(super) fn update(
    connection: &Connection,
    caller: Caller,
    update: &KeyUpdate,
    now: Timestamp,
) -> SqlResult<Changed<Key>> {
    let Some(key) = read::get(connection, caller.workspace_id, update.key_id)? else {
        return Ok(Changed::NotFound);
    };
    if update.expected.as_ref().is_some_and(|expected| !same(expected, &key)) {
        return Ok(Changed::Stale);
    }
    if key.state == KeyState::Revoked {
        // Revoking again changes nothing; everything else comes too late.
        return Ok(if only_revokes(&update.patch) { Changed::Done(key) } else { Changed::Conflict });
    }
    let before = row::describe(&key);
    let key = patched(key, update.patch.clone());
    save(connection, &key)?;
    audit::append(connection, caller.into(), &update.audit, Some(&before), now)?;
    Ok(Changed::Done(key))
}

/// Being used does not make a key another one.
fn same(expected: &Key, key: &Key) -> bool {
    let unused = |key: &Key| Key { last_used_at: None, last_used_ip: None, ..key.clone() };
    unused(expected) == unused(key)
}

fn only_revokes(patch: &KeyPatch) -> bool {
    let KeyPatch {
        name,
        scopes,
        state,
        expires_at,
        allowed_ips,
        creates_per_minute,
        daily_quota,
        signature_headers,
    } = patch;
    *state == Some(KeyState::Revoked)
        && name.is_none()
        && scopes.is_none()
        && expires_at.is_none()
        && allowed_ips.is_none()
        && creates_per_minute.is_none()
        && daily_quota.is_none()
        && signature_headers.is_none()
}

fn patched(mut key: Key, patch: KeyPatch) -> Key {
    key.name = patch.name.unwrap_or(key.name);
    key.scopes = patch.scopes.unwrap_or(key.scopes);
    key.state = patch.state.unwrap_or(key.state);
    key.expires_at = patch.expires_at.unwrap_or(key.expires_at);
    key.allowed_ips = patch.allowed_ips.unwrap_or(key.allowed_ips);
    key.limits.creates_per_minute = patch.creates_per_minute.unwrap_or(key.limits.creates_per_minute);
    key.limits.daily_quota = patch.daily_quota.unwrap_or(key.limits.daily_quota);
    key.signature_headers = patch.signature_headers.unwrap_or(key.signature_headers);
    key
}

/// Signature headers are the family's: its other keys see them change too.
fn save(connection: &Connection, key: &Key) -> SqlResult<()> {
    let state: &str = key.state.into();
    let columns = params![
        key.id.0,
        key.name,
        rows::to_json(&key.scopes)?,
        state,
        key.expires_at.map(|at| at.0),
        rows::to_json(&key.allowed_ips)?,
        key.limits.creates_per_minute,
        key.limits.daily_quota
    ];
    rows::write(connection, KEY_UPDATE, columns)?;
    let headers = rows::to_json(&key.signature_headers)?;
    rows::write(connection, FAMILY_UPDATE, params![key.family_id.0, headers]).map(|_| ())
}

pub(super) fn touch(connection: &Connection, uses: &[KeyUse]) -> SqlResult<()> {
    for used in uses {
        let address = used.address.map(|address| address.to_string());
        rows::write(connection, KEY_TOUCH, params![used.key_id.0, used.at.0, address])?;
    }
    Ok(())
}
