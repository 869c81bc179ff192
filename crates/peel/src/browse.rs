//! A link opened in a browser: its visit becomes a walk like any other. What the browser does not do by itself, the link
//! of an interstitial and the web page of an app link, is a visit of its own.

use async_trait::async_trait;
use hopline_browser::{Browser, BrowserError, Visit, VisitEnd, VisitReport};
use hopline_domain::{
    chain::{Chain, Engine, Hop, HopKind},
    outcome::Reason,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::Instant;
use url::Url;

use crate::{
    answer::{Answer, Meaning, is_same_document, meaning_of},
    app_link::fallback_of,
    conclude::Walked,
    follow::{Certainty, Ending, Stay},
    interstitial::interstitial_at,
    next_hop::NextHop,
    peeler::{PeelRequest, Peeler, Standing},
    polite::visit_turn,
    trail::URL_BYTES_MAX,
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

/// What the browser showed of a link.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// PNG.
    pub(crate) screenshot: Option<Vec<u8>>,
    pub(crate) standing: Standing,
}

impl From<Standing> for Shown {
    fn from(standing: Standing) -> Self {
        Self { screenshot: None, standing }
    }
}

/// Why a visit has no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoReport {
    /// Every tab was taken.
    Crowded,
    Broken,
    OutOfTime,
}

impl NoReport {
    const fn ending(self) -> Ending {
        Ending::Failure(match self {
            Self::Crowded | Self::Broken => Reason::Browser,
            Self::OutOfTime => Reason::Timeout,
        })
    }

    const fn standing(self) -> Standing {
        match self {
            Self::Crowded => Standing::Crowded,
            Self::Broken | Self::OutOfTime => Standing::Final,
        }
    }
}

/// All visits of one link share one time.
#[derive(Debug, Clone, Copy)]
struct Visits<'a> {
    request: &'a PeelRequest,
    until: Instant,
}

impl Peeler {
    /// Opens the link in the browser and follows it to its end.
    pub(crate) async fn browse(&self, request: &PeelRequest) -> (Walked, Shown) {
        let mut hops = Vec::new();
        let (ending, shown) = self.browse_into(request, &mut hops).await;
        (Walked { hops, ending, engine: Engine::Browser }, shown)
    }

    async fn browse_into(&self, request: &PeelRequest, hops: &mut Vec<Hop>) -> (Ending, Shown) {
        let failure = |reason| (Ending::Failure(reason), Shown::default());
        let Ok(start) = Url::parse(&request.url) else { return failure(Reason::UnsupportedScheme) };
        let mut visits = self.visits(request);
        let mut next = NextHop::get(start, HopKind::Start);
        for _ in 0..VISITS_MAX {
            visits.until += visit_turn(&self.parts.outbound, &next.url).await;
            let report = match self.visit(&next.url, visits, hops.len()).await {
                Ok(report) => report,
                Err(none) => return (none.ending(), none.standing().into()),
            };
            if !self.append(hops, report.hops, &next) {
                return failure(Reason::BadLocation);
            }
            match self.after(report.end, report.external_url.as_deref(), hops.last()) {
                After::Visit(further) if further.url.as_str().len() > URL_BYTES_MAX => {
                    return failure(Reason::BadLocation);
                }
                After::Visit(_) if hops.len() >= self.parts.budgets.hops_max => break,
                After::Visit(further) => next = further,
                After::End(ending) => {
                    return (ending, Shown { screenshot: report.screenshot, standing: Standing::Final });
                }
            }
        }
        failure(Reason::TooManyHops)
    }

    /// A picture of where a finished chain ended, if the browser sees the same page there.
    pub(crate) async fn picture(&self, chain: &Chain, request: &PeelRequest) -> Shown {
        let Some(url) = chain.final_url.as_deref().and_then(|url| Url::parse(url).ok()) else {
            return Shown::default();
        };
        match self.visit(&url, self.visits(request), 0).await {
            Ok(report) if is_of(&report, &url, chain) => {
                Shown { screenshot: report.screenshot, standing: Standing::Final }
            }
            Ok(_) => {
                tracing::info!(
                    "the browser saw another page than the chain ended at; its picture is not kept"
                );
                Shown::default()
            }
            Err(none) => none.standing().into(),
        }
    }

    fn visits<'a>(&self, request: &'a PeelRequest) -> Visits<'a> {
        Visits { request, until: Instant::now() + self.parts.budgets.browser() }
    }

    async fn visit(
        &self,
        url: &Url,
        Visits { request, until }: Visits<'_>,
        hops_before: usize,
    ) -> Result<VisitReport, NoReport> {
        let budgets = &self.parts.budgets;
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(NoReport::OutOfTime);
        }
        let visit = Visit {
            url: url.to_string(),
            profile: request.profile.clone(),
            screenshot: request.screenshot,
            total_ms: u64::try_from(left.as_millis()).unwrap_or(budgets.browser_ms),
            hops_max: budgets.hops_max.saturating_sub(hops_before),
            hosts_max: budgets.hosts_max,
            delay_s_max: budgets.refresh_delay_s_max,
        };
        let Some(browser) = &self.parts.browser else {
            tracing::warn!("a link asked for a browser, and none is installed here");
            return Err(NoReport::Broken);
        };
        browser.visit(&visit).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "the browser failed");
            if matches!(error, BrowserError::Busy) { NoReport::Crowded } else { NoReport::Broken }
        })
    }

    /// Adds what was visited, up to the first URL that is too long to be kept; whether there was none.
    fn append(&self, hops: &mut Vec<Hop>, visited: Vec<Hop>, next: &NextHop) -> bool {
        for (at, mut hop) in visited.into_iter().enumerate() {
            if hop.url.len() > URL_BYTES_MAX {
                return false;
            }
            hop.index = u32::try_from(hops.len()).unwrap_or(u32::MAX);
            let provider = Url::parse(&hop.url).ok().and_then(|url| self.parts.catalogue.lookup(&url));
            hop.provider = provider.map(|provider| provider.id.clone());
            if at == 0 {
                hop.kind = next.kind;
                hop.rule.clone_from(&next.rule);
            }
            hops.push(hop);
        }
        true
    }

    fn after(&self, end: VisitEnd, external_url: Option<&str>, last: Option<&Hop>) -> After {
        let app_link = external_url.and_then(|text| Url::parse(text).ok()).and_then(|url| fallback_of(&url));
        match (end, app_link) {
            (VisitEnd::Page { .. } | VisitEnd::Failure(Reason::UnsupportedScheme), Some(page)) => {
                After::Visit(NextHop::get(page, HopKind::AppLink))
            }
            (VisitEnd::Failure(reason), _) => After::End(Ending::Failure(reason)),
            (VisitEnd::Download { url }, _) => After::End(download(&url)),
            (VisitEnd::Page { url, title, framed_url, html }, _) => {
                // A script may move its page to an address that is too long to be kept.
                let url = kept(&url).or_else(|| kept(&last?.url));
                let Some(url) = url else { return After::End(Ending::Failure(Reason::Browser)) };
                let framed_url = framed_url.as_deref().and_then(kept);
                let stay = Stay { url, title, framed_url, certainty: Certainty::Certain };
                self.settle_visit(stay, &html, last)
            }
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
            Meaning::Page(page) => (page.gate_in_the_end, page.framed_url),
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

/// A URL that is not too long to be kept.
fn kept(url: &str) -> Option<Url> {
    Url::parse(url).ok().filter(|url| url.as_str().len() <= URL_BYTES_MAX)
}

fn download(url: &str) -> Ending {
    kept(url).map_or(Ending::Failure(Reason::BadLocation), |url| Ending::Download { url })
}

/// Whether a visit shows the page that `chain` ended at, which is `url`: what was asked again may answer otherwise.
fn is_of(report: &VisitReport, url: &Url, chain: &Chain) -> bool {
    let VisitEnd::Page { url: shown, .. } = &report.end else { return false };
    let status = |hops: &[Hop]| hops.last().and_then(|hop| hop.status);
    Url::parse(shown).is_ok_and(|shown| is_same_document(&shown, url))
        && status(&report.hops) == status(&chain.hops)
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use hopline_domain::{job::BrowserUse, provider::Catalogue, time::SystemClock};
    use hopline_outbound::{Outbound, OutboundConfig};
    use serde_json::json;

    use super::*;
    use crate::{Budgets, PeelerParts};

    const VISIT: Duration = Duration::from_secs(25);

    /// Is led by every link to an app, and so to its web page; takes its time, and keeps how much it was given.
    #[derive(Debug, Default)]
    struct SlowBrowser(Mutex<Vec<u64>>);

    #[async_trait]
    impl LinkBrowser for SlowBrowser {
        async fn visit(&self, visit: &Visit) -> Result<VisitReport, BrowserError> {
            self.0.lock().unwrap().push(visit.total_ms);
            tokio::time::sleep(VISIT).await;
            let hop = json!({
                "index": 0, "url": visit.url, "method": "GET", "kind": "start", "status": 200, "http_version": null,
                "remote_addr": null, "tls": null, "headers": [["content-type", "text/html"]], "cookies_set": [],
                "cookies_sent": [], "location": null, "location_raw_b64": null, "delay_s": 0, "body_sha256": null,
                "body_bytes": 0, "timings_ms": null, "provider": null, "rule": null
            });
            let hops = vec![serde_json::from_value(hop).unwrap()];
            let intent = "intent://x#Intent;S.browser_fallback_url=http%3A%2F%2Fa.example%2F;end";
            let end = VisitEnd::Failure(Reason::UnsupportedScheme);
            Ok(VisitReport { hops, end, external_url: Some(intent.to_owned()), screenshot: None })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_visits_of_a_link_share_one_time() {
        let browser = Arc::new(SlowBrowser::default());
        let peeler = Peeler::new(PeelerParts {
            outbound: Outbound::new(OutboundConfig::default()).unwrap(),
            catalogue: Catalogue::builtin(),
            clock: Arc::new(SystemClock),
            budgets: Budgets::default(),
            scripts: None,
            browser: Some(Arc::clone(&browser) as Arc<dyn LinkBrowser>),
        });
        let request = PeelRequest {
            url: "http://a.example/".to_owned(),
            profile: hopline_domain::profile::Profile::default(),
            runner: "server".to_owned(),
            browser: BrowserUse::Always,
            screenshot: true,
        };
        let peeled = peeler.peel(&request).await;
        assert_eq!((peeled.chain.reason, peeled.chain.hops.len()), (Some(Reason::Timeout), 3));
        assert_eq!(*browser.0.lock().unwrap(), [60_000, 35_000, 10_000]);
    }
}
