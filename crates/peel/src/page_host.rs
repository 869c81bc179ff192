//! The network and the cookies behind one running page: what its scripts ask is answered through `outbound`, within the
//! page's own budget, with the chain's cookies. It trusts nothing that the engine says of the page.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hopline_domain::time::Timestamp;
use hopline_outbound::{BodyPlan, Exchange, ExchangeLimits, ExchangeRequest, Outbound, Purpose};
use hopline_script::{FetchAnswer, FetchClient, FetchFailure, FetchRequest, PageHost};
use http::{HeaderMap, HeaderValue, Method, header};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::{
    budgets::Budgets,
    cookies::{Sender, is_same_site},
    deadline::Deadline,
    location::{LocationStep, location_step},
    page_answer::page_answer,
    polite::polite_turn,
    referer::ReferrerPolicy,
    request_headers::insert_cookies,
    subresource::{Asker, Subresource},
    trail::Trail,
};

/// Fetch "HTTP-redirect fetch" gives up at the twentieth.
const REDIRECTS_MAX: u32 = 19;

/// What a page's requests have in common.
#[derive(Debug)]
pub(crate) struct PageNetwork<'a> {
    pub(crate) outbound: &'a Outbound,
    pub(crate) budgets: &'a Budgets,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) egress: Option<Arc<str>>,
    pub(crate) deadline: &'a Deadline,
}

/// The document that asks.
#[derive(Debug)]
pub(crate) struct PageOrigin {
    pub(crate) url: Url,
    pub(crate) policy: ReferrerPolicy,
    pub(crate) began_at: Timestamp,
    /// A sandbox takes its origin.
    pub(crate) is_opaque: bool,
}

/// Answers one page.
#[derive(Debug)]
pub(crate) struct ChainHost<'a, 'b, 't> {
    network: PageNetwork<'a>,
    trail: &'b mut Trail<'t>,
    page: Url,
    policy: ReferrerPolicy,
    is_opaque: bool,
    /// When the page began: for its scripts' cookies no time passes but their own.
    began_at: Timestamp,
    hosts: HashSet<String>,
    bytes_left: usize,
    /// What all further requests may take, their polite turns aside; set by the first.
    page_left: Option<Duration>,
    /// What the request under way may take, redirects included.
    fetch_left: Duration,
}

impl<'a, 'b, 't> ChainHost<'a, 'b, 't> {
    pub(crate) fn new(network: PageNetwork<'a>, trail: &'b mut Trail<'t>, origin: PageOrigin) -> Self {
        let bytes_left = network.budgets.scripts.bytes_max;
        let PageOrigin { url: page, policy, began_at, is_opaque } = origin;
        Self {
            network,
            trail,
            page,
            policy,
            is_opaque,
            began_at,
            hosts: HashSet::new(),
            bytes_left,
            page_left: None,
            fetch_left: Duration::ZERO,
        }
    }

    /// What is left for one more request. Half of the chain's time is kept for what comes after the page.
    fn time_left(&mut self) -> Duration {
        let of_page = Duration::from_millis(self.network.budgets.scripts.page_ms);
        let of_chain = self.network.deadline.left() / 2;
        let page_left = *self.page_left.get_or_insert(of_page.min(of_chain));
        page_left.min(self.fetch_left)
    }

    fn spend(&mut self, time: Duration) {
        self.fetch_left = self.fetch_left.saturating_sub(time);
        self.page_left = self.page_left.map(|left| left.saturating_sub(time));
    }

    async fn follow(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        let client = if self.is_opaque { FetchClient::Opaque } else { request.client };
        let asker = Asker { url: self.page.clone(), policy: self.policy, client };
        let mut part = Subresource::of(request, asker)?;
        for _ in 0..=REDIRECTS_MAX {
            self.count_host(&part.url)?;
            if part.needs_leave() {
                self.ask_leave(&part).await?;
            }
            let exchange = self.ask(&part).await?;
            if !part.is_shared(&exchange.headers) {
                return Err(FetchFailure::Network);
            }
            let status = exchange.status.as_u16();
            let locations: Vec<_> =
                exchange.headers.get_all(header::LOCATION).iter().map(HeaderValue::as_bytes).collect();
            part = match location_step(status, &locations, &part.url) {
                LocationStep::Stay => return page_answer(&part, &exchange),
                LocationStep::Follow(url) => part.redirected(status, url, &exchange.headers)?,
                LocationStep::AppLink(_) | LocationStep::Refuse(_) => return Err(FetchFailure::Network),
            };
        }
        Err(FetchFailure::Network)
    }

    /// The preflight of a request: it carries no cookies, and its answer's are not kept.
    async fn ask_leave(&mut self, part: &Subresource) -> Result<(), FetchFailure> {
        let headers = part.preflight_headers(self.network.headers);
        let asked = (Method::OPTIONS, headers, Bytes::new());
        let exchange = self.exchange(&part.url, asked).await?;
        let is_let = part.is_let(exchange.status.as_u16(), &exchange.headers);
        if is_let { Ok(()) } else { Err(FetchFailure::Network) }
    }

    async fn ask(&mut self, part: &Subresource) -> Result<Exchange, FetchFailure> {
        let sender = self.sender(part);
        let mut headers = part.headers(self.network.headers);
        if part.has_credentials() {
            let cookies = self.trail.jar().for_request(&part.url, sender, self.trail.now());
            insert_cookies(&mut headers, &cookies.header);
        }
        let exchange = self.exchange(&part.url, (part.method.clone(), headers, part.body.clone())).await?;
        if part.has_credentials() {
            self.take_cookies(&part.url, &exchange, sender);
        }
        Ok(exchange)
    }

    async fn exchange(
        &mut self,
        url: &Url,
        asked: (Method, HeaderMap, Bytes),
    ) -> Result<Exchange, FetchFailure> {
        let limits = self.network.budgets.exchange_limits();
        let (method, headers, body) = asked;
        let request = ExchangeRequest {
            method,
            url: url.clone(),
            headers,
            body,
            purpose: Purpose::Link,
            egress: self.network.egress.clone(),
            limits: ExchangeLimits { body_bytes_max: limits.body_bytes_max.min(self.bytes_left), ..limits },
            body_plan: |_| BodyPlan::Read,
        };
        let turn = polite_turn(self.network.outbound, self.network.deadline, url).await;
        let (time_left, asked_at) = (self.time_left(), Instant::now());
        let exchanged = timeout(time_left, self.network.outbound.exchange_in_turn(turn, request)).await;
        self.spend(asked_at.elapsed());
        let exchange = exchanged.map_err(|_| FetchFailure::Budget)?.map_err(|_| FetchFailure::Network)?;
        self.bytes_left = self.bytes_left.saturating_sub(exchange.body.len());
        Ok(exchange)
    }

    fn take_cookies(&mut self, url: &Url, exchange: &Exchange, sender: Sender) {
        let now = self.trail.now();
        for value in exchange.headers.get_all(header::SET_COOKIE) {
            self.trail.jar_mut().store(value.as_bytes(), url, sender, now);
        }
    }

    fn count_host(&mut self, url: &Url) -> Result<(), FetchFailure> {
        let host = url.host_str().unwrap_or_default();
        if !self.hosts.contains(host) {
            if self.hosts.len() >= self.network.budgets.scripts.hosts_max {
                return Err(FetchFailure::Budget);
            }
            self.hosts.insert(host.to_owned());
        }
        if self.bytes_left == 0 { Err(FetchFailure::Budget) } else { Ok(()) }
    }

    fn sender(&self, part: &Subresource) -> Sender {
        let is_own = part.is_of_page() && is_same_site(&self.page, &part.url);
        if is_own { Sender::SameSite } else { Sender::ForeignPart }
    }
}

#[async_trait]
impl PageHost for ChainHost<'_, '_, '_> {
    async fn begun(&mut self) {
        self.network.deadline.go_on();
    }

    async fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        self.fetch_left = Duration::from_millis(self.network.budgets.scripts.fetch_ms);
        self.follow(request).await
    }

    async fn cookies(&mut self) -> String {
        let header = self.trail.jar().for_script(&self.page, self.began_at);
        String::from_utf8_lossy(&header).into_owned()
    }

    async fn set_cookie(&mut self, cookie: &str) {
        self.trail.record_script_cookie(cookie.as_bytes(), &self.page, self.began_at);
    }
}
