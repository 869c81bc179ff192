//! Looking endpoints up, within a workspace (I08).

use hopline_domain::{
    endpoint::{Endpoint, EndpointState},
    id::{EndpointId, WorkspaceId},
    store::{Page, Paged},
};
use rusqlite::{Connection, params};

use super::row;
use crate::sqlite::{fault::SqlResult, rows};

const ENDPOINT_GET: &str =
    concat!("-- endpoint_get\nselect ", row::endpoint_view!(), " where p.id = ?1 and p.workspace_id = ?2");

const ENDPOINT_LIST: &str = concat!(
    "-- endpoint_list\nselect ",
    row::endpoint_view!(),
    " where p.workspace_id = ?1 and p.state <> 'deleted' and p.seq < ?2 order by p.seq desc limit ?3"
);

const ENDPOINTS_COUNT: &str = "-- endpoints_count
select count(*) from endpoints where workspace_id = ?1 and state <> 'deleted'";

/// One that was deleted too: for whoever made it.
pub(super) fn get_ever(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: EndpointId,
) -> SqlResult<Option<Endpoint>> {
    let found = rows::one(connection, ENDPOINT_GET, params![id.0, workspace_id.0], row::read)?;
    Ok(found.map(|(_, endpoint)| endpoint))
}

pub(in crate::sqlite) fn get(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: EndpointId,
) -> SqlResult<Option<Endpoint>> {
    let found = get_ever(connection, workspace_id, id)?;
    Ok(found.filter(|endpoint| endpoint.state != EndpointState::Deleted))
}

pub(super) fn list(
    connection: &Connection,
    workspace_id: WorkspaceId,
    page: Page,
) -> SqlResult<Paged<Endpoint>> {
    let (below, count) = rows::page_bounds(page);
    let endpoints = rows::many(connection, ENDPOINT_LIST, params![workspace_id.0, below, count], row::read)?;
    Ok(rows::page_of(endpoints, page.limit))
}

pub(super) fn count(connection: &Connection, workspace_id: WorkspaceId) -> SqlResult<u32> {
    Ok(rows::one(connection, ENDPOINTS_COUNT, [workspace_id.0], rows::value)?.unwrap_or(0))
}
