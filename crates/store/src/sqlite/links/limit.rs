//! `link.limit_reached`, once for each limit of a link.

use hopline_domain::{
    event::EventType,
    id::{EventId, LinkId, derive},
    short_link::ShortUrls,
    time::Timestamp,
};
use rusqlite::params;

use super::{read, tell};
use crate::sqlite::{fault::SqlResult, rows, writer::Turn};

pub(in crate::sqlite) const LINK_LIMIT: &str = "-- link_limit
select max_clicks from links where id = ?1 and max_clicks is not null";

const EVENT_KNOWN: &str = "-- event_known
select 1 from events where id = ?1";

/// Tells of a link that has used up its clicks, given how many a person made ever.
pub(in crate::sqlite) fn reached(
    turn: &mut Turn<'_>,
    (id, spent): (LinkId, u64),
    urls: &ShortUrls,
    now: Timestamp,
) -> SqlResult<()> {
    let limit: Option<i64> = rows::one(turn.connection, LINK_LIMIT, [id.0], rows::value)?;
    let Some(limit) = limit.and_then(|limit| u64::try_from(limit).ok()).filter(|limit| spent >= *limit)
    else {
        return Ok(());
    };
    let event_id = event_id(id, limit);
    let known: Option<i64> = rows::one(turn.connection, EVENT_KNOWN, params![event_id.0], rows::value)?;
    if known.is_some() {
        return Ok(());
    }
    match read::find_anywhere(turn.connection, id)? {
        Some((_, link)) => tell::tell_alone(turn, EventType::LinkLimitReached, (event_id, &link), urls, now),
        None => Ok(()),
    }
}

/// The same for the same limit of the same link.
fn event_id(id: LinkId, limit: u64) -> EventId {
    let mut purpose = b"link.limit_reached".to_vec();
    purpose.extend(limit.to_be_bytes());
    EventId(derive(id.0, &purpose))
}
