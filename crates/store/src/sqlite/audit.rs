//! Lines of the audit log, written in the transaction of the change they tell of.

use hopline_domain::{
    id::{KeyId, WorkspaceId},
    store::{AuditEntry, Caller},
    time::Timestamp,
};
use rusqlite::{Connection, params};
use serde_json::Value;

use super::{fault::SqlResult, rows};

const AUDIT_APPEND: &str = "-- audit_append
insert into audit (id, workspace_id, at, key_id, action, address, subject, state_before, state_after)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Whose log a line goes to, and who did it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Actor {
    pub(super) workspace_id: WorkspaceId,
    pub(super) key_id: KeyId,
}

impl From<Caller> for Actor {
    fn from(caller: Caller) -> Self {
        Self { workspace_id: caller.workspace_id, key_id: caller.key_id }
    }
}

/// Writes a line; `before` is what the change replaced.
pub(super) fn append(
    connection: &Connection,
    actor: Actor,
    entry: &AuditEntry,
    before: Option<&Value>,
    now: Timestamp,
) -> SqlResult<()> {
    let line = params![
        entry.id.0,
        actor.workspace_id.0,
        now.0,
        actor.key_id.0,
        entry.action,
        entry.address.map(|address| address.to_string()),
        entry.subject,
        before.map(Value::to_string),
        entry.after.to_string()
    ];
    rows::write(connection, AUDIT_APPEND, line).map(|_| ())
}
