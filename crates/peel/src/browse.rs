//! A link opened in a browser: its visit becomes a walk like any other. What the browser does not do by itself, the link
//! of an interstitial and the web page of an app link, is a visit of its own.

use async_trait::async_trait;
use hopline_browser::{Browser, BrowserError, Visit, VisitEnd, VisitReport};
use hopline_domain::{
    chain::{Chain, Engine, Hop, HopKind},
    outcome::Reason,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use crate::{
    answer::{Answer, Meaning, meaning_of},
    app_link::fallback_of,
    conclude::Walked,
    follow::{Certainty, Ending, Stay},
    interstitial::interstitial_at,
    next_hop::NextHop,
    peeler::{PeelRequest, Peeler},
};

/// What opens links in a browser.
#[async_trait]
pub trait LinkBrowser: std::fmt::Debug + Send + Sync {
    async fn visit(&self, visit: &Visit) -> Result<VisitReport, BrowserError>;
}

#[async_trait]
impl LinkBrowser for Browser {
    async fn visit(&self, visit: &Visit) -> Result<VisitReport, BrowserError> {
        Self::visit(self, visit).await
    }
}

/// A link needs at most this many visits; one more interstitial is where it ends.
const VISITS_MAX: usize = 5;

/// What follows a visit.
enum After {
    Visit(NextHop),
    End(Ending),
}

impl Peeler {
    /// Opens the link in the browser and follows it to its end.
    pub(crate) async fn browse(&self, request: &PeelRequest) -> (Walked, Option<Vec<u8>>) {
        let mut hops = Vec::new();
        let Ok(start) = Url::parse(&request.url) else {
            return (walked(hops, Ending::Failure(Reason::UnsupportedScheme)), None);
        };
        let mut next = NextHop::get(start, HopKind::Start);
        for visits in 1.. {
            let Some(report) = self.visit(&next.url, request, hops.len()).await else {
                return (walked(hops, Ending::Failure(Reason::Browser)), None);
            };
            self.append(&mut hops, report.hops, &next);
            match self.after(report.end, report.external_url.as_deref(), hops.last()) {
                After::Visit(further) if visits < VISITS_MAX && hops.len() < self.parts.budgets.hops_max => {
                    next = further;
                }
                After::Visit(_) => {
                    return (walked(hops, Ending::Failure(Reason::TooManyHops)), report.screenshot);
                }
                After::End(ending) => return (walked(hops, ending), report.screenshot),
            }
        }
        (walked(hops, Ending::Failure(Reason::TooManyHops)), None)
    }

    /// A picture of where a finished chain ended.
    pub(crate) async fn picture(&self, chain: &Chain, request: &PeelRequest) -> Option<Vec<u8>> {
        let url = chain.final_url.as_deref().and_then(|url| Url::parse(url).ok())?;
        self.visit(&url, request, 0).await?.screenshot
    }

    async fn visit(&self, url: &Url, request: &PeelRequest, hops_before: usize) -> Option<VisitReport> {
        let budgets = &self.parts.budgets;
        let visit = Visit {
            url: url.to_string(),
            profile: request.profile.clone(),
            screenshot: request.screenshot,
            total_ms: budgets.browser_ms,
            hops_max: budgets.hops_max.saturating_sub(hops_before),
            hosts_max: budgets.hosts_max,
            delay_s_max: budgets.refresh_delay_s_max,
        };
        let Some(browser) = &self.parts.browser else {
            tracing::warn!("a link asked for a browser, and none is installed here");
            return None;
        };
        match browser.visit(&visit).await {
            Ok(report) => Some(report),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the browser failed");
                None
            }
        }
    }

    fn append(&self, hops: &mut Vec<Hop>, visited: Vec<Hop>, next: &NextHop) {
        for (at, mut hop) in visited.into_iter().enumerate() {
            hop.index = u32::try_from(hops.len()).unwrap_or(u32::MAX);
            let provider = Url::parse(&hop.url).ok().and_then(|url| self.parts.catalogue.lookup(&url));
            hop.provider = provider.map(|provider| provider.id.clone());
            if at == 0 {
                hop.kind = next.kind;
                hop.rule.clone_from(&next.rule);
            }
            hops.push(hop);
        }
    }

    fn after(&self, end: VisitEnd, external_url: Option<&str>, last: Option<&Hop>) -> After {
        let app_link = external_url.and_then(|text| Url::parse(text).ok()).and_then(|url| fallback_of(&url));
        match (end, app_link) {
            (VisitEnd::Page { .. } | VisitEnd::Failure(Reason::UnsupportedScheme), Some(page)) => {
                After::Visit(NextHop::get(page, HopKind::AppLink))
            }
            (VisitEnd::Failure(reason), _) => After::End(Ending::Failure(reason)),
            (VisitEnd::Download { url }, _) => After::End(download(&url)),
            (VisitEnd::Page { url, title, framed_url, html }, _) => match Url::parse(&url) {
                Ok(url) => {
                    let framed_url = framed_url.and_then(|url| Url::parse(&url).ok());
                    self.settle_visit(
                        Stay { url, title, framed_url, certainty: Certainty::Certain },
                        &html,
                        last,
                    )
                }
                Err(_) => After::End(Ending::Failure(Reason::Browser)),
            },
        }
    }

    /// The page the browser stayed on may be human verification, or name its destination in a link.
    fn settle_visit(&self, stay: Stay, html: &str, last: Option<&Hop>) -> After {
        let headers = last.map(headers_of).unwrap_or_default();
        let answer = Answer {
            url: &stay.url,
            status: last.and_then(|hop| hop.status).unwrap_or(200),
            headers: &headers,
            body: html.as_bytes(),
            provider: self.parts.catalogue.lookup(&stay.url),
        };
        let (vendor, framed_url) = match meaning_of(answer) {
            Meaning::Verification(vendor) => (Some(vendor), None),
            Meaning::Page(page) => (page.gate, page.framed_url),
            _ => (None, None),
        };
        if let Some(vendor) = vendor {
            return After::End(Ending::Verification(vendor));
        }
        match interstitial_at(&stay.url).and_then(|interstitial| interstitial.onward(&stay.url, html)) {
            Some(next) => After::Visit(next),
            None => After::End(Ending::Page(Stay { framed_url: stay.framed_url.or(framed_url), ..stay })),
        }
    }
}

const fn walked(hops: Vec<Hop>, ending: Ending) -> Walked {
    Walked { hops, ending, engine: Engine::Browser }
}

fn download(url: &str) -> Ending {
    Url::parse(url).map_or(Ending::Failure(Reason::Browser), |url| Ending::Download { url })
}

/// A hop's headers; its text was decoded by the browser, and neither moves it any more.
fn headers_of(hop: &Hop) -> HeaderMap {
    let pairs = hop.headers.iter().filter_map(|(name, value)| {
        Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
    });
    let mut headers: HeaderMap = pairs.collect();
    headers.remove(header::LOCATION);
    if headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html")) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    }
    headers
}
