//! A request to a short link, before the answer is decided, and what classifying it tells.

use std::{fmt, net::IpAddr};

use crate::{
    click::{Agent, BotReason, ClickSource, Place, Utm, VisitorHash},
    time::Timestamp,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitMethod {
    Get,
    Head,
    /// A password was sent; counts like `Get`.
    Post,
}

/// What a request shows of its sender. Header values as received; what is not text is `None`.
#[derive(Clone, Copy, Debug)]
pub struct VisitRequest<'a> {
    pub method: VisitMethod,
    /// Of the visitor, not of a trusted proxy.
    pub address: IpAddr,
    pub user_agent: Option<&'a str>,
    pub accept_language: Option<&'a str>,
    pub referrer: Option<&'a str>,
    /// `Sec-Purpose`, else `Purpose`, else `X-Moz`.
    pub purpose: Option<&'a str>,
    /// Of the short URL, without its `?`.
    pub query: Option<&'a str>,
}

/// A visit as rules, pages and the click see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    pub agent: Agent,
    pub place: Place,
    /// Primary subtag of the language liked best, lower case (`de`).
    pub language: Option<String>,
    /// Host of `Referer`, without `www.`.
    pub referrer: Option<String>,
    /// Of the short URL's own query.
    pub utm: Utm,
    pub source: ClickSource,
    /// `None` for people.
    pub bot: Option<BotReason>,
    pub hash: VisitorHash,
    /// Only when the operator keeps addresses.
    pub address: Option<IpAddr>,
}

/// Classifies visits; never waits and never fails: what can't be told is left out.
pub trait ClassifyVisit: Send + Sync + fmt::Debug {
    fn classify(&self, request: &VisitRequest<'_>, now: Timestamp) -> Visitor;
}
