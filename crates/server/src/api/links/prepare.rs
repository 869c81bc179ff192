//! From a link as written to a link the store can make: its domain, slugs to try, ids and the hash of its password.

use std::sync::Arc;

use hopline_domain::{
    id::{AuditId, EventId, LinkId, TagId},
    limits::RANDOM_SLUG_CANDIDATES,
    short_link::{CaseRule, LinkContent, ShortDomain, Slug, TagName, random_slug},
    store::{LinkDeed, LinkQuota, LinkScene, NewLink, SlugChoice, TagChoice},
};

use super::{
    domains::DOMAIN_UNKNOWN,
    write::{Ground, LinkWrite},
};
use crate::{app::App, auth::Authorized, problem::Problem};

impl App {
    /// How links of this caller are judged, when there is none yet.
    pub(super) fn link_ground<P>(&self, auth: &Authorized<P>) -> Ground<'static> {
        Ground { watch_interval_s_min: self.plan(auth.plan()).limits.watch_interval_s_min(), before: None }
    }

    /// The domain a link is to live on.
    pub(super) async fn domain_for<P>(
        &self,
        auth: &Authorized<P>,
        link: &LinkWrite,
    ) -> Result<ShortDomain, Problem> {
        let found = self.link_domain(auth.caller().workspace_id, link.domain.as_deref()).await?;
        let (code, detail) = DOMAIN_UNKNOWN;
        found.ok_or_else(|| Problem::of_fault("/domain", code, detail))
    }

    pub(super) async fn new_link(&self, link: LinkWrite, domain: &ShortDomain) -> Result<NewLink, Problem> {
        let LinkWrite { slug, content, password, tags, .. } = link;
        Ok(NewLink {
            id: LinkId::generate(self.now(), self.parts.entropy.as_ref()),
            domain_id: domain.id,
            slug: slug.map_or_else(|| self.random_slugs(domain.case_rule), SlugChoice::Chosen),
            content: self.with_password(content, password).await?,
            tags: self.tag_choices(tags),
        })
    }

    fn random_slugs(&self, rule: CaseRule) -> SlugChoice {
        let draw = |_| -> Slug { random_slug(rule, self.parts.entropy.as_ref()) };
        SlugChoice::Random((0..RANDOM_SLUG_CANDIDATES).map(draw).collect())
    }

    /// The content with the hash of a password that was given.
    pub(super) async fn with_password(
        &self,
        content: LinkContent,
        password: Option<String>,
    ) -> Result<LinkContent, Problem> {
        let Some(password) = password else { return Ok(content) };
        let secret = self.passwords.hash(password, self.parts.entropy.as_ref()).await?;
        Ok(LinkContent { password: Some(secret), ..content })
    }

    pub(super) fn tag_choices(&self, tags: Vec<TagName>) -> Vec<TagChoice> {
        let id = || TagId::generate(self.now(), self.parts.entropy.as_ref());
        tags.into_iter().map(|name| TagChoice { id: id(), name }).collect()
    }

    /// Ids of what is written beside one change of a link.
    pub(super) fn link_deed(&self) -> LinkDeed {
        let (now, entropy) = (self.now(), self.parts.entropy.as_ref());
        LinkDeed { event_id: EventId::generate(now, entropy), audit_id: AuditId::generate(now, entropy) }
    }

    pub(super) fn link_scene<P>(&self, auth: &Authorized<P>) -> LinkScene {
        let limits = &self.plan(auth.plan()).limits;
        let quota = LinkQuota { links_max: limits.links, qr_codes_max: limits.qr_codes };
        LinkScene { address: auth.address, urls: Arc::clone(&self.urls), quota }
    }
}
