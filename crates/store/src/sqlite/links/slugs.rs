//! Which slugs are free: not those of links, nor those of deleted links of another workspace.

use hopline_domain::{
    id::{DomainId, WorkspaceId},
    short_link::{CaseRule, ShortLink, Slug, SlugKey},
    store::{LinkRefused, SlugChoice},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use crate::sqlite::{fault::SqlResult, rows};

const DOMAIN_FOR_LINKS: &str = "-- domain_for_links
select seq, case_rule, verified_at is not null from domains
where id = ?1 and (workspace_id is null or workspace_id = ?2)";

const SLUG_IN_USE: &str = "-- slug_in_use
select 1 from links where domain_seq = ?1 and slug_key = ?2";

const SLUG_KEPT_FROM: &str = "-- slug_kept_from
select 1 from slug_tombstones where domain_seq = ?1 and slug_key = ?2 and workspace_id is not ?3";

const TOMBSTONE_REMOVE: &str = "-- tombstone_remove
delete from slug_tombstones where domain_seq = ?1 and slug_key = ?2";

const TOMBSTONE_SET: &str = "-- tombstone_set
insert into slug_tombstones (domain_seq, slug_key, workspace_id, fallback_url, forward_path, deleted_at)
values ((select seq from domains where id = ?1), ?2, ?3, ?4, ?5, ?6)";

/// A domain that links are made on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground {
    pub(super) domain_seq: i64,
    pub(super) rule: CaseRule,
}

/// The domain, if the workspace may make links on it.
pub(super) fn ground(
    connection: &Connection,
    workspace_id: WorkspaceId,
    domain_id: DomainId,
) -> SqlResult<Result<Ground, LinkRefused>> {
    let found = rows::one(connection, DOMAIN_FOR_LINKS, params![domain_id.0, workspace_id.0], |columns| {
        let ground = Ground { domain_seq: columns.take()?, rule: columns.word("a case rule")? };
        Ok((ground, columns.take::<bool>()?))
    })?;
    Ok(match found {
        None => Err(LinkRefused::DomainUnknown),
        Some((_, false)) => Err(LinkRefused::DomainUnverified),
        Some((ground, true)) => Ok(ground),
    })
}

/// The slug a new link gets.
pub(super) fn choose(
    connection: &Connection,
    workspace_id: WorkspaceId,
    ground: Ground,
    choice: &SlugChoice,
) -> SqlResult<Result<Slug, LinkRefused>> {
    let (candidates, refused) = match choice {
        SlugChoice::Chosen(slug) => (std::slice::from_ref(slug), LinkRefused::SlugTaken),
        SlugChoice::Random(slugs) => (slugs.as_slice(), LinkRefused::NoFreeSlug),
    };
    for slug in candidates {
        if is_free(connection, workspace_id, ground, &slug.key(ground.rule))? {
            return Ok(Ok(slug.clone()));
        }
    }
    Ok(Err(refused))
}

pub(super) fn is_free(
    connection: &Connection,
    workspace_id: WorkspaceId,
    ground: Ground,
    key: &SlugKey,
) -> SqlResult<bool> {
    let place = params![ground.domain_seq, key.as_str()];
    if rows::one(connection, SLUG_IN_USE, place, rows::value::<i64>)?.is_some() {
        return Ok(false);
    }
    let place = params![ground.domain_seq, key.as_str(), workspace_id.0];
    Ok(rows::one(connection, SLUG_KEPT_FROM, place, rows::value::<i64>)?.is_none())
}

/// A link lives at this slug again.
pub(super) fn take(connection: &Connection, ground: Ground, key: &SlugKey) -> SqlResult<()> {
    rows::write(connection, TOMBSTONE_REMOVE, params![ground.domain_seq, key.as_str()]).map(|_| ())
}

/// A link lives at its slug no more. That of a blocked one is nobody's: making it anew would undo the block.
pub(super) fn leave(
    connection: &Connection,
    link: &ShortLink,
    fallback_url: Option<&str>,
    now: Timestamp,
) -> SqlResult<()> {
    let owner = link.blocked_reason.is_none().then_some(link.workspace_id.0);
    let fallback_url = fallback_url.filter(|_| link.blocked_reason.is_none());
    let rule = super::read::case_rule(connection, link.domain_id)?.unwrap_or_default();
    let key = link.slug.key(rule);
    let stone =
        params![link.domain_id.0, key.as_str(), owner, fallback_url, link.content.forward_path, now.0];
    rows::write(connection, TOMBSTONE_SET, stone).map(|_| ())
}
