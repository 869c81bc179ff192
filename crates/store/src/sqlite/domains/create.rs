//! `domain_create`: a domain that serves nothing until it is verified.

use hopline_domain::{
    id::DomainId,
    limits,
    store::{Caller, DomainCreate, DomainCreated},
    time::Timestamp,
};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::read;
use crate::sqlite::{
    audit,
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    rows,
};

const DOMAIN_INSERT: &str = "-- domain_insert
insert into domains (
    id, workspace_id, host, case_rule, root_url, not_found_url, verification_token, created_at, updated_at
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
on conflict (host) where host is not null do nothing";

/// Nothing hangs on a claim: links need a verified domain.
const CLAIM_LAPSE: &str = "-- claim_lapse
delete from domains where host = ?1 and verified_at is null and workspace_id <> ?2 and created_at <= ?3";

pub(super) fn create(
    connection: &Connection,
    caller: Caller,
    create: &DomainCreate,
    now: Timestamp,
) -> SqlResult<DomainCreated> {
    let place = Place { family_id: caller.family_id, kind: Kind::DomainCreate };
    match idempotency::find::<Uuid>(connection, place, create.idempotency.as_ref(), now)? {
        Known::Nothing => {}
        Known::Reused => return Ok(DomainCreated::IdempotencyKeyReused),
        Known::Subject(id) => {
            let found = read::get(connection, caller.workspace_id, DomainId(id))?;
            let gone = DomainCreated::ReplayedGone(DomainId(id));
            return Ok(found.map_or(gone, DomainCreated::Replayed));
        }
    }
    if !insert(connection, caller, create, now)? {
        return Ok(DomainCreated::HostTaken);
    }
    let domain = read::get(connection, caller.workspace_id, create.id)?;
    let domain = domain.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    audit::append(connection, caller.into(), &create.audit, None, now)?;
    idempotency::record(connection, place, create.idempotency.as_ref(), domain.id.0.as_bytes())?;
    Ok(DomainCreated::New(domain))
}

/// Whether the host was free. A claim that nobody proved in time does not keep another workspace from it.
fn insert(connection: &Connection, caller: Caller, create: &DomainCreate, now: Timestamp) -> SqlResult<bool> {
    let lapsed = now.minus_ms(limits::DOMAIN_CLAIM_MS);
    rows::write(connection, CLAIM_LAPSE, params![create.host.as_str(), caller.workspace_id.0, lapsed.0])?;
    let settings = &create.settings;
    let case_rule: &str = settings.case_rule.into();
    let columns = params![
        create.id.0,
        caller.workspace_id.0,
        create.host.as_str(),
        case_rule,
        settings.root_url,
        settings.not_found_url,
        create.verification_token,
        now.0
    ];
    Ok(rows::write(connection, DOMAIN_INSERT, columns)? > 0)
}
