//! The resolver's face: one link in, one finished chain document out.

use std::sync::Arc;

use hopline_domain::{
    chain::{Chain, ChainProfile, ChainStatus, Engine, SCHEMA},
    limits::CHAIN_BYTES_MAX,
    outcome::Reason,
    profile::Profile,
    provider::Catalogue,
    time::{Clock, Timestamp},
    verdict::Verdicts,
};
use hopline_outbound::Outbound;
use url::Url;

use crate::{
    budgets::Budgets,
    fit::fit,
    follow::{Ending, Walker},
    referer::Referrer,
    request_headers::profile_headers,
    trail::Trail,
};

/// A link to resolve.
#[derive(Debug, Clone)]
pub struct PeelRequest {
    /// As it was asked for.
    pub url: String,
    pub profile: Profile,
    /// Who resolves, for the document (`server`, `device:…`).
    pub runner: String,
}

/// Follows links. One serves any number of chains at a time; each has its own cookies.
#[derive(Debug, Clone)]
pub struct Peeler {
    outbound: Outbound,
    catalogue: &'static Catalogue,
    clock: Arc<dyn Clock>,
    budgets: Budgets,
}

impl Peeler {
    pub fn new(
        outbound: Outbound,
        catalogue: &'static Catalogue,
        clock: Arc<dyn Clock>,
        budgets: Budgets,
    ) -> Self {
        Self { outbound, catalogue, clock, budgets }
    }

    /// Follows `request.url` to where it ends. Never fails: what went wrong is the chain's `status` and `reason`.
    pub async fn peel(&self, request: &PeelRequest) -> Chain {
        let started_at = self.clock.now();
        let referrer = request.profile.referer.clone().map_or(Referrer::None, Referrer::Given);
        let mut trail = Trail::new(self.budgets, self.catalogue, &*self.clock, referrer);
        let ending = match Url::parse(&request.url) {
            Ok(start) => self.walk(start, &request.profile, &mut trail).await,
            Err(_) => Ending::Failure(Reason::UnsupportedScheme),
        };
        let mut chain = blank(request, started_at);
        chain.duration_ms = u64::try_from(self.clock.now().since_ms(started_at)).unwrap_or(0);
        chain.hops = trail.hops;
        self.conclude(&mut chain, ending);
        fit(&mut chain, CHAIN_BYTES_MAX);
        chain
    }

    async fn walk(&self, start: Url, profile: &Profile, trail: &mut Trail<'_>) -> Ending {
        let walker =
            Walker { outbound: &self.outbound, budgets: &self.budgets, headers: profile_headers(profile) };
        let walked = tokio::time::timeout(self.budgets.total(), walker.walk(start, trail)).await;
        walked.unwrap_or(Ending::Failure(Reason::Timeout))
    }

    /// The table of contracts §1: an error page counts as a destination only after at least one hop.
    fn conclude(&self, chain: &mut Chain, ending: Ending) {
        let status = chain.last_status().unwrap_or_default();
        match ending {
            Ending::Page { .. } if status >= 400 && chain.hops.len() == 1 => {
                chain.reason = Some(self.status_reason(&chain.url, status));
            }
            Ending::Page { url, title } => {
                chain.final_url = Some(url.into());
                chain.title = title;
            }
            Ending::Download { url } => {
                chain.final_url = Some(url.into());
                chain.download = true;
            }
            Ending::Failure(reason) => chain.reason = Some(reason),
        }
        chain.status = chain.reason.map_or(ChainStatus::Done, Reason::status);
    }

    fn status_reason(&self, url: &str, status: u16) -> Reason {
        let is_listed = || Url::parse(url).is_ok_and(|url| self.catalogue.lookup(&url).is_some());
        if matches!(status, 404 | 410) && is_listed() { Reason::LinkRemoved } else { Reason::HttpStatus }
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
            egress: None,
        },
        offline: None,
        hops: Vec::new(),
        verdicts: Verdicts::default(),
    }
}

#[cfg(test)]
pub(crate) fn blank_for_tests() -> Chain {
    let request = PeelRequest {
        url: "http://a.test/x".to_owned(),
        profile: Profile::default(),
        runner: "server".to_owned(),
    };
    blank(&request, Timestamp(0))
}
