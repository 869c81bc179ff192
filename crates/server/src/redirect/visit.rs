//! One visit to a link: decide, make sure there is room for its click, journal the click, answer.

use axum::{body::Body, response::Response};
use hopline_domain::{
    click::{BotReason, Click, Clicked, VisitMethod, Visitor},
    id::TagId,
    short_link::{
        Allowance, CachePolicy, Decision, OpenGraph, RedirectStatus, ShortDomain, ShortLink, Unlocked, Visit,
        decide,
    },
    store::{Appended, RedirectEntry},
    time::Timestamp,
};

use super::{
    answer, dispatch,
    pages::{self, Notice},
    password,
    recent::Outage,
    seen::Seen,
    unlock,
};
use crate::app::App;

/// A visit to a link that was found.
pub(super) struct LinkVisit<'v> {
    pub(super) app: &'v App,
    pub(super) link: &'v ShortLink,
    pub(super) seen: Seen<'v>,
    pub(super) now: Timestamp,
    domain: &'v ShortDomain,
    visitor: Visitor,
    /// What follows the slug and its `/`.
    rest: Option<&'v str>,
    unlocked: Unlocked,
}

/// Answers a request to a path that may be a link's.
pub(super) async fn answer(app: &App, domain: &ShortDomain, seen: Seen<'_>, body: Body) -> Response {
    let (link, matched_bytes) = match find(app, domain, seen).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let visit = LinkVisit::of(app, domain, &link, (seen, matched_bytes));
    if seen.method == VisitMethod::Post { visit.answer_post(body).await } else { visit.answer().await }
}

/// Shows where a link leads, without going there; nobody's click.
pub(super) async fn preview(app: &App, domain: &ShortDomain, seen: Seen<'_>) -> Response {
    let (link, matched_bytes) = match find(app, domain, seen).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let visit = LinkVisit::of(app, domain, &link, (seen, matched_bytes));
    let Ok(allowance) = visit.allowance().await else { return pages::notice(Notice::Unavailable) };
    match visit.decide(allowance) {
        Decision::Redirect { .. } => pages::preview(&app.urls.short_url(&link), Some(&link.content)),
        Decision::AskPassword => pages::preview(&app.urls.short_url(&link), None),
        Decision::Gone { .. } => pages::notice(Notice::Gone),
        other => visit.refused(&other),
    }
}

type Found = (std::sync::Arc<ShortLink>, usize);

async fn find(app: &App, domain: &ShortDomain, seen: Seen<'_>) -> Result<Found, Response> {
    match app.redirects.links.find(app, domain, seen.path).await {
        Ok(RedirectEntry::Link { link, matched_bytes }) => Ok((link, matched_bytes)),
        Ok(RedirectEntry::Deleted { fallback_url }) => Err(answer::gone(fallback_url.as_deref())),
        Ok(RedirectEntry::Nothing) => Err(answer::not_found(domain)),
        Err(Outage) => Err(pages::notice(Notice::Unavailable)),
    }
}

impl<'v> LinkVisit<'v> {
    fn of(
        app: &'v App,
        domain: &'v ShortDomain,
        link: &'v ShortLink,
        (seen, matched_bytes): (Seen<'v>, usize),
    ) -> Self {
        let now = app.now();
        let secret = link.content.password.as_ref();
        let unlocked =
            secret.map_or(Unlocked::No, |secret| unlock::read(app, seen.headers, (link.id, secret), now));
        let visitor = app.parts.classifier.classify(&seen.request(), now);
        // Where the slug ends, a `/` follows or nothing.
        let rest = seen.path.get(matched_bytes + 1..);
        Self { app, link, seen, now, domain, visitor, rest, unlocked }
    }

    fn decide(&self, allowance: Allowance) -> Decision<'v> {
        let request = self.seen.request();
        let visit = Visit {
            address: self.seen.address,
            user_agent: request.user_agent,
            accept_language: request.accept_language,
            query: self.seen.query,
            rest: self.rest,
            agent: &self.visitor.agent,
            place: &self.visitor.place,
            unlocked: self.unlocked,
            allowance,
        };
        decide(self.link, &visit, self.now)
    }

    /// Whether there is room for one more click, whoever visits.
    async fn allowance(&self) -> Result<Allowance, Outage> {
        match self.link.content.max_clicks {
            Some(max) => self.app.redirects.limits.allowance(self.app, self.link.id, max).await,
            None => Ok(Allowance::Left),
        }
    }

    async fn answer(self) -> Response {
        let Ok(allowance) = self.allowance().await else { return pages::notice(Notice::Unavailable) };
        match self.decide(allowance) {
            Decision::Redirect { status, location, rule } => self.pass(status, &location, rule).await,
            other => self.refused(&other),
        }
    }

    /// Only a password is ever posted to a link.
    async fn answer_post(self, body: Body) -> Response {
        let Some(secret) = &self.link.content.password else {
            return dispatch::method_not_allowed("GET, HEAD");
        };
        let Ok(allowance) = self.allowance().await else { return pages::notice(Notice::Unavailable) };
        match self.decide(allowance) {
            Decision::AskPassword | Decision::Redirect { .. } => password::attempt(&self, secret, body).await,
            other => self.refused(&other),
        }
    }

    /// Every answer but a redirect.
    fn refused(&self, decision: &Decision<'_>) -> Response {
        match decision {
            Decision::Redirect { .. } | Decision::NotFound => answer::not_found(self.domain),
            Decision::AskPassword => pages::ask_password(pages::Asked::First),
            Decision::Gone { fallback_url, .. } => answer::gone(*fallback_url),
            Decision::Blocked => pages::notice(Notice::Blocked),
        }
    }

    /// Answers with the redirect once its click is in the journal.
    async fn pass(self, status: RedirectStatus, location: &str, rule: Option<u16>) -> Response {
        match self.take_room().await {
            Ok(Allowance::Left) => {}
            Ok(Allowance::Spent) => return self.refused(&self.decide(Allowance::Spent)),
            Err(Outage) => return pages::notice(Notice::Unavailable),
        }
        let (link, is_person) = (self.link, self.visitor.bot.is_none());
        let response = match self.visitor.bot {
            Some(BotReason::PreviewBot) if link.content.og != OpenGraph::default() => {
                pages::card(&self.app.urls.short_url(link), &link.content, location)
            }
            // The redirect that the person gets who follows must be asked for, or the click is not seen.
            Some(BotReason::Prefetch) => answer::redirect(status, location, CachePolicy::NoStore),
            _ => answer::redirect(status, location, link.content.cache),
        };
        let app = self.app;
        match app.parts.clicks.append(self.into_click(location, rule)).await {
            Appended::Written | Appended::Lost => response,
            Appended::Refused => {
                if is_person && link.content.max_clicks.is_some() {
                    app.redirects.limits.give_back(link.id);
                }
                pages::notice(Notice::Unavailable)
            }
        }
    }

    /// Room for this click: people need it, and find it only below `max_clicks`.
    async fn take_room(&self) -> Result<Allowance, Outage> {
        let limits = &self.app.redirects.limits;
        match self.link.content.max_clicks {
            _ if self.visitor.bot.is_some() => Ok(Allowance::Left),
            Some(max) => limits.take(self.app, self.link.id, max).await,
            None => {
                limits.note_unlimited(self.link.id);
                Ok(Allowance::Left)
            }
        }
    }

    fn into_click(self, location: &str, rule: Option<u16>) -> Click {
        let tags: Vec<TagId> = self.link.tags.iter().map(|tag| tag.id).collect();
        let clicked = Clicked {
            workspace_id: self.link.workspace_id,
            link_id: self.link.id,
            domain: self.app.urls.domain(self.link),
            tags: &tags,
            rule,
            destination_query: query_of(location),
        };
        Click::of(&clicked, self.visitor, self.now)
    }
}

/// The query of a serialised URL, without its `?`.
fn query_of(url: &str) -> Option<&str> {
    let without_fragment = url.split('#').next().unwrap_or(url);
    without_fragment.split_once('?').map(|(_, query)| query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_end_where_fragments_begin() {
        assert_eq!(query_of("https://a.example/?utm_source=x#y"), Some("utm_source=x"));
        assert_eq!(query_of("https://a.example/#?utm_source=x"), None);
        assert_eq!(query_of("https://a.example/"), None);
    }
}
