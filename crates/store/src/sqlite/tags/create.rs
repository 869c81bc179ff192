//! `tag_create`.

use hopline_domain::{
    id::TagId,
    store::{Caller, TagCreate, TagCreated},
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

const TAG_CREATE: &str = "-- tag_create
insert into tags (id, workspace_id, name, name_key, created_at, updated_at) values (?1, ?2, ?3, ?4, ?5, ?5)
on conflict (workspace_id, name_key) do nothing";

pub(super) fn create(
    connection: &Connection,
    caller: Caller,
    create: &TagCreate,
    now: Timestamp,
) -> SqlResult<TagCreated> {
    let place = Place { family_id: caller.family_id, kind: Kind::TagCreate };
    match idempotency::find::<Uuid>(connection, place, create.idempotency.as_ref(), now)? {
        Known::Nothing => {}
        Known::Reused => return Ok(TagCreated::IdempotencyKeyReused),
        Known::Subject(id) => {
            let found = read::get(connection, caller.workspace_id, TagId(id))?;
            let gone = TagCreated::ReplayedGone(TagId(id));
            return Ok(found.map_or(gone, |(_, tag)| TagCreated::Replayed(tag)));
        }
    }
    let name = &create.name;
    let columns = params![create.id.0, caller.workspace_id.0, name.as_str(), name.key(), now.0];
    if rows::write(connection, TAG_CREATE, columns)? == 0 {
        return Ok(TagCreated::NameTaken);
    }
    let made = read::get(connection, caller.workspace_id, create.id)?;
    let (_, tag) = made.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    audit::append(connection, caller.into(), &create.audit, None, now)?;
    idempotency::record(connection, place, create.idempotency.as_ref(), create.id.0.as_bytes())?;
    Ok(TagCreated::New(tag))
}
