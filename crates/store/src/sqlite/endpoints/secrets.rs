//! `endpoint_secret_rotate`: a new secret beside the old ones for a while.

use hopline_domain::{
    endpoint::Endpoint,
    store::{Caller, Created, EndpointSecretRotation},
    time::Timestamp,
};
use rusqlite::Connection;

use super::{create, read};
use crate::sqlite::{
    audit,
    fault::SqlResult,
    idempotency::{self, Kind, Place},
    keys::secrets::{self, Successor},
};

pub(super) fn rotate(
    connection: &Connection,
    caller: Caller,
    rotation: &EndpointSecretRotation,
    now: Timestamp,
) -> SqlResult<Created<Endpoint>> {
    let place = Place { family_id: caller.family_id, kind: Kind::EndpointSecretRotate };
    let known = idempotency::find(connection, place, rotation.idempotency.as_ref(), now)?;
    if let Some(known) = create::known(connection, caller, known)? {
        return Ok(known);
    }
    let Some(endpoint) = read::get(connection, caller.workspace_id, rotation.endpoint_id)? else {
        return Ok(Created::NotFound);
    };
    let successor = Successor { sealed: &rotation.sealed, old_until: rotation.old_until };
    secrets::succeed(connection, endpoint.family_id, &successor, now)?;
    audit::append(connection, caller.into(), &rotation.audit, None, now)?;
    idempotency::record(connection, place, rotation.idempotency.as_ref(), endpoint.id.0.as_bytes())?;
    Ok(Created::New(endpoint))
}
