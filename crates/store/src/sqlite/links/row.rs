//! A link as its columns.

use hopline_domain::{
    id::{DomainId, KeyId, LinkId, TagId, WorkspaceId},
    short_link::{
        CachePolicy, DomainHost, LinkContent, LinkHealth, LinkSecret, RedirectStatus, ShortLink, Slug, Tag,
        TagName,
    },
};
use rusqlite::types::FromSql;
use uuid::Uuid;

use crate::sqlite::{
    fault::{Fault, SqlResult},
    rows::Columns,
};

/// The columns [`read`] takes, in its order, with the tables they come from.
macro_rules! link_view {
    () => {
        concat!(
            $crate::sqlite::links::row::link_columns!(),
            "\nfrom links l join domains d on d.seq = l.domain_seq"
        )
    };
}
macro_rules! link_columns {
    () => {
        "l.seq, l.id, l.workspace_id, d.id, d.host, l.slug, l.url, l.title, l.state, l.starts_at, l.expires_at,
    l.expired_url, l.max_clicks, l.limit_url, l.password, l.redirect_status, l.cache_max_age_s, l.forward_query,
    l.forward_path, l.rules, l.utm, l.external_id, l.note, l.og, l.qr, l.watch,
    (select json_group_array(json_array(hex(t.id), t.name)) from link_tags x join tags t on t.seq = x.tag_seq
        where x.link_seq = l.seq),
    l.blocked_reason, l.health_status, l.health_reason, l.checked_at, l.final_url, l.revision, l.created_at,
    l.updated_at, l.created_by"
    };
}
pub(super) use link_columns;
pub(super) use link_view;

/// A link with its row number.
pub(super) fn read(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, ShortLink)> {
    let seq = columns.take()?;
    let link = ShortLink {
        id: LinkId(columns.take()?),
        workspace_id: WorkspaceId(columns.take()?),
        domain_id: DomainId(columns.take()?),
        host: parsed(columns, "a domain's host", DomainHost::parse)?,
        slug: required(columns, "a slug", |text: String| Slug::of_stored(&text))?,
        content: content(columns)?,
        tags: tags(columns)?,
        blocked_reason: columns.take()?,
        health: LinkHealth {
            status: columns.word("a link's health")?,
            reason: columns.take()?,
            checked_at: columns.time_or_none()?,
            final_url: columns.take()?,
        },
        revision: columns.take()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
        created_by: columns.take::<Option<_>>()?.map(KeyId),
    };
    Ok((seq, link))
}

fn content(columns: &mut Columns<'_, '_>) -> SqlResult<LinkContent> {
    Ok(LinkContent {
        url: columns.take()?,
        title: columns.take()?,
        state: columns.word("a link's state")?,
        starts_at: columns.time_or_none()?,
        expires_at: columns.time_or_none()?,
        expired_url: columns.take()?,
        max_clicks: max_clicks(columns)?,
        limit_url: columns.take()?,
        password: columns.take::<Option<_>>()?.map(LinkSecret),
        redirect_status: required(columns, "a redirect status", |code: u16| RedirectStatus::try_from(code))?,
        cache: CachePolicy::of_max_age(columns.take()?),
        forward_query: columns.take()?,
        forward_path: columns.take()?,
        rules: columns.json("a link's rules")?,
        utm: columns.json("a link's campaign")?,
        external_id: columns.take()?,
        note: columns.take()?,
        og: columns.json("a link's preview")?,
        qr: columns.json_or_none("a QR design")?,
        watch: columns.json_or_none("a link's watch")?,
    })
}

pub(super) fn max_clicks(columns: &mut Columns<'_, '_>) -> SqlResult<Option<u64>> {
    let stored: Option<i64> = columns.take()?;
    stored.map(|max| u64::try_from(max).map_err(|error| Fault::decode("a link's limit", &error))).transpose()
}

/// By name, as links show them.
fn tags(columns: &mut Columns<'_, '_>) -> SqlResult<Vec<Tag>> {
    let stored: Vec<(String, String)> = columns.json("a link's tags")?;
    let tag = |(id, name): (String, String)| {
        let id = Uuid::try_parse(&id).map_err(|error| Fault::decode("a tag's id", &error))?;
        let name = TagName::parse(&name).map_err(|error| Fault::decode("a tag's name", &error))?;
        Ok(Tag { id: TagId(id), name })
    };
    let mut tags = stored.into_iter().map(tag).collect::<SqlResult<Vec<Tag>>>()?;
    tags.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tags)
}

/// A column that must read as `T`.
pub(in crate::sqlite) fn required<S: FromSql, T, E: std::fmt::Display>(
    columns: &mut Columns<'_, '_>,
    what: &'static str,
    parse: impl FnOnce(S) -> Result<T, E>,
) -> SqlResult<T> {
    parse(columns.take()?).map_err(|error| Fault::decode(what, &error))
}

/// A text that must read as `T` where there is one.
pub(in crate::sqlite) fn parsed<T, E: std::fmt::Display>(
    columns: &mut Columns<'_, '_>,
    what: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> SqlResult<Option<T>> {
    let text: Option<String> = columns.take()?;
    text.map(|text| parse(&text).map_err(|error| Fault::decode(what, &error))).transpose()
}
