//! A key as its columns, and as the audit log shows it.

use hopline_domain::{
    id::{FamilyId, KeyId, WorkspaceId},
    key::{Key, KeyLimits},
};
use serde_json::{Value, json};

use crate::sqlite::{
    fault::{Fault, SqlResult},
    rows::Columns,
};

/// The columns [`read`] takes, in its order, with the tables they come from.
macro_rules! key_view {
    ($more:literal) => {
        concat!(
            "k.seq, k.id, k.family_id, k.workspace_id, k.name, k.display, k.scopes, k.state, k.expires_at, k.allowed_ips,
    k.creates_per_minute, k.daily_quota, f.signature_headers, k.created_by, k.created_at, k.last_used_at, k.last_used_ip",
            $more,
            "\nfrom keys k join families f on f.id = k.family_id"
        )
    };
}
pub(super) use key_view;

/// A key with its row number.
pub(super) fn read(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, Key)> {
    let seq = columns.take()?;
    let key = Key {
        id: KeyId(columns.take()?),
        family_id: FamilyId(columns.take()?),
        workspace_id: WorkspaceId(columns.take()?),
        name: columns.take()?,
        display: columns.take()?,
        scopes: columns.json("a key's scopes")?,
        state: columns.word("a key's state")?,
        expires_at: columns.time_or_none()?,
        allowed_ips: columns.json("a key's allowed addresses")?,
        limits: KeyLimits { creates_per_minute: columns.take()?, daily_quota: columns.take()? },
        signature_headers: columns.json("a key's signature headers")?,
        created_by: columns.take::<Option<_>>()?.map(KeyId),
        created_at: columns.time()?,
        last_used_at: columns.time_or_none()?,
        last_used_ip: last_used_ip(columns)?,
    };
    Ok((seq, key))
}

fn last_used_ip(columns: &mut Columns<'_, '_>) -> SqlResult<Option<std::net::IpAddr>> {
    let text: Option<String> = columns.take()?;
    text.map(|text| text.parse().map_err(|error| Fault::decode("a key's last address", &error))).transpose()
}

/// What the audit log keeps of a key's state: nothing secret (I10).
pub(super) fn describe(key: &Key) -> Value {
    json!({
        "id": key.id,
        "family_id": key.family_id,
        "name": key.name,
        "display": key.display,
        "scopes": key.scopes,
        "state": key.state,
        "expires_at": key.expires_at,
        "allowed_ips": key.allowed_ips,
        "limits": key.limits,
        "signature_headers": key.signature_headers,
    })
}
