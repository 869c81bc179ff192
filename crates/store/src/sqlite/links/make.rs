//! Making one link: what every creating call has in common.

use hopline_domain::{
    event::EventType,
    id::{TagId, WorkspaceId},
    short_link::{LinkContent, ShortLink, Slug, SlugKey},
    store::{Caller, LinkDeed, LinkRefused, LinkScene, NewLink, TagChoice},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    meters::{self, Added},
    ownership, read,
    slugs::{self, Ground},
    tell::{self, Told},
};
use crate::sqlite::{fault::SqlResult, rows, writer::Turn};

const LINK_INSERT: &str = "-- link_insert
insert into links (
    id, workspace_id, domain_seq, slug, slug_key, url, title, state, starts_at, expires_at, expired_url, max_clicks,
    limit_url, password, redirect_status, cache_max_age_s, forward_query, forward_path, rules, utm, external_id, note,
    og, qr, watch, created_by, created_at, updated_at
) values (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25,
    ?26, ?27, ?27
) returning seq";

const EXTERNAL_ID_IN_USE: &str = "-- external_id_in_use
select id from links where workspace_id = ?1 and external_id = ?2";

const TAG_BY_NAME: &str = "-- tag_by_name
select seq from tags where workspace_id = ?1 and name_key = ?2";

const TAG_INSERT: &str = "-- tag_insert
insert into tags (id, workspace_id, name, name_key, created_at, updated_at) values (?1, ?2, ?3, ?4, ?5, ?5)
returning seq";

const LINK_TAG_INSERT: &str = "-- link_tag_insert
insert into link_tags (tag_seq, link_seq) values (?1, ?2) on conflict do nothing";

/// What a request brings for one link.
pub(super) struct Making<'a> {
    pub(super) link: &'a NewLink,
    pub(super) deed: LinkDeed,
    pub(super) scene: &'a LinkScene,
}

/// Makes a link with its event and audit line, or says why not; then nothing was written.
pub(super) fn make(
    turn: &mut Turn<'_>,
    caller: Caller,
    making: &Making<'_>,
    now: Timestamp,
) -> SqlResult<Result<Box<ShortLink>, LinkRefused>> {
    let (connection, new) = (turn.connection, making.link);
    let place = match find_place(connection, caller, making)? {
        Ok(place) => place,
        Err(refused) => return Ok(Err(refused)),
    };
    let seq = insert(connection, caller, (new, &place), now)?;
    slugs::take(connection, place.ground, &place.key)?;
    tag(connection, caller.workspace_id, (seq, &new.tags), now)?;
    meters::add(connection, caller.workspace_id, Added::by_link(&new.content))?;
    let made = read::find(connection, caller.workspace_id, new.id)?;
    let (_, link) = made.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let told = Told {
        action: "link.create",
        event_type: EventType::LinkCreated,
        deed: making.deed,
        scene: making.scene,
        key_id: caller.key_id,
    };
    tell::tell(turn, &told, &link, None, now)?;
    Ok(Ok(Box::new(link)))
}

/// Where a link will live.
struct Place {
    ground: Ground,
    slug: Slug,
    key: SlugKey,
}

fn find_place(
    connection: &Connection,
    caller: Caller,
    making: &Making<'_>,
) -> SqlResult<Result<Place, LinkRefused>> {
    let (new, workspace_id) = (making.link, caller.workspace_id);
    let added = Added::by_link(&new.content);
    if let Some(refused) = meters::refuse(connection, workspace_id, making.scene.quota, added)? {
        return Ok(Err(refused));
    }
    let ground = match slugs::ground(connection, workspace_id, new.domain_id)? {
        Ok(ground) => ground,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Some(refused) = refuse_content(connection, (workspace_id, None), &new.content)? {
        return Ok(Err(refused));
    }
    let chosen = slugs::choose(connection, workspace_id, ground, &new.slug)?;
    Ok(chosen.map(|slug| Place { ground, key: slug.key(ground.rule), slug }))
}

/// Why a link's content can't be kept in its workspace; `seq` is the link's own when it is there already.
pub(super) fn refuse_content(
    connection: &Connection,
    (workspace_id, own): (WorkspaceId, Option<hopline_domain::id::LinkId>),
    content: &LinkContent,
) -> SqlResult<Option<LinkRefused>> {
    if let Some(external_id) = &content.external_id {
        let asked = params![workspace_id.0, external_id];
        let holder: Option<uuid::Uuid> = rows::one(connection, EXTERNAL_ID_IN_USE, asked, rows::value)?;
        if holder.is_some_and(|holder| own.is_none_or(|own| own.0 != holder)) {
            return Ok(Some(LinkRefused::ExternalIdTaken));
        }
    }
    ownership::refuse(connection, content)
}

/// The columns of a link's content that are no plain values.
pub(super) struct Written {
    pub(super) state: &'static str,
    pub(super) max_clicks: Option<i64>,
    pub(super) rules: String,
    pub(super) utm: String,
    pub(super) og: String,
    pub(super) qr: Option<String>,
    pub(super) watch: Option<String>,
}

impl Written {
    pub(super) fn of(content: &LinkContent) -> SqlResult<Self> {
        Ok(Self {
            state: content.state.into(),
            max_clicks: content.max_clicks.map(|max| i64::try_from(max).unwrap_or(i64::MAX)),
            rules: rows::to_json(&content.rules)?,
            utm: rows::to_json(&content.utm)?,
            og: rows::to_json(&content.og)?,
            qr: content.qr.as_ref().map(rows::to_json).transpose()?,
            watch: content.watch.as_ref().map(rows::to_json).transpose()?,
        })
    }
}

fn insert(
    connection: &Connection,
    caller: Caller,
    (new, place): (&NewLink, &Place),
    now: Timestamp,
) -> SqlResult<i64> {
    let content = &new.content;
    let written = Written::of(content)?;
    let columns = params![
        new.id.0,
        caller.workspace_id.0,
        place.ground.domain_seq,
        place.slug.as_str(),
        place.key.as_str(),
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
        caller.key_id.0,
        now.0
    ];
    let seq = rows::one(connection, LINK_INSERT, columns, rows::value)?;
    Ok(seq.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
}

/// Puts tags on a link; those the workspace does not have are made.
pub(super) fn tag(
    connection: &Connection,
    workspace_id: WorkspaceId,
    (link_seq, tags): (i64, &[TagChoice]),
    now: Timestamp,
) -> SqlResult<()> {
    for choice in tags {
        let known = params![workspace_id.0, choice.name.key()];
        let seq = match rows::one(connection, TAG_BY_NAME, known, rows::value)? {
            Some(seq) => seq,
            None => insert_tag(connection, workspace_id, (choice.id, choice), now)?,
        };
        rows::write(connection, LINK_TAG_INSERT, params![seq, link_seq])?;
    }
    Ok(())
}

fn insert_tag(
    connection: &Connection,
    workspace_id: WorkspaceId,
    (id, choice): (TagId, &TagChoice),
    now: Timestamp,
) -> SqlResult<i64> {
    let columns = params![id.0, workspace_id.0, choice.name.as_str(), choice.name.key(), now.0];
    let seq: Option<i64> = rows::one(connection, TAG_INSERT, columns, rows::value)?;
    Ok(seq.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
}
