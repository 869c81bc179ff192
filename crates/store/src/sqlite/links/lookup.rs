//! What the redirect path reads: the link at a path, and the links that end after a number of clicks.

use std::sync::Arc;

use hopline_domain::{
    id::{DomainId, LinkId},
    short_link::lookup_keys,
    store::{LinkLimit, RedirectEntry},
};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{
    read::{self, LINK_BY_SLUG},
    row,
};
use crate::sqlite::{fault::SqlResult, rows};

pub(in crate::sqlite) const TOMBSTONE_AT: &str = "-- tombstone_at
select fallback_url, forward_path from slug_tombstones
where domain_seq = (select seq from domains where id = ?1) and slug_key = ?2";

pub(in crate::sqlite) const LINKS_LIMITED: &str = "-- links_limited
select id, max_clicks from links where max_clicks is not null and id > ?1 order by id limit ?2";

pub(super) fn lookup(connection: &Connection, domain_id: DomainId, path: &str) -> SqlResult<RedirectEntry> {
    let Some(rule) = read::case_rule(connection, domain_id)? else { return Ok(RedirectEntry::Nothing) };
    for found in lookup_keys(path, rule) {
        let is_exact = found.matched_bytes == path.len();
        let place = params![domain_id.0, found.key.as_str()];
        if let Some((_, link)) = rows::one(connection, LINK_BY_SLUG, place, row::read)? {
            if is_exact || link.content.forward_path {
                let (link, matched_bytes) = (Arc::new(link), found.matched_bytes);
                return Ok(RedirectEntry::Link { link, matched_bytes });
            }
        } else if let Some(deleted) = tombstone(connection, (domain_id, found.key.as_str()))?
            && (is_exact || deleted.forward_path)
        {
            // A deleted link takes what was its own along: its visits never reach another link.
            return Ok(RedirectEntry::Deleted { fallback_url: deleted.fallback_url });
        }
    }
    Ok(RedirectEntry::Nothing)
}

struct Tombstone {
    fallback_url: Option<String>,
    forward_path: bool,
}

fn tombstone(connection: &Connection, (domain_id, key): (DomainId, &str)) -> SqlResult<Option<Tombstone>> {
    rows::one(connection, TOMBSTONE_AT, params![domain_id.0, key], |columns| {
        Ok(Tombstone { fallback_url: columns.take()?, forward_path: columns.take()? })
    })
}

pub(super) fn limits(
    connection: &Connection,
    after: Option<LinkId>,
    limit: u32,
) -> SqlResult<Vec<LinkLimit>> {
    let after = after.map_or(Uuid::nil(), |id| id.0);
    rows::many(connection, LINKS_LIMITED, params![after, limit], |columns| {
        let link_id = LinkId(columns.take()?);
        Ok(LinkLimit { link_id, max_clicks: row::max_clicks(columns)?.unwrap_or(0) })
    })
}
