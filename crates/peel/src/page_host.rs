//! The network and the cookies behind one running page: what its scripts ask is answered through `outbound`, within the
//! page's own budget, with the chain's cookies. It trusts nothing that the engine says of the page.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hopline_domain::time::Timestamp;
use hopline_outbound::{BodyEnd, BodyPlan, Exchange, ExchangeLimits, ExchangeRequest, Outbound, Purpose};
use hopline_script::{FetchAnswer, FetchFailure, FetchRequest, PageHost};
use http::{HeaderMap, header};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::{
    budgets::Budgets,
    cookies::{Sender, is_same_site},
    deadline::Deadline,
    location::{LocationStep, location_step},
    referer::ReferrerPolicy,
    request_headers::insert_cookies,
    subresource::Subresource,
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
}

/// Answers one page.
#[derive(Debug)]
pub(crate) struct ChainHost<'a, 'b, 't> {
    network: PageNetwork<'a>,
    trail: &'b mut Trail<'t>,
    page: Url,
    policy: ReferrerPolicy,
    /// When the page began: for its scripts' cookies no time passes but their own.
    began_at: Timestamp,
    hosts: HashSet<String>,
    bytes_left: usize,
    /// When nothing more is asked; set by the first request.
    until: Option<Instant>,
}

impl<'a, 'b, 't> ChainHost<'a, 'b, 't> {
    pub(crate) fn new(network: PageNetwork<'a>, trail: &'b mut Trail<'t>, origin: PageOrigin) -> Self {
        let bytes_left = network.budgets.scripts.bytes_max;
        let PageOrigin { url: page, policy, began_at } = origin;
        Self { network, trail, page, policy, began_at, hosts: HashSet::new(), bytes_left, until: None }
    }

    /// What one more request may take. Half of the chain's time is kept for what comes after the page.
    fn time_left(&mut self) -> Duration {
        let now = Instant::now();
        let budgets = &self.network.budgets.scripts;
        let of_chain = self.network.deadline.left() / 2;
        let of_page = Duration::from_millis(budgets.page_ms);
        let until = *self.until.get_or_insert(now + of_page.min(of_chain));
        until.saturating_duration_since(now).min(Duration::from_millis(budgets.fetch_ms))
    }

    async fn follow(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        let mut part = Subresource::of(request, &self.page)?;
        for _ in 0..=REDIRECTS_MAX {
            self.count_host(&part.url)?;
            let exchange = self.ask(&part).await?;
            let status = exchange.status.as_u16();
            let locations: Vec<_> =
                exchange.headers.get_all(header::LOCATION).iter().map(http::HeaderValue::as_bytes).collect();
            part = match location_step(status, &locations, &part.url) {
                LocationStep::Stay => return answer(&part.url, &exchange),
                LocationStep::Follow(url) => part.redirected(status, url, &self.page)?,
                LocationStep::AppLink(_) | LocationStep::Refuse(_) => return Err(FetchFailure::Network),
            };
        }
        Err(FetchFailure::Network)
    }

    async fn ask(&mut self, part: &Subresource) -> Result<Exchange, FetchFailure> {
        let sender = self.sender(&part.url);
        let mut headers = part.headers(self.network.headers, &self.page, self.policy);
        if part.with_credentials {
            let cookies = self.trail.jar().for_request(&part.url, sender, self.trail.now());
            insert_cookies(&mut headers, &cookies.header);
        }
        let limits = self.network.budgets.exchange_limits();
        let request = ExchangeRequest {
            method: part.method.clone(),
            url: part.url.clone(),
            headers,
            body: part.body.clone(),
            purpose: Purpose::Link,
            egress: self.network.egress.clone(),
            limits: ExchangeLimits { body_bytes_max: limits.body_bytes_max.min(self.bytes_left), ..limits },
            body_plan: |_| BodyPlan::Read,
        };
        let exchange = self.network.outbound.exchange(request).await.map_err(|_| FetchFailure::Network)?;
        self.bytes_left = self.bytes_left.saturating_sub(exchange.body.len());
        if part.with_credentials {
            self.take_cookies(&part.url, &exchange, sender);
        }
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

    fn sender(&self, url: &Url) -> Sender {
        if is_same_site(&self.page, url) { Sender::SameSite } else { Sender::ForeignPart }
    }
}

#[async_trait]
impl PageHost for ChainHost<'_, '_, '_> {
    async fn begun(&mut self) {
        self.network.deadline.go_on();
    }

    async fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        let limit = self.time_left();
        timeout(limit, self.follow(request)).await.unwrap_or(Err(FetchFailure::Budget))
    }

    async fn cookies(&mut self) -> String {
        let header = self.trail.jar().for_script(&self.page, self.began_at);
        String::from_utf8_lossy(&header).into_owned()
    }

    async fn set_cookie(&mut self, cookie: &str) {
        self.trail.record_script_cookie(cookie.as_bytes(), &self.page, self.began_at);
    }
}

/// A body of which a part is missing is no answer: half a script would be another script.
fn answer(url: &Url, exchange: &Exchange) -> Result<FetchAnswer, FetchFailure> {
    match exchange.body_end {
        BodyEnd::Complete | BodyEnd::Discarded => {}
        BodyEnd::Limit => return Err(FetchFailure::Budget),
        BodyEnd::Failed(_) => return Err(FetchFailure::Network),
    }
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let shown = exchange.headers.iter().filter(|(name, _)| **name != header::SET_COOKIE);
    Ok(FetchAnswer {
        url: url.to_string(),
        status: exchange.status.as_u16(),
        headers: shown.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: exchange.body.to_vec(),
    })
}
