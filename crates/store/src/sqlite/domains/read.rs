//! Looking domains up, and a domain as its columns.

use hopline_domain::{
    id::{DomainId, WorkspaceId},
    short_link::{DomainHost, ShortDomain},
    store::{Page, Paged},
};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::sqlite::{
    fault::{Fault, SqlResult},
    rows::{self, Columns},
};

macro_rules! domain_columns {
    () => {
        "seq, id, workspace_id, host, case_rule, root_url, not_found_url, verification_token, verified_at, revision,
    created_at, updated_at from domains"
    };
}

const DOMAIN_GET: &str = concat!("-- domain_get\nselect ", domain_columns!(), " where id = ?1");

pub(in crate::sqlite) const DOMAIN_BY_HOST: &str =
    concat!("-- domain_by_host\nselect ", domain_columns!(), " where host = ?1");

/// A workspace has few; the default domain was made before all of them.
pub(in crate::sqlite) const DOMAIN_LIST: &str = concat!(
    "-- domain_list\nselect ",
    domain_columns!(),
    " where workspace_id = ?1 and seq < ?2 order by seq desc limit ?3"
);

const DOMAIN_DEFAULT_BELOW: &str =
    concat!("-- domain_default_below\nselect ", domain_columns!(), " where id = zeroblob(16) and seq < ?1");

/// A domain with its row number, whosever it is.
pub(super) fn find(connection: &Connection, id: DomainId) -> SqlResult<Option<(i64, ShortDomain)>> {
    rows::one(connection, DOMAIN_GET, [id.0], read)
}

pub(super) fn get(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: DomainId,
) -> SqlResult<Option<ShortDomain>> {
    let found = find(connection, id)?.map(|(_, domain)| domain);
    Ok(found.filter(|domain| domain.workspace_id.is_none_or(|owner| owner == workspace_id)))
}

pub(super) fn by_host(connection: &Connection, host: &DomainHost) -> SqlResult<Option<ShortDomain>> {
    let found = rows::one(connection, DOMAIN_BY_HOST, [host.as_str()], read)?;
    Ok(found.map(|(_, domain)| domain))
}

pub(super) fn list(
    connection: &Connection,
    workspace_id: WorkspaceId,
    page: Page,
) -> SqlResult<Paged<ShortDomain>> {
    let (below, count) = rows::page_bounds(page);
    let mut domains = rows::many(connection, DOMAIN_LIST, params![workspace_id.0, below, count], read)?;
    domains.extend(rows::one(connection, DOMAIN_DEFAULT_BELOW, [below], read)?);
    Ok(rows::page_of(domains, page.limit))
}

fn read(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, ShortDomain)> {
    let seq = columns.take()?;
    let domain = ShortDomain {
        id: DomainId(columns.take()?),
        workspace_id: columns.take::<Option<_>>()?.map(WorkspaceId),
        host: host(columns)?,
        case_rule: columns.word("a case rule")?,
        root_url: columns.take()?,
        not_found_url: columns.take()?,
        verification_token: columns.take()?,
        verified_at: columns.time_or_none()?,
        revision: columns.take()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
    };
    Ok((seq, domain))
}

/// `null` for the default domain.
pub(in crate::sqlite) fn host(columns: &mut Columns<'_, '_>) -> SqlResult<Option<DomainHost>> {
    let text: Option<String> = columns.take()?;
    let parse = |text: String| DomainHost::parse(&text);
    text.map(|text| parse(text).map_err(|error| Fault::decode("a domain's host", &error))).transpose()
}

/// What the audit log keeps of a domain.
pub(super) fn describe(domain: &ShortDomain) -> Value {
    json!({
        "id": domain.id,
        "host": domain.host,
        "case_rule": domain.case_rule,
        "root_url": domain.root_url,
        "not_found_url": domain.not_found_url,
        "verified_at": domain.verified_at,
    })
}
