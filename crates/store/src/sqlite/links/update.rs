//! `link_update`: new content for a link, made from a reading that still holds.

use hopline_domain::{
    event::EventType,
    short_link::{LinkContent, ShortLink, Slug},
    store::{Caller, LinkChanged, LinkDeed, LinkRefused, LinkScene, LinkUpdate, TagChoice},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    make::{self, Written},
    meters::{self, Added},
    read,
    slugs::{self, Ground},
    tell::{self, Told},
};
use crate::sqlite::{fault::SqlResult, rows, writer::Turn};

/// A later expiry is told of again.
const LINK_UPDATE: &str = "-- link_update
update links set
    slug = ?2, slug_key = ?3, url = ?4, title = ?5, state = ?6, starts_at = ?7, expired_url = ?9, max_clicks = ?10,
    expiry_told = expiry_told and expires_at is ?8, expires_at = ?8,
    limit_url = ?11, password = ?12, redirect_status = ?13, cache_max_age_s = ?14, forward_query = ?15,
    forward_path = ?16, rules = ?17, utm = ?18, external_id = ?19, note = ?20, og = ?21, qr = ?22, watch = ?23,
    updated_at = ?24, revision = revision + 1
where seq = ?1";

const LINK_TAGS_CLEAR: &str = "-- link_tags_clear
delete from link_tags where link_seq = ?1";

/// What a link becomes.
pub(super) struct Change<'a> {
    pub(super) slug: Option<&'a Slug>,
    pub(super) content: &'a LinkContent,
    pub(super) tags: &'a [TagChoice],
    pub(super) deed: LinkDeed,
    pub(super) scene: &'a LinkScene,
}

pub(super) fn update(
    turn: &mut Turn<'_>,
    caller: Caller,
    update: &LinkUpdate,
    now: Timestamp,
) -> SqlResult<LinkChanged> {
    let Some((seq, link)) = read::find(turn.connection, caller.workspace_id, update.link_id)? else {
        return Ok(LinkChanged::NotFound);
    };
    if link.revision != update.expected_revision {
        return Ok(LinkChanged::Stale);
    }
    let change = Change {
        slug: update.slug.as_ref(),
        content: &update.content,
        tags: &update.tags,
        deed: update.deed,
        scene: &update.scene,
    };
    Ok(match apply(turn, caller, (seq, &link), &change, now)? {
        Ok(changed) => LinkChanged::Done { link: changed, before: Box::new(link) },
        Err(refused) => LinkChanged::Refused(refused),
    })
}

/// Changes a link with its event and audit line, or says why not; what changes nothing is not told.
pub(super) fn apply(
    turn: &mut Turn<'_>,
    caller: Caller,
    (seq, before): (i64, &ShortLink),
    change: &Change<'_>,
    now: Timestamp,
) -> SqlResult<Result<Box<ShortLink>, LinkRefused>> {
    if is_same(before, change) {
        return Ok(Ok(Box::new(before.clone())));
    }
    let connection = turn.connection;
    let ground = match slugs::ground(connection, caller.workspace_id, before.domain_id)? {
        Ok(ground) => ground,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Some(refused) = refuse(connection, before, change, ground)? {
        return Ok(Err(refused));
    }
    write(connection, (seq, before), change, ground, now)?;
    let changed = read::find(connection, caller.workspace_id, before.id)?;
    let (_, link) = changed.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let told = Told {
        action: "link.update",
        event_type: EventType::LinkUpdated,
        deed: change.deed,
        scene: change.scene,
        key_id: caller.key_id,
    };
    tell::tell(turn, &told, &link, Some(before), now)?;
    Ok(Ok(Box::new(link)))
}

fn is_same(before: &ShortLink, change: &Change<'_>) -> bool {
    let key = |name: &hopline_domain::short_link::TagName| name.key();
    let mut tags: Vec<String> = change.tags.iter().map(|tag| key(&tag.name)).collect();
    let mut tags_before: Vec<String> = before.tags.iter().map(|tag| key(&tag.name)).collect();
    tags.sort_unstable();
    tags.dedup();
    tags_before.sort_unstable();
    change.slug.is_none_or(|slug| *slug == before.slug)
        && *change.content == before.content
        && tags == tags_before
}

fn refuse(
    connection: &Connection,
    before: &ShortLink,
    change: &Change<'_>,
    ground: Ground,
) -> SqlResult<Option<LinkRefused>> {
    if before.blocked_reason.is_some() && before.content.state != change.content.state {
        return Ok(Some(LinkRefused::Blocked));
    }
    let added = Added::by_change(&before.content, change.content);
    if let Some(refused) = meters::refuse(connection, before.workspace_id, change.scene.quota, added)? {
        return Ok(Some(refused));
    }
    let own = (before.workspace_id, Some(before.id));
    if let Some(refused) = make::refuse_content(connection, own, change.content)? {
        return Ok(Some(refused));
    }
    let Some(slug) = change.slug.filter(|slug| slug.key(ground.rule) != before.slug.key(ground.rule)) else {
        return Ok(None);
    };
    let is_free = slugs::is_free(connection, before.workspace_id, ground, &slug.key(ground.rule))?;
    Ok((!is_free).then_some(LinkRefused::SlugTaken))
}

fn write(
    connection: &Connection,
    (seq, before): (i64, &ShortLink),
    change: &Change<'_>,
    ground: Ground,
    now: Timestamp,
) -> SqlResult<()> {
    let slug = change.slug.unwrap_or(&before.slug);
    let key = slug.key(ground.rule);
    if key != before.slug.key(ground.rule) {
        slugs::take(connection, ground, &key)?;
        // Whoever still has the old short URL is told that it is gone, and never led elsewhere.
        slugs::leave(connection, before, None, now)?;
    }
    save(connection, seq, (slug, key.as_str()), change.content, now)?;
    rows::write(connection, LINK_TAGS_CLEAR, [seq])?;
    make::tag(connection, before.workspace_id, (seq, change.tags), now)?;
    meters::add(connection, before.workspace_id, Added::by_change(&before.content, change.content))
}

fn save(
    connection: &Connection,
    seq: i64,
    (slug, key): (&Slug, &str),
    content: &LinkContent,
    now: Timestamp,
) -> SqlResult<()> {
    let written = Written::of(content)?;
    let columns = params![
        seq,
        slug.as_str(),
        key,
        content.url,
        content.title,
        written.state,
        content.starts_at.map(|at| at.0),
        content.expires_at.map(|at| at.0),
        content.expired_url,
        written.max_clicks,
        content.limit_url,
        content.password.as_ref().map(|secret| &secret.0),
        content.redirect_status.code(),
        content.cache.max_age_s(),
        content.forward_query,
        content.forward_path,
        written.rules,
        written.utm,
        content.external_id,
        content.note,
        written.og,
        written.qr,
        written.watch,
        now.0
    ];
    rows::write(connection, LINK_UPDATE, columns).map(|_| ())
}
