//! The walk: ask, read the answer, go on, until a page, a download or a failure. Every request goes through `outbound`.

use bytes::Bytes;
use hopline_domain::{chain::HopKind, outcome::Reason};
use hopline_outbound::{BodyEnd, Exchange, ExchangeError, ExchangeRequest, Outbound, Purpose};
use http::{HeaderMap, Method};
use url::Url;

use crate::{
    answer::{Answer, Meaning, RefreshLead, body_plan, meaning_of, needs_whole_body, refresh_lead},
    budgets::Budgets,
    evidence,
    request_headers::hop_headers,
    schedule::ScheduledRefresh,
    trail::{Admission, NextHop, Trail, kind_of},
};

/// How a walk ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Page { url: Url, title: Option<String> },
    Download { url: Url },
    Failure(Reason),
}

/// Asks and walks; holds what does not change on the way.
#[derive(Debug)]
pub(crate) struct Walker<'a> {
    pub(crate) outbound: &'a Outbound,
    pub(crate) budgets: &'a Budgets,
    /// What every request of this chain carries.
    pub(crate) headers: HeaderMap,
}

enum Next {
    Hop(NextHop),
    End(Ending),
}

impl Walker<'_> {
    /// Walks from `start`; `trail` keeps what was seen even when the walk is cut short.
    pub(crate) async fn walk(&self, start: Url, trail: &mut Trail<'_>) -> Ending {
        let mut hop = NextHop { url: start, kind: HopKind::Start };
        loop {
            let exchange = match self.ask(&hop, trail).await {
                Ok(exchange) => exchange,
                Err(reason) => return Ending::Failure(reason),
            };
            let next = match self.next(&hop.url, &exchange, trail) {
                Next::Hop(next) => next,
                Next::End(ending) => return ending,
            };
            hop = next;
        }
    }

    async fn ask(&self, hop: &NextHop, trail: &mut Trail<'_>) -> Result<Exchange, Reason> {
        let (referer, cookies) = trail.begin(hop);
        let request = ExchangeRequest {
            method: Method::GET,
            url: hop.url.clone(),
            headers: hop_headers(&self.headers, referer.as_deref(), &cookies.header),
            body: Bytes::new(),
            purpose: Purpose::Link,
            limits: self.budgets.exchange_limits(),
            body_plan,
        };
        match self.outbound.exchange(request).await {
            Ok(exchange) => {
                trail.record(&hop.url, &exchange);
                Ok(exchange)
            }
            Err(failure) => {
                trail.hops.last_mut().into_iter().for_each(|hop| evidence::record_failure(hop, &failure));
                Err(reason_of(&failure.error))
            }
        }
    }

    fn next(&self, url: &Url, exchange: &Exchange, trail: &mut Trail<'_>) -> Next {
        let (status, headers) = (exchange.status.as_u16(), &exchange.headers);
        match meaning_of(Answer { url, status, headers, body: &exchange.body }) {
            Meaning::Failure(reason) => fail(reason),
            Meaning::Download => Next::End(Ending::Download { url: url.clone() }),
            Meaning::Redirect(target) => {
                let next = NextHop { url: target, kind: HopKind::HttpRedirect };
                match trail.admit(url, &next) {
                    Admission::New => Next::Hop(next),
                    Admission::Refused(reason) => fail(reason),
                    Admission::SameAgain => fail(Reason::Loop),
                }
            }
            Meaning::Page { title, refresh } => match (refresh, body_fault(exchange)) {
                (Some(refresh), _) => self.obey(refresh, url, title, trail),
                (None, Some(reason)) => fail(reason),
                (None, None) => Next::End(Ending::Page { url: url.clone(), title }),
            },
        }
    }

    /// Follows a page's refresh, unless it waits too long or leads nowhere.
    fn obey(
        &self,
        refresh: ScheduledRefresh,
        url: &Url,
        title: Option<String>,
        trail: &mut Trail<'_>,
    ) -> Next {
        trail.note_refresh(refresh.text.as_deref(), refresh.delay_s);
        let stay = |url: &Url, title| Next::End(Ending::Page { url: url.clone(), title });
        if refresh.delay_s > self.budgets.refresh_delay_s_max {
            return stay(url, title);
        }
        match refresh_lead(url, &refresh.url) {
            RefreshLead::Stay => stay(url, title),
            RefreshLead::Fragment => stay(&refresh.url, title),
            RefreshLead::LeaveTheWeb => fail(Reason::UnsupportedScheme),
            RefreshLead::Navigate => {
                let next = NextHop { url: refresh.url, kind: kind_of(refresh.origin) };
                match trail.admit(url, &next) {
                    Admission::SameAgain => stay(url, title),
                    Admission::Refused(reason) => fail(reason),
                    Admission::New => {
                        trail.leave_page(url);
                        Next::Hop(next)
                    }
                }
            }
        }
    }
}

fn fail(reason: Reason) -> Next {
    Next::End(Ending::Failure(reason))
}

/// A document of which a part is missing might have asked to be left. A connection closed early is shown as it is.
fn body_fault(exchange: &Exchange) -> Option<Reason> {
    match &exchange.body_end {
        BodyEnd::Complete | BodyEnd::Discarded | BodyEnd::Failed(ExchangeError::ConnectionClosed) => None,
        _ if !needs_whole_body(&exchange.headers, &exchange.body) => None,
        BodyEnd::Limit => Some(Reason::BodyTooLarge),
        BodyEnd::Failed(error) => Some(reason_of(error)),
    }
}

fn reason_of(error: &ExchangeError) -> Reason {
    match error.word() {
        "forbidden_address" => Reason::ForbiddenAddress,
        "unsupported_scheme" => Reason::UnsupportedScheme,
        "bad_port" | "bad_url" => Reason::BadLocation,
        "dns" => Reason::Dns,
        "connect" => Reason::Connect,
        "tls" => Reason::Tls,
        "timeout" => Reason::Timeout,
        _ => Reason::Protocol,
    }
}
