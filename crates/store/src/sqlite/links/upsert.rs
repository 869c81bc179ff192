//! `link_upsert`: the link of an external id, made or replaced in one transaction.

use hopline_domain::{
    store::{Caller, LinkRefused, LinkUpsert, LinkUpserted, SlugChoice},
    time::Timestamp,
};

use super::{
    make::{self, Making},
    read,
    update::{self, Change},
};
use crate::sqlite::{fault::SqlResult, writer::Turn};

pub(super) fn upsert(
    turn: &mut Turn<'_>,
    caller: Caller,
    upsert: &LinkUpsert,
    now: Timestamp,
) -> SqlResult<LinkUpserted> {
    let external_id = upsert.link.content.external_id.as_deref().unwrap_or_default();
    let found = read::find_by_external_id(turn.connection, caller.workspace_id, external_id)?;
    let Some((seq, before)) = found else { return make(turn, caller, upsert, now) };
    if upsert.expected_revision.is_some_and(|expected| expected != before.revision) {
        return Ok(LinkUpserted::Stale);
    }
    if upsert.link.domain_id != before.domain_id {
        return Ok(LinkUpserted::Refused(LinkRefused::DomainFixed));
    }
    let slug = match &upsert.link.slug {
        SlugChoice::Chosen(slug) => Some(slug),
        SlugChoice::Random(_) => None,
    };
    let (content, tags) = (&upsert.link.content, upsert.link.tags.as_slice());
    let change = Change { slug, content, tags, deed: upsert.deed, scene: &upsert.scene };
    Ok(match update::apply(turn, caller, (seq, &before), &change, now)? {
        Ok(link) => LinkUpserted::Changed { link, before: Box::new(before) },
        Err(refused) => LinkUpserted::Refused(refused),
    })
}

/// A reading of a link that is not there can't be the latest.
fn make(turn: &mut Turn<'_>, caller: Caller, upsert: &LinkUpsert, now: Timestamp) -> SqlResult<LinkUpserted> {
    if upsert.expected_revision.is_some() {
        return Ok(LinkUpserted::Stale);
    }
    let making = Making { link: &upsert.link, deed: upsert.deed, scene: &upsert.scene };
    let made = make::make(turn, caller, &making, now)?;
    Ok(made.map_or_else(LinkUpserted::Refused, LinkUpserted::Created))
}
