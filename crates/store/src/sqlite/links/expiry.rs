//! `link_expiry_sweep`: `link.expired`, once for each end of a link.

use hopline_domain::{
    event::EventType,
    id::{EventId, LinkId, derive},
    short_link::{ShortLink, ShortUrls},
    time::Timestamp,
};
use rusqlite::params;

use super::{read, tell};
use crate::sqlite::{fault::SqlResult, rows, writer::Turn};

pub(in crate::sqlite) const LINKS_EXPIRED: &str = "-- links_expired
select id from links where expires_at is not null and expiry_told = 0 and expires_at <= ?1
order by expires_at limit ?2";

const EXPIRY_TOLD: &str = "-- expiry_told
update links set expiry_told = 1 where id = ?1";

pub(super) fn sweep(turn: &mut Turn<'_>, urls: &ShortUrls, limit: u32, now: Timestamp) -> SqlResult<u32> {
    let expired =
        rows::many(turn.connection, LINKS_EXPIRED, params![now.0, limit], rows::value::<uuid::Uuid>)?;
    for id in &expired {
        rows::write(turn.connection, EXPIRY_TOLD, [id])?;
        if let Some((_, link)) = read::find_anywhere(turn.connection, LinkId(*id))? {
            tell::tell_alone(turn, EventType::LinkExpired, (event_id(&link), &link), urls, now)?;
        }
    }
    Ok(u32::try_from(expired.len()).unwrap_or(u32::MAX))
}

/// The same for the same end of the same link.
fn event_id(link: &ShortLink) -> EventId {
    let mut purpose = b"link.expired".to_vec();
    purpose.extend(link.content.expires_at.unwrap_or_default().0.to_be_bytes());
    EventId(derive(link.id.0, &purpose))
}
