//! A link as callers write it: every member read and judged, so that whatever is wrong is told at once.

use hopline_domain::{
    limits::{LINK_CACHE_S_MAX, LINK_MAX_CLICKS_MAX, LINK_TAGS_MAX},
    short_link::{CachePolicy, LinkContent, LinkState, Slug, TagName, check},
};

use super::members;
use crate::{
    app::App,
    fields::{Fields, boolean, integer, list, timestamp, word},
};

/// What is judged differently for each caller and each link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground<'a> {
    /// The plan's.
    pub(super) watch_interval_s_min: u32,
    /// The link as it is: what stays as it was is not judged again.
    pub(super) before: Option<&'a LinkContent>,
}

/// A link, as read.
#[derive(Debug)]
pub(super) struct LinkWrite {
    /// Host of the domain; `None` = the default one.
    pub(super) domain: Option<String>,
    /// `None` = a random one, or the one it has.
    pub(super) slug: Option<Slug>,
    /// Without its password.
    pub(super) content: LinkContent,
    pub(super) password: Option<String>,
    pub(super) tags: Vec<TagName>,
}

impl LinkWrite {
    /// Members of a new link, with the domain it is to live on.
    pub(super) fn new_link(fields: &mut Fields<'_, '_>, app: &App, ground: Ground<'_>) -> Option<Self> {
        let domain = fields.optional("domain", members::domain);
        let link = Self::link(fields, app, ground);
        link.map(|link| Self { domain, ..link })
    }

    /// Members of a link that has its domain.
    pub(super) fn link(fields: &mut Fields<'_, '_>, app: &App, ground: Ground<'_>) -> Option<Self> {
        let slug = fields.optional("slug", members::slug);
        let tags = fields.optional("tags", list(LINK_TAGS_MAX, members::tag)).unwrap_or_default();
        let password = fields.optional("password", members::password);
        let (content, has_url) = content(fields, app, ground);
        for fault in check(&content, ground.before, app.now(), ground.watch_interval_s_min) {
            fields.refuse_at(&fault.pointer, &fault.code, fault.detail);
        }
        has_url.then_some(Self {
            domain: None,
            slug,
            content,
            password,
            tags: members::without_repeats(tags),
        })
    }
}

/// The content, and whether it has the one member it can't do without.
fn content(fields: &mut Fields<'_, '_>, app: &App, ground: Ground<'_>) -> (LinkContent, bool) {
    let before = ground.before;
    let url = fields.required("url", members::destination(app, before.map(|link| link.url.as_str())));
    let expired = before.and_then(|link| link.expired_url.as_deref());
    let limit = before.and_then(|link| link.limit_url.as_deref());
    let plain = LinkContent::to("");
    let max_age_s = fields.optional("cache_max_age_s", integer(0, u64::from(LINK_CACHE_S_MAX)));
    let content = LinkContent {
        title: fields.optional("title", members::line),
        state: fields
            .optional("status", word::<LinkState>("active, disabled, draft, archived"))
            .unwrap_or_default(),
        starts_at: fields.optional("starts_at", timestamp),
        expires_at: fields.optional("expires_at", timestamp),
        expired_url: fields.optional("expired_url", members::destination(app, expired)),
        max_clicks: fields.optional("max_clicks", integer(1, LINK_MAX_CLICKS_MAX)),
        limit_url: fields.optional("limit_url", members::destination(app, limit)),
        redirect_status: fields.optional("redirect_status", members::redirect_status).unwrap_or_default(),
        cache: CachePolicy::of_max_age(max_age_s.and_then(|seconds| u32::try_from(seconds).ok())),
        forward_query: fields.optional("forward_query", boolean).unwrap_or(plain.forward_query),
        forward_path: fields.optional("forward_path", boolean).unwrap_or(plain.forward_path),
        rules: fields.optional("rules", members::rules(app, before)).unwrap_or_default(),
        utm: fields.optional("utm", members::utm).unwrap_or_default(),
        external_id: fields.optional("external_id", members::line),
        note: fields.optional("note", members::lines),
        og: fields.optional("og", members::open_graph).unwrap_or_default(),
        qr: fields.optional("qr", members::qr),
        watch: fields.optional("watch", members::watch),
        url: url.clone().unwrap_or_default(),
        password: None,
    };
    (content, url.is_some())
}
