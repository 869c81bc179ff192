//! `endpoint_update` and `endpoint_delete`.

use hopline_domain::{
    endpoint::{DisabledReason, Endpoint, EndpointState},
    store::{Caller, Changed, EndpointDelete, EndpointUpdate, Switch},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{create, read, row};
use crate::sqlite::{audit, fault::SqlResult, lanes, rows, writer::Turn};

const ENDPOINT_UPDATE: &str = "-- endpoint_update
update endpoints set
    url = ?2, description = ?3, events = ?4, links = ?5, header_names = ?6, sealed_headers = ?7, schedule = ?8,
    timeout_ms = ?9, state = ?10, disabled_reason = ?11, disabled_at = ?12, updated_at = ?13
where id = ?1 returning seq, lane_id";

const SUBSCRIPTIONS_REMOVE: &str = "-- subscriptions_remove
delete from endpoint_subscriptions where endpoint_seq = ?1";

const ENDPOINT_FAMILY_UPDATE: &str = "-- endpoint_family_update
update families set signature_headers = ?2 where id = ?1";

pub(super) fn update(
    turn: &mut Turn<'_>,
    caller: Caller,
    update: &EndpointUpdate,
    now: Timestamp,
) -> SqlResult<Changed<Endpoint>> {
    let connection = turn.connection;
    let Some(before) = read::get(connection, caller.workspace_id, update.endpoint_id)? else {
        return Ok(Changed::NotFound);
    };
    if !same(&update.expected, &before) {
        return Ok(Changed::Stale);
    }
    let mut endpoint = Endpoint { settings: update.settings.clone(), updated_at: now, ..before.clone() };
    endpoint.state = switched(before.state, update.switch, now);
    let (seq, lane_id) = save(connection, &endpoint)?;
    rows::write(connection, SUBSCRIPTIONS_REMOVE, [seq])?;
    create::subscribe(connection, seq, &endpoint)?;
    follow(turn, lane_id, &mut endpoint, now)?;
    audit::append(turn.connection, caller.into(), &update.audit, Some(&row::describe(&before)), now)?;
    Ok(Changed::Done(endpoint))
}

/// Failing or not does not make an endpoint another one.
fn same(expected: &Endpoint, endpoint: &Endpoint) -> bool {
    let apart = |endpoint: &Endpoint| Endpoint { failing_since: None, ..endpoint.clone() };
    apart(expected) == apart(endpoint)
}

fn switched(state: EndpointState, switch: Option<Switch>, now: Timestamp) -> EndpointState {
    match (state, switch) {
        (EndpointState::Active, Some(Switch::Off)) => {
            EndpointState::Disabled { reason: DisabledReason::Manual, at: now }
        }
        (EndpointState::Disabled { .. }, Some(Switch::On)) => EndpointState::Active,
        (state, _) => state,
    }
}

fn save(connection: &Connection, endpoint: &Endpoint) -> SqlResult<(i64, i64)> {
    let settings = &endpoint.settings;
    let (state, reason, disabled_at) = row::state_columns(endpoint.state);
    let columns = params![
        endpoint.id.0,
        settings.url,
        settings.description,
        rows::to_json(&settings.events)?,
        rows::to_json(&settings.links)?,
        rows::to_json(&settings.headers.names)?,
        settings.headers.sealed,
        rows::to_json(&settings.pace.schedule)?,
        i64::try_from(settings.pace.timeout_ms).unwrap_or(i64::MAX),
        state,
        reason,
        disabled_at,
        endpoint.updated_at.0
    ];
    let headers = rows::to_json(&settings.signature_headers)?;
    rows::write(connection, ENDPOINT_FAMILY_UPDATE, params![endpoint.family_id.0, headers])?;
    let saved =
        rows::one(connection, ENDPOINT_UPDATE, columns, |columns| Ok((columns.take()?, columns.take()?)))?;
    saved.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// The lane follows its endpoint: pace, batches, and whether anything is sent.
fn follow(turn: &mut Turn<'_>, lane_id: i64, endpoint: &mut Endpoint, now: Timestamp) -> SqlResult<()> {
    lanes::set(turn.connection, lane_id, endpoint)?;
    let mut lane = lanes::get(turn.connection, lane_id)?;
    match (endpoint.state, lane.disabled) {
        (EndpointState::Active, true) => lane.resume(),
        (EndpointState::Disabled { .. } | EndpointState::Deleted, false) => lane.disable(),
        _ => {}
    }
    lane.gathering = lanes::gathering(turn.connection, &lane)?;
    endpoint.failing_since = lane.failing_since;
    lanes::save(turn.connection, &lane, now)?;
    turn.wakes.deliveries_due = true;
    Ok(())
}

pub(super) fn delete(
    connection: &Connection,
    caller: Caller,
    delete: &EndpointDelete,
    now: Timestamp,
) -> SqlResult<Changed<Endpoint>> {
    let Some(before) = read::get(connection, caller.workspace_id, delete.endpoint_id)? else {
        return Ok(Changed::NotFound);
    };
    if delete.expected.as_ref().is_some_and(|expected| !same(expected, &before)) {
        return Ok(Changed::Stale);
    }
    let endpoint = Endpoint { state: EndpointState::Deleted, updated_at: now, ..before.clone() };
    let (seq, lane_id) = save(connection, &endpoint)?;
    rows::write(connection, SUBSCRIPTIONS_REMOVE, [seq])?;
    let mut lane = lanes::get(connection, lane_id)?;
    lane.disable();
    lanes::save(connection, &lane, now)?;
    audit::append(connection, caller.into(), &delete.audit, Some(&row::describe(&before)), now)?;
    Ok(Changed::Done(endpoint))
}
