//! `endpoint_create`: an endpoint, its lane, its family and its first secret.

use hopline_domain::{
    endpoint::{Endpoint, EndpointState},
    id::EndpointId,
    store::{Caller, Created, EndpointCreate},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::read;
use crate::sqlite::{
    audit,
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    keys, lanes, rows,
};

const FAMILY_OF_ENDPOINT: &str = "-- family_of_endpoint
insert into families (id, workspace_id, signature_headers, created_at) values (?1, ?2, ?3, ?4)";

const ENDPOINT_INSERT: &str = "-- endpoint_insert
insert into endpoints (
    id, workspace_id, family_id, lane_id, url, description, events, links, header_names, sealed_headers, schedule,
    timeout_ms, state, created_by, created_at, updated_at
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'active', ?13, ?14, ?14) returning seq";

const SUBSCRIPTION_INSERT: &str = "-- subscription_insert
insert into endpoint_subscriptions (workspace_id, name, endpoint_seq) values (?1, ?2, ?3)";

pub(super) fn create(
    connection: &Connection,
    caller: Caller,
    create: &EndpointCreate,
    now: Timestamp,
) -> SqlResult<Created<Endpoint>> {
    let place = Place { family_id: caller.family_id, kind: Kind::EndpointCreate };
    let known = idempotency::find(connection, place, create.idempotency.as_ref(), now)?;
    if let Some(known) = self::known(connection, caller, known)? {
        return Ok(known);
    }
    let used = read::count(connection, caller.workspace_id)?;
    if let Some(limit) = create.endpoints_max.filter(|limit| used >= *limit) {
        return Ok(Created::PlanLimit { limit, used });
    }
    let endpoint = of_new(caller, create, now);
    insert(connection, &endpoint, &create.sealed_secret)?;
    audit::append(connection, caller.into(), &create.audit, None, now)?;
    idempotency::record(connection, place, create.idempotency.as_ref(), endpoint.id.0.as_bytes())?;
    Ok(Created::New(endpoint))
}

/// The answer to a request that was made before; one that was deleted since says so.
pub(super) fn known(
    connection: &Connection,
    caller: Caller,
    known: Known<uuid::Uuid>,
) -> SqlResult<Option<Created<Endpoint>>> {
    Ok(match known {
        Known::Nothing => None,
        Known::Reused => Some(Created::IdempotencyKeyReused),
        Known::Subject(id) => {
            read::get_ever(connection, caller.workspace_id, EndpointId(id))?.map(Created::Replayed)
        }
    })
}

fn of_new(caller: Caller, create: &EndpointCreate, now: Timestamp) -> Endpoint {
    Endpoint {
        id: create.id,
        workspace_id: caller.workspace_id,
        family_id: create.family_id,
        settings: create.settings.clone(),
        state: EndpointState::Active,
        failing_since: None,
        created_by: caller.key_id,
        created_at: now,
        updated_at: now,
    }
}

fn insert(connection: &Connection, endpoint: &Endpoint, sealed_secret: &[u8]) -> SqlResult<()> {
    let settings = &endpoint.settings;
    let (family, workspace) = (endpoint.family_id, endpoint.workspace_id);
    let headers = rows::to_json(&settings.signature_headers)?;
    rows::write(
        connection,
        FAMILY_OF_ENDPOINT,
        params![family.0, workspace.0, headers, endpoint.created_at.0],
    )?;
    keys::secrets::insert(connection, family, sealed_secret, endpoint.created_at)?;
    let columns = params![
        endpoint.id.0,
        workspace.0,
        family.0,
        lanes::of_endpoint(connection, endpoint)?,
        settings.url,
        settings.description,
        rows::to_json(&settings.events)?,
        rows::to_json(&settings.links)?,
        rows::to_json(&settings.headers.names)?,
        settings.headers.sealed,
        rows::to_json(&settings.pace.schedule)?,
        i64::try_from(settings.pace.timeout_ms).unwrap_or(i64::MAX),
        endpoint.created_by.0,
        endpoint.created_at.0
    ];
    let seq = rows::one(connection, ENDPOINT_INSERT, columns, rows::value)?;
    subscribe(connection, seq.ok_or(rusqlite::Error::QueryReturnedNoRows)?, endpoint)
}

/// Writes what an endpoint subscribes to; nothing of it is there yet.
pub(super) fn subscribe(connection: &Connection, seq: i64, endpoint: &Endpoint) -> SqlResult<()> {
    for pattern in endpoint.settings.events.patterns() {
        let columns = params![endpoint.workspace_id.0, pattern.to_string(), seq];
        rows::write(connection, SUBSCRIPTION_INSERT, columns)?;
    }
    Ok(())
}
