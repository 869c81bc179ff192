//! What a visit to a link is answered: a pure function of the link, the visit and the time.

use std::net::IpAddr;

use super::{forward, rule::Rule};
use crate::{
    click::{Agent, Place},
    short_link::{LinkState, RedirectStatus, ShortLink},
    time::Timestamp,
};

/// Whether the visitor showed the link's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlocked {
    Yes,
    No,
}

/// Whether `max_clicks` has room for this visit. Visits that are no clicks of people need no room, but find none either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    Left,
    Spent,
}

/// A request to a link, as far as the answer depends on it. Header values as received.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    pub address: IpAddr,
    pub user_agent: Option<&'a str>,
    pub accept_language: Option<&'a str>,
    /// Of the short URL, without its `?`.
    pub query: Option<&'a str>,
    /// What follows the slug and its `/`, as received; `None` = nothing, not even a `/`.
    pub rest: Option<&'a str>,
    pub agent: &'a Agent,
    pub place: &'a Place,
    pub unlocked: Unlocked,
    pub allowance: Allowance,
}

/// Why a link that was there answers no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    Expired,
    LimitReached,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    Redirect {
        status: RedirectStatus,
        location: String,
        /// Place of the rule that chose it, from 0; `None` = the link's own URL.
        rule: Option<u16>,
    },
    /// The page that asks for the password.
    AskPassword,
    /// 404: draft, disabled, not yet started, or a path that can't be handed on.
    NotFound,
    /// 410, or 302 to the fallback.
    Gone { why: Gone, fallback_url: Option<&'a str> },
    /// 451.
    Blocked,
}

/// Decides on one visit (contracts §7).
pub fn decide<'a>(link: &'a ShortLink, visit: &Visit<'_>, now: Timestamp) -> Decision<'a> {
    if let Some(refused) = refuse(link, visit, now) {
        return refused;
    }
    let content = &link.content;
    let chosen = Rule::first(&content.rules, link.id, visit, now);
    let destination = chosen.map_or(content.url.as_str(), |(_, rule)| rule.url.as_str());
    match forward::location(destination, content, visit) {
        Some(location) => Decision::Redirect {
            status: content.redirect_status,
            location,
            rule: chosen.and_then(|(place, _)| u16::try_from(place).ok()),
        },
        None => Decision::NotFound,
    }
}

/// Everything but a redirect, the gravest first.
fn refuse<'a>(link: &'a ShortLink, visit: &Visit<'_>, now: Timestamp) -> Option<Decision<'a>> {
    let content = &link.content;
    if link.blocked_reason.is_some() {
        return Some(Decision::Blocked);
    }
    let is_open = matches!(content.state, LinkState::Active | LinkState::Archived);
    let has_started = content.starts_at.is_none_or(|at| at <= now);
    if !is_open || !has_started || (visit.rest.is_some() && !content.forward_path) {
        return Some(Decision::NotFound);
    }
    if content.expires_at.is_some_and(|at| at <= now) {
        return Some(Decision::Gone { why: Gone::Expired, fallback_url: content.expired_url.as_deref() });
    }
    if content.max_clicks.is_some() && visit.allowance == Allowance::Spent {
        return Some(Decision::Gone { why: Gone::LimitReached, fallback_url: content.limit_url.as_deref() });
    }
    let is_locked = content.password.is_some() && visit.unlocked == Unlocked::No;
    is_locked.then_some(Decision::AskPassword)
}

#[cfg(test)]
mod tests;
