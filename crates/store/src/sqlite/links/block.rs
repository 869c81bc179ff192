//! `link_block`: the server's operator takes a link out of service, or gives it back.

use hopline_domain::{
    event::EventType,
    store::{Caller, LinkBlock, LinkChanged},
    time::Timestamp,
};
use rusqlite::params;

use super::{
    read,
    tell::{self, Told},
};
use crate::sqlite::{fault::SqlResult, rows, writer::Turn};

const LINK_BLOCK: &str = "-- link_block
update links set blocked_reason = ?2, updated_at = ?3, revision = revision + 1 where seq = ?1";

pub(super) fn block(
    turn: &mut Turn<'_>,
    caller: Caller,
    block: &LinkBlock,
    now: Timestamp,
) -> SqlResult<LinkChanged> {
    let Some((seq, before)) = read::find_anywhere(turn.connection, block.link_id)? else {
        return Ok(LinkChanged::NotFound);
    };
    if before.blocked_reason == block.reason {
        return Ok(LinkChanged::Done { link: Box::new(before.clone()), before: Box::new(before) });
    }
    rows::write(turn.connection, LINK_BLOCK, params![seq, block.reason, now.0])?;
    let changed = read::find_anywhere(turn.connection, block.link_id)?;
    let (_, link) = changed.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let told = Told {
        action: if block.reason.is_some() { "link.block" } else { "link.unblock" },
        event_type: EventType::LinkUpdated,
        deed: block.deed,
        scene: &block.scene,
        key_id: caller.key_id,
    };
    tell::tell(turn, &told, &link, Some(&before), now)?;
    Ok(LinkChanged::Done { link: Box::new(link), before: Box::new(before) })
}
