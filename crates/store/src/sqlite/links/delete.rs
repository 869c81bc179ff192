//! `link_delete`: a link goes, its slug stays kept.

use hopline_domain::{
    event::EventType,
    short_link::LinkContent,
    store::{Caller, LinkDelete, LinkDeleted},
    time::Timestamp,
};

use super::{
    meters::{self, Added},
    read, slugs,
    tell::{self, Told},
};
use crate::sqlite::{fault::SqlResult, rows, writer::Turn};

const LINK_TAGS_REMOVE: &str = "-- link_tags_remove
delete from link_tags where link_seq = ?1";

const LINK_REMOVE: &str = "-- link_remove
delete from links where seq = ?1";

pub(super) fn delete(
    turn: &mut Turn<'_>,
    caller: Caller,
    delete: &LinkDelete,
    now: Timestamp,
) -> SqlResult<LinkDeleted> {
    let connection = turn.connection;
    let Some((seq, link)) = read::find(connection, caller.workspace_id, delete.link_id)? else {
        return Ok(LinkDeleted::NotFound);
    };
    if delete.expected_revision.is_some_and(|expected| expected != link.revision) {
        return Ok(LinkDeleted::Stale);
    }
    rows::write(connection, LINK_TAGS_REMOVE, [seq])?;
    rows::write(connection, LINK_REMOVE, [seq])?;
    slugs::leave(connection, &link, link.content.expired_url.as_deref(), now)?;
    meters::add(connection, caller.workspace_id, removed(&link.content))?;
    let told = Told {
        action: "link.delete",
        event_type: EventType::LinkDeleted,
        deed: delete.deed,
        scene: &delete.scene,
        key_id: caller.key_id,
    };
    tell::tell(turn, &told, &link, Some(&link), now)?;
    Ok(LinkDeleted::Done(Box::new(link)))
}

fn removed(content: &LinkContent) -> Added {
    let added = Added::by_link(content);
    Added { links: -added.links, qr_codes: -added.qr_codes }
}
