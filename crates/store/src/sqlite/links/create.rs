//! `link_create`: a link, its event and its idempotency record.

use hopline_domain::{
    id::LinkId,
    store::{Caller, LinkCreate, LinkCreated},
    time::Timestamp,
};
use uuid::Uuid;

use super::{
    make::{self, Making},
    read,
};
use crate::sqlite::{
    fault::SqlResult,
    idempotency::{self, Kind, Known, Place},
    writer::Turn,
};

pub(super) fn create(
    turn: &mut Turn<'_>,
    caller: Caller,
    create: &LinkCreate,
    now: Timestamp,
) -> SqlResult<LinkCreated> {
    let (place, claim) =
        (Place { family_id: caller.family_id, kind: Kind::LinkCreate }, create.idempotency.as_ref());
    match idempotency::find::<Uuid>(turn.connection, place, claim, now)? {
        Known::Nothing => {}
        Known::Reused => return Ok(LinkCreated::IdempotencyKeyReused),
        Known::Subject(id) => {
            let found = read::get(turn.connection, caller.workspace_id, LinkId(id))?;
            let gone = LinkCreated::ReplayedGone(LinkId(id));
            return Ok(found.map_or(gone, |link| LinkCreated::Replayed(Box::new(link))));
        }
    }
    let making = Making { link: &create.link, deed: create.deed, scene: &create.scene };
    match make::make(turn, caller, &making, now)? {
        Ok(link) => {
            idempotency::record(turn.connection, place, claim, link.id.0.as_bytes())?;
            Ok(LinkCreated::New(link))
        }
        Err(refused) => Ok(LinkCreated::Refused(refused)),
    }
}
