//! `delivery_get` and `delivery_list`, each with the state of the lane that explains a wait.

use hopline_domain::{
    delivery::{Attempt, DeliveryState},
    id::{DeliveryId, WorkspaceId},
    store::{DeliveryFilter, DeliveryView, Page, Paged},
};
use rusqlite::{Connection, params};

use super::row;
use crate::sqlite::{fault::SqlResult, rows};

pub(super) const DELIVERY_GET: &str =
    concat!("-- delivery_get\nselect ", row::delivery_view!(), "\nwhere d.id = ?1 and d.workspace_id = ?2");

const ATTEMPTS_OF_DELIVERY: &str = "-- attempts_of_delivery
select id, number, started_at, duration_ms, request_headers, response_status, response_headers, response_body,
    response_truncated, remote_addr, timings, error, error_detail
from attempts where delivery_seq = (select ifnull(batch_seq, seq) from deliveries where seq = ?1) order by seq";

pub(in crate::sqlite) const DELIVERY_LIST: &str = concat!(
    "-- delivery_list\nselect ",
    row::delivery_view!(),
    "\nwhere d.workspace_id = ?1 and (?2 is null or d.state = ?2) and d.seq < ?3 order by d.seq desc limit ?4"
);

pub(in crate::sqlite) const DELIVERY_LIST_OF_JOB: &str = concat!(
    "-- delivery_list: of one job\nselect ",
    row::delivery_view!(),
    "\nwhere d.job_id = ?5 and d.workspace_id = ?1 and (?2 is null or d.state = ?2) and d.seq < ?3
order by d.seq desc limit ?4"
);

pub(in crate::sqlite) const DELIVERY_LIST_OF_ENDPOINT: &str = concat!(
    "-- delivery_list: of one endpoint\nselect ",
    row::delivery_view!(),
    "\nwhere d.lane_id = (select lane_id from endpoints where id = ?5) and d.workspace_id = ?1
    and (?2 is null or d.state = ?2) and (?6 is null or d.job_id = ?6) and d.seq < ?3
order by d.seq desc limit ?4"
);

/// Few among many: walked by an index of their own.
pub(in crate::sqlite) const DELIVERY_LIST_NOT_SUCCEEDED: &str = concat!(
    "-- delivery_list: not succeeded\nselect ",
    row::delivery_view!(),
    "\nwhere d.workspace_id = ?1 and d.state = ?2 and d.state <> 'succeeded' and d.seq < ?3
order by d.seq desc limit ?4"
);

pub(in crate::sqlite) fn get(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: DeliveryId,
) -> SqlResult<Option<(DeliveryView, Vec<Attempt>)>> {
    let found = rows::one(connection, DELIVERY_GET, params![id.0, workspace_id.0], row::read)?;
    let with_attempts = |(seq, view)| {
        let attempts = rows::many(connection, ATTEMPTS_OF_DELIVERY, [seq], row::read_attempt)?;
        Ok((view, attempts))
    };
    found.map(with_attempts).transpose()
}

pub(super) fn list(
    connection: &Connection,
    workspace_id: WorkspaceId,
    filter: DeliveryFilter,
    page: Page,
) -> SqlResult<Paged<DeliveryView>> {
    let (below, count) = rows::page_bounds(page);
    let state: Option<&str> = filter.state.map(Into::into);
    let scope = params![workspace_id.0, state, below, count];
    let views = match (filter.job_id, filter.state) {
        _ if filter.endpoint_id.is_some() => {
            let (endpoint_id, job_id) = (filter.endpoint_id.map(|id| id.0), filter.job_id.map(|id| id.0));
            let scope = params![workspace_id.0, state, below, count, endpoint_id, job_id];
            rows::many(connection, DELIVERY_LIST_OF_ENDPOINT, scope, row::read)?
        }
        (Some(job_id), _) => {
            let scope = params![workspace_id.0, state, below, count, job_id.0];
            rows::many(connection, DELIVERY_LIST_OF_JOB, scope, row::read)?
        }
        (None, None | Some(DeliveryState::Succeeded)) => {
            rows::many(connection, DELIVERY_LIST, scope, row::read)?
        }
        (None, Some(_)) => rows::many(connection, DELIVERY_LIST_NOT_SUCCEEDED, scope, row::read)?,
    };
    Ok(rows::page_of(views, page.limit))
}
