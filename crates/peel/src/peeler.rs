//! The resolver's face: one link in, one finished chain document out.

use std::sync::Arc;

use hopline_domain::{
    chain::{Chain, ChainProfile, ChainStatus, Engine, SCHEMA},
    job::BrowserUse,
    limits::CHAIN_BYTES_WITHOUT_VERDICTS_MAX,
    outcome::Reason,
    profile::Profile,
    provider::Catalogue,
    time::{Clock, Timestamp},
    verdict::Verdicts,
};
use hopline_outbound::Outbound;

use crate::{
    browse::{LinkBrowser, Shown},
    budgets::Budgets,
    conclude::{Walked, conclude},
    deadline::Deadline,
    fit::fit,
    follow::{Ending, Walker},
    offline::{decode, offline_answer},
    referer::Referrer,
    request_headers::profile_headers,
    scripted::PageRunner,
    trail::Trail,
    url_text::parse_link,
};

/// A link to resolve.
#[derive(Debug, Clone)]
pub struct PeelRequest {
    /// As it was asked for.
    pub url: String,
    pub profile: Profile,
    /// Who resolves, for the document (`server`, `device:…`).
    pub runner: String,
    /// `Auto` only where a browser may be used at all: plans are the caller's.
    pub browser: BrowserUse,
    /// Take a picture of the last page; none comes with `Never`.
    pub screenshot: bool,
}

/// A resolved link.
#[derive(Debug, Clone)]
pub struct Peeled {
    pub chain: Chain,
    /// PNG.
    pub screenshot: Option<Vec<u8>>,
    pub standing: Standing,
}

/// Whether a chain is what became of its link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    #[default]
    Final,
    /// The browser had no place for the link, which says nothing of it: whoever can wait resolves it again later.
    Crowded,
}

/// What a peeler is made of.
#[derive(Debug)]
pub struct PeelerParts {
    pub outbound: Outbound,
    pub catalogue: &'static Catalogue,
    pub clock: Arc<dyn Clock>,
    pub budgets: Budgets,
    /// Without it pages are read, not run.
    pub scripts: Option<Arc<dyn PageRunner>>,
    /// Without it `Always` fails, and `Auto` is `Never`.
    pub browser: Option<Arc<dyn LinkBrowser>>,
}

/// Follows links. One serves any number of chains at a time; each has its own cookies.
#[derive(Debug, Clone)]
pub struct Peeler {
    pub(crate) parts: Arc<PeelerParts>,
}

impl Peeler {
    pub fn new(parts: PeelerParts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// Follows `request.url` to where it ends. Never fails: what went wrong is the chain's `status` and `reason`.
    pub async fn peel(&self, request: &PeelRequest) -> Peeled {
        let started_at = self.parts.clock.now();
        let (walked, shown) = self.resolve(request).await;
        let mut chain = blank(request, started_at);
        chain.duration_ms = self.ms_since(started_at);
        conclude(&mut chain, walked, self.parts.catalogue);
        chain.offline = offline_answer(&chain);
        fit(&mut chain, CHAIN_BYTES_WITHOUT_VERDICTS_MAX);
        let shown = match shown {
            None if request.screenshot && request.browser != BrowserUse::Never => {
                self.picture(&chain, request).await
            }
            // A browser that was asked has shown what it can.
            shown => shown.unwrap_or_default(),
        };
        Peeled { chain, screenshot: shown.screenshot, standing: shown.standing }
    }

    /// What the link's text alone says, without asking the network: each layer that a rule takes off is a hop, and
    /// `final_url` is what remains: the link itself when it wraps nothing.
    pub fn decode(&self, request: &PeelRequest) -> Chain {
        let mut chain = blank(request, self.parts.clock.now());
        chain.engine = None;
        decode(&mut chain, self.parts.catalogue);
        fit(&mut chain, CHAIN_BYTES_WITHOUT_VERDICTS_MAX);
        chain
    }

    /// The way of the link, and what the browser showed if it was asked.
    async fn resolve(&self, request: &PeelRequest) -> (Walked, Option<Shown>) {
        if request.browser == BrowserUse::Always {
            let (walked, shown) = self.browse(request).await;
            return (walked, Some(shown));
        }
        let walked = self.walk(request).await;
        let wants_browser = request.browser == BrowserUse::Auto && walked.ending.browser_may_know();
        if !wants_browser || self.parts.browser.is_none() {
            return (walked, None);
        }
        match self.browse(request).await {
            (browsed, shown) if browsed.ending.is_accident() => (walked, Some(shown.standing.into())),
            (browsed, shown) => (browsed, Some(shown)),
        }
    }

    async fn walk(&self, request: &PeelRequest) -> Walked {
        let parts = &self.parts;
        let profile = &request.profile;
        let referrer = profile.referer.clone().map_or(Referrer::None, Referrer::Given);
        let mut trail = Trail::new(parts.budgets, parts.catalogue, &*parts.clock, referrer);
        let deadline = Deadline::after(parts.budgets.total());
        let walker = Walker {
            outbound: &parts.outbound,
            budgets: &parts.budgets,
            runner: parts.scripts.as_ref(),
            profile,
            headers: profile_headers(profile),
            deadline: &deadline,
        };
        let ending = match parse_link(&request.url, None) {
            Ok(start) => deadline
                .bound(walker.walk(start, &mut trail))
                .await
                .unwrap_or(Ending::Failure(Reason::Timeout)),
            Err(_) => Ending::Failure(Reason::UnsupportedScheme),
        };
        let engine = if trail.ran_scripts { Engine::Script } else { Engine::Http };
        Walked { hops: trail.hops, ending, engine }
    }

    fn ms_since(&self, started_at: Timestamp) -> u64 {
        u64::try_from(self.parts.clock.now().since_ms(started_at)).unwrap_or(0)
    }
}

fn blank(request: &PeelRequest, started_at: Timestamp) -> Chain {
    let profile = &request.profile;
    Chain {
        schema: SCHEMA.to_owned(),
        url: request.url.clone(),
        final_url: None,
        status: ChainStatus::Done,
        reason: None,
        vendor: None,
        download: false,
        title: None,
        framed_url: None,
        started_at,
        duration_ms: 0,
        runner: request.runner.clone(),
        engine: Some(Engine::Http),
        truncated: false,
        profile: ChainProfile {
            user_agent: profile.user_agent().to_owned(),
            accept_language: profile.accept_language().to_owned(),
            referer: profile.referer.clone(),
            form_factor: profile.form_factor,
            egress: profile.egress.clone(),
        },
        offline: None,
        hops: Vec::new(),
        verdicts: Verdicts::default(),
    }
}

#[cfg(test)]
pub(crate) fn blank_for_tests(url: &str) -> Chain {
    let request = PeelRequest {
        url: url.to_owned(),
        profile: Profile::default(),
        runner: "server".to_owned(),
        browser: BrowserUse::Never,
        screenshot: false,
    };
    blank(&request, Timestamp(0))
}
