//! Looking links up by one of their names, within a workspace (I08).

use hopline_domain::{
    id::{DomainId, LinkId, WorkspaceId},
    short_link::{CaseRule, ShortLink, Slug},
};
use rusqlite::{Connection, params};

use super::row;
use crate::sqlite::{fault::SqlResult, rows};

pub(in crate::sqlite) const LINK_GET: &str =
    concat!("-- link_get\nselect ", row::link_view!(), " where l.id = ?1 and l.workspace_id = ?2");

/// For the operator, and for what was found before.
pub(in crate::sqlite) const LINK_GET_ANYWHERE: &str =
    concat!("-- link_get_anywhere\nselect ", row::link_view!(), " where l.id = ?1");

pub(in crate::sqlite) const LINK_BY_SLUG: &str = concat!(
    "-- link_by_slug\nselect ",
    row::link_view!(),
    " where d.id = ?1 and l.domain_seq = d.seq and l.slug_key = ?2"
);

pub(in crate::sqlite) const LINK_BY_EXTERNAL_ID: &str = concat!(
    "-- link_by_external_id\nselect ",
    row::link_view!(),
    " where l.workspace_id = ?1 and l.external_id = ?2"
);

pub(super) const CASE_RULE: &str = "-- case_rule
select case_rule from domains where id = ?1";

/// A link with its row number.
pub(super) fn find(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: LinkId,
) -> SqlResult<Option<(i64, ShortLink)>> {
    rows::one(connection, LINK_GET, params![id.0, workspace_id.0], row::read)
}

pub(super) fn find_anywhere(connection: &Connection, id: LinkId) -> SqlResult<Option<(i64, ShortLink)>> {
    rows::one(connection, LINK_GET_ANYWHERE, params![id.0], row::read)
}

/// A link of any workspace.
pub(in crate::sqlite) fn anywhere(connection: &Connection, id: LinkId) -> SqlResult<Option<ShortLink>> {
    Ok(find_anywhere(connection, id)?.map(|(_, link)| link))
}

pub(super) fn find_by_external_id(
    connection: &Connection,
    workspace_id: WorkspaceId,
    external_id: &str,
) -> SqlResult<Option<(i64, ShortLink)>> {
    rows::one(connection, LINK_BY_EXTERNAL_ID, params![workspace_id.0, external_id], row::read)
}

pub(super) fn get(
    connection: &Connection,
    workspace_id: WorkspaceId,
    id: LinkId,
) -> SqlResult<Option<ShortLink>> {
    Ok(find(connection, workspace_id, id)?.map(|(_, link)| link))
}

pub(super) fn by_external_id(
    connection: &Connection,
    workspace_id: WorkspaceId,
    external_id: &str,
) -> SqlResult<Option<ShortLink>> {
    Ok(find_by_external_id(connection, workspace_id, external_id)?.map(|(_, link)| link))
}

pub(super) fn by_slug(
    connection: &Connection,
    workspace_id: WorkspaceId,
    domain_id: DomainId,
    slug: &Slug,
) -> SqlResult<Option<ShortLink>> {
    let Some(rule) = case_rule(connection, domain_id)? else { return Ok(None) };
    let found =
        rows::one(connection, LINK_BY_SLUG, params![domain_id.0, slug.key(rule).as_str()], row::read)?;
    Ok(found.map(|(_, link)| link).filter(|link| link.workspace_id == workspace_id))
}

pub(super) fn case_rule(connection: &Connection, domain_id: DomainId) -> SqlResult<Option<CaseRule>> {
    rows::one(connection, CASE_RULE, params![domain_id.0], |columns| columns.word("a case rule"))
}
