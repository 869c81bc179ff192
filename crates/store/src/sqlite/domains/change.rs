//! `domain_update`, `domain_verify` and `domain_delete`.

use hopline_domain::{
    short_link::ShortDomain,
    store::{
        AuditEntry, Caller, Changed, DomainAuthority, DomainDelete, DomainSettings, DomainUpdate,
        DomainVerify,
    },
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::read;
use crate::sqlite::{
    audit::{self, Actor},
    fault::SqlResult,
    rows,
};

const DOMAIN_UPDATE: &str = "-- domain_update
update domains set case_rule = ?2, root_url = ?3, not_found_url = ?4, updated_at = ?5, revision = revision + 1
where seq = ?1";

const DOMAIN_VERIFY: &str = "-- domain_verify
update domains set verified_at = ?2, updated_at = ?2, revision = revision + 1 where seq = ?1";

const DOMAIN_HAS_LINKS: &str = "-- domain_has_links
select exists (select 1 from links where domain_seq = ?1)";

const DOMAIN_KEEPS_SLUGS: &str = "-- domain_keeps_slugs
select exists (select 1 from slug_tombstones where domain_seq = ?1)";

const SLUGS_FORGET: &str = "-- slugs_forget
delete from slug_tombstones where domain_seq = ?1";

const DOMAIN_REMOVE: &str = "-- domain_remove
delete from domains where seq = ?1";

pub(super) fn update(
    connection: &Connection,
    caller: Caller,
    update: &DomainUpdate,
    now: Timestamp,
) -> SqlResult<Changed<ShortDomain>> {
    let Some((seq, before)) = reach(connection, caller, (update.id, update.authority))? else {
        return Ok(Changed::NotFound);
    };
    if before.revision != update.expected_revision {
        return Ok(Changed::Stale);
    }
    if settings_of(&before) == update.settings {
        return Ok(Changed::Done(before));
    }
    if before.case_rule != update.settings.case_rule && keeps_slugs(connection, seq)? {
        return Ok(Changed::Conflict);
    }
    let case_rule: &str = update.settings.case_rule.into();
    let (root_url, not_found_url) = (&update.settings.root_url, &update.settings.not_found_url);
    rows::write(connection, DOMAIN_UPDATE, params![seq, case_rule, root_url, not_found_url, now.0])?;
    done(connection, caller, (&before, &update.audit), now)
}

pub(super) fn verify(
    connection: &Connection,
    caller: Caller,
    verify: &DomainVerify,
    now: Timestamp,
) -> SqlResult<Changed<ShortDomain>> {
    let Some((seq, before)) = reach(connection, caller, (verify.id, verify.authority))? else {
        return Ok(Changed::NotFound);
    };
    if before.verified_at.is_some() {
        return Ok(Changed::Done(before));
    }
    rows::write(connection, DOMAIN_VERIFY, params![seq, now.0])?;
    done(connection, caller, (&before, &verify.audit), now)
}

pub(super) fn delete(
    connection: &Connection,
    caller: Caller,
    delete: &DomainDelete,
    now: Timestamp,
) -> SqlResult<Changed<ShortDomain>> {
    let owned = (delete.id, DomainAuthority::Owner);
    let Some((seq, domain)) = reach(connection, caller, owned)? else { return Ok(Changed::NotFound) };
    if delete.expected_revision.is_some_and(|expected| expected != domain.revision) {
        return Ok(Changed::Stale);
    }
    if is_true(connection, DOMAIN_HAS_LINKS, seq)? {
        return Ok(Changed::Conflict);
    }
    rows::write(connection, SLUGS_FORGET, [seq])?;
    rows::write(connection, DOMAIN_REMOVE, [seq])?;
    audit::append(connection, caller.into(), &delete.audit, Some(&read::describe(&domain)), now)?;
    Ok(Changed::Done(domain))
}

/// The domain, if the caller may change it.
fn reach(
    connection: &Connection,
    caller: Caller,
    (id, authority): (hopline_domain::id::DomainId, DomainAuthority),
) -> SqlResult<Option<(i64, ShortDomain)>> {
    let may = |domain: &ShortDomain| match authority {
        DomainAuthority::Owner => domain.workspace_id == Some(caller.workspace_id),
        DomainAuthority::Operator => true,
    };
    Ok(read::find(connection, id)?.filter(|(_, domain)| may(domain)))
}

fn settings_of(domain: &ShortDomain) -> DomainSettings {
    DomainSettings {
        case_rule: domain.case_rule,
        root_url: domain.root_url.clone(),
        not_found_url: domain.not_found_url.clone(),
    }
}

/// Under another case rule two of them could become one.
fn keeps_slugs(connection: &Connection, seq: i64) -> SqlResult<bool> {
    Ok(is_true(connection, DOMAIN_HAS_LINKS, seq)? || is_true(connection, DOMAIN_KEEPS_SLUGS, seq)?)
}

fn is_true(connection: &Connection, sql: &str, seq: i64) -> SqlResult<bool> {
    Ok(rows::one(connection, sql, [seq], rows::value)?.unwrap_or(false))
}

/// Audited where the domain belongs; the default domain's changes in the workspace of whoever made them.
fn done(
    connection: &Connection,
    caller: Caller,
    (before, entry): (&ShortDomain, &AuditEntry),
    now: Timestamp,
) -> SqlResult<Changed<ShortDomain>> {
    let workspace_id = before.workspace_id.unwrap_or(caller.workspace_id);
    let actor = Actor { workspace_id, key_id: caller.key_id };
    audit::append(connection, actor, entry, Some(&read::describe(before)), now)?;
    let changed = read::find(connection, before.id)?;
    let (_, domain) = changed.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Changed::Done(domain))
}
