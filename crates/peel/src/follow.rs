//! The walk: ask, read the answer, go on, until a page, a download or a failure. Every request goes through `outbound`.

use std::sync::Arc;

use bytes::Bytes;
use hopline_domain::{chain::HopKind, outcome::Reason, profile::Profile};
use hopline_outbound::{BodyEnd, Exchange, ExchangeError, ExchangeRequest, Outbound, Purpose};
use http::HeaderMap;
use url::Url;

use crate::{
    answer::{Answer, Meaning, body_plan, meaning_of, needs_whole_body},
    budgets::Budgets,
    deadline::Deadline,
    next_hop::NextHop,
    polite::polite_turn,
    request_headers::hop_headers,
    scripted::PageRunner,
    trail::{Admission, Trail},
};

/// How a walk ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Page(Stay),
    Download {
        url: Url,
    },
    /// Human verification by this vendor.
    Verification(&'static str),
    Failure(Reason),
}

impl Ending {
    /// Whether it says more of the attempt than of the link.
    pub(crate) const fn is_accident(&self) -> bool {
        matches!(self, Self::Failure(Reason::Browser | Reason::Timeout | Reason::Connect | Reason::Protocol))
    }
}

/// A page that is not left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) url: Url,
    pub(crate) title: Option<String>,
    pub(crate) framed_url: Option<Url>,
    pub(crate) certainty: Certainty,
}

/// How well it is known that a page is not left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    Certain,
    /// Its scripts wanted something that only a browser has.
    BrowserMayKnow,
}

/// Asks and walks; holds what does not change on the way.
#[derive(Debug)]
pub(crate) struct Walker<'a> {
    pub(crate) outbound: &'a Outbound,
    pub(crate) budgets: &'a Budgets,
    pub(crate) runner: Option<&'a Arc<dyn PageRunner>>,
    pub(crate) profile: &'a Profile,
    /// What every request of this chain carries.
    pub(crate) headers: HeaderMap,
    /// The chain's time; the caller ends the walk when it is up.
    pub(crate) deadline: &'a Deadline,
}

pub(crate) enum Next {
    Hop(NextHop),
    End(Ending),
}

impl Walker<'_> {
    /// Walks from `start`; `trail` keeps what was seen even when the walk is cut short.
    pub(crate) async fn walk(&self, start: Url, trail: &mut Trail<'_>) -> Ending {
        let mut hop = NextHop::get(start, HopKind::Start);
        loop {
            let exchange = match self.ask(&hop, trail).await {
                Ok(exchange) => exchange,
                Err(reason) => return Ending::Failure(reason),
            };
            let next = match self.next(&hop, &exchange, trail).await {
                Next::Hop(next) => next,
                Next::End(ending) => return ending,
            };
            hop = next;
        }
    }

    async fn ask(&self, hop: &NextHop, trail: &mut Trail<'_>) -> Result<Exchange, Reason> {
        let (referer, cookies) = trail.begin(hop);
        let request = ExchangeRequest {
            method: hop.method(),
            url: hop.url.clone(),
            headers: hop_headers(&self.headers, hop, referer.as_deref(), &cookies.header),
            body: hop.submission.as_ref().map_or_else(Bytes::new, |submission| submission.body.clone()),
            purpose: Purpose::Link,
            egress: self.egress(),
            limits: self.budgets.exchange_limits(),
            body_plan,
        };
        let turn = polite_turn(self.outbound, self.deadline, &hop.url).await;
        match self.outbound.exchange_in_turn(turn, request).await {
            Ok(exchange) => {
                trail.record(hop, &exchange);
                Ok(exchange)
            }
            Err(failure) => {
                trail.record_failure(&failure);
                Err(failure.error.reason())
            }
        }
    }

    async fn next(&self, hop: &NextHop, exchange: &Exchange, trail: &mut Trail<'_>) -> Next {
        let answer = answer_to(&hop.url, exchange, trail);
        match meaning_of(answer) {
            Meaning::Failure(reason) => match hop.page_kept_by(answer.status) {
                Some(page) if reason == Reason::NoDocument => Next::End(Ending::Page(page)),
                _ => fail(reason),
            },
            Meaning::Verification(vendor) => Next::End(Ending::Verification(vendor)),
            Meaning::Download => Next::End(Ending::Download { url: hop.url.clone() }),
            Meaning::Redirect(target) => {
                if let Some(page) = hop.page_kept_from(&target) {
                    return Next::End(Ending::Page(page));
                }
                trail.redirected(&exchange.headers);
                go(hop, hop.redirected(answer.status, target), trail)
            }
            Meaning::AppLink(target) => go(hop, NextHop::get(target, HopKind::AppLink), trail),
            Meaning::Page(page) => self.settle(hop, exchange, *page, trail).await,
        }
    }

    pub(crate) fn egress(&self) -> Option<Arc<str>> {
        self.profile.egress.as_deref().map(Arc::from)
    }
}

/// The answer to a request for `url`, with whose page it is.
pub(crate) fn answer_to<'a>(url: &'a Url, exchange: &'a Exchange, trail: &Trail<'a>) -> Answer<'a> {
    Answer {
        url,
        status: exchange.status.as_u16(),
        headers: &exchange.headers,
        body: &exchange.body,
        provider: trail.provider(url),
    }
}

fn go(hop: &NextHop, next: NextHop, trail: &mut Trail<'_>) -> Next {
    match trail.admit(&hop.url, &next) {
        Admission::New => Next::Hop(next),
        Admission::Refused(reason) => fail(reason),
        Admission::SameAgain => fail(Reason::Loop),
    }
}

pub(crate) const fn fail(reason: Reason) -> Next {
    Next::End(Ending::Failure(reason))
}

/// A document of which a part is missing might have asked to be left. A connection closed early is shown as it is.
pub(crate) fn body_fault(exchange: &Exchange) -> Option<Reason> {
    match &exchange.body_end {
        BodyEnd::Complete | BodyEnd::Discarded | BodyEnd::Failed(ExchangeError::ConnectionClosed) => None,
        _ if !needs_whole_body(&exchange.headers, &exchange.body) => None,
        BodyEnd::Limit => Some(Reason::BodyTooLarge),
        BodyEnd::Failed(error) => Some(error.reason()),
    }
}
