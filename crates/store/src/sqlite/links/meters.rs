//! How many links and saved QR designs a workspace has: kept as sums, because counting millions takes time.

use hopline_domain::{
    id::WorkspaceId,
    short_link::LinkContent,
    store::{LinkQuota, LinkRefused},
};
use rusqlite::{Connection, params};

use crate::sqlite::{fault::SqlResult, rows};

const METERS_LINKS: &str = "-- meters_links
select links, qr_codes from meters where workspace_id = ?1";

const METERS_LINKS_MOVE: &str = "-- meters_links_move
update meters set links = links + ?2, qr_codes = qr_codes + ?3 where workspace_id = ?1";

/// What a workspace has.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sqlite) struct Held {
    pub(in crate::sqlite) links: u32,
    pub(in crate::sqlite) qr_codes: u32,
}

/// What a change adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    pub(super) links: i64,
    pub(super) qr_codes: i64,
}

impl Added {
    pub(super) fn by_link(content: &LinkContent) -> Self {
        Self { links: 1, qr_codes: i64::from(content.qr.is_some()) }
    }

    pub(super) fn by_change(before: &LinkContent, after: &LinkContent) -> Self {
        Self { links: 0, qr_codes: i64::from(after.qr.is_some()) - i64::from(before.qr.is_some()) }
    }
}

pub(in crate::sqlite) fn held(connection: &Connection, workspace_id: WorkspaceId) -> SqlResult<Held> {
    let held = rows::one(connection, METERS_LINKS, [workspace_id.0], |columns| {
        Ok(Held { links: columns.take()?, qr_codes: columns.take()? })
    })?;
    Ok(held.unwrap_or_default())
}

/// Why the plan has no room for what is added.
pub(super) fn refuse(
    connection: &Connection,
    workspace_id: WorkspaceId,
    quota: LinkQuota,
    added: Added,
) -> SqlResult<Option<LinkRefused>> {
    if added.links <= 0 && added.qr_codes <= 0 {
        return Ok(None);
    }
    let held = held(connection, workspace_id)?;
    if let Some(limit) = quota.links_max.filter(|limit| added.links > 0 && held.links >= *limit) {
        return Ok(Some(LinkRefused::LinksLimit { limit, used: held.links }));
    }
    let full = quota.qr_codes_max.filter(|limit| added.qr_codes > 0 && held.qr_codes >= *limit);
    Ok(full.map(|limit| LinkRefused::QrCodesLimit { limit, used: held.qr_codes }))
}

pub(super) fn add(connection: &Connection, workspace_id: WorkspaceId, added: Added) -> SqlResult<()> {
    if added == Added::default() {
        return Ok(());
    }
    let sums = params![workspace_id.0, added.links, added.qr_codes];
    rows::write(connection, METERS_LINKS_MOVE, sums).map(|_| ())
}
