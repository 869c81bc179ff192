//! Running the scripts of a page: the task they are given, and what is believed of their report.

use std::sync::Arc;

use async_trait::async_trait;
use hopline_domain::{
    profile::{FormFactor, Profile},
    time::Timestamp,
};
use hopline_script::{PageHost, PageReport, PageTask, ScriptEngine, ScriptError};
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    budgets::Budgets,
    csp::is_opaque,
    deadline::Deadline,
    page_host::{ChainHost, PageNetwork, PageOrigin},
    referer::ReferrerPolicy,
    trail::Trail,
};

/// What runs the scripts of pages.
#[async_trait]
pub trait PageRunner: std::fmt::Debug + Send + Sync {
    async fn run(&self, task: PageTask, host: &mut dyn PageHost) -> Result<PageReport, ScriptError>;
}

#[async_trait]
impl PageRunner for ScriptEngine {
    async fn run(&self, task: PageTask, host: &mut dyn PageHost) -> Result<PageReport, ScriptError> {
        Self::run(self, task, host).await
    }
}

/// A page that is to be run.
#[derive(Debug)]
pub(crate) struct ScriptedPage<'a> {
    pub(crate) url: &'a Url,
    pub(crate) html: String,
    pub(crate) charset: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) policy: ReferrerPolicy,
}

/// Runs pages for one chain.
#[derive(Debug)]
pub(crate) struct Scripts<'a> {
    pub(crate) runner: &'a Arc<dyn PageRunner>,
    pub(crate) profile: &'a Profile,
    pub(crate) budgets: &'a Budgets,
    pub(crate) deadline: &'a Deadline,
}

/// What came of running a page.
#[derive(Debug)]
pub(crate) enum Ran {
    Report(Box<PageReport>),
    /// The page stays as it arrived; a browser may do better.
    Failed,
}

impl Scripts<'_> {
    /// Runs `page` and keeps what it leaves behind in `trail`. The engine bounds the page's own time, the host what it waits
    /// for others.
    pub(crate) async fn run(
        &self,
        page: ScriptedPage<'_>,
        network: PageNetwork<'_>,
        trail: &mut Trail<'_>,
    ) -> Ran {
        let (url, policy) = (page.url.clone(), page.policy);
        let policies = page.headers.get_all(header::CONTENT_SECURITY_POLICY);
        let is_opaque = is_opaque(policies.iter().map(http::HeaderValue::as_bytes));
        let task = self.task(page, trail);
        let began_at = Timestamp(task.now_ms);
        let origin = PageOrigin { url: url.clone(), policy, began_at, is_opaque };
        let mut host = ChainHost::new(network, trail, origin);
        self.deadline.stop();
        let ran = self.runner.run(task, &mut host).await;
        self.deadline.go_on();
        trail.ran_scripts = true;
        match ran {
            Ok(report) => {
                tracing::debug!(page.needs = ?report.needs, page.errors = ?report.errors, "a page was run");
                trail.keep_storage(&url, report.storage.clone());
                Ran::Report(Box::new(report))
            }
            Err(error) => {
                let host = url.host_str().unwrap_or_default();
                tracing::info!(
                    error = &error as &dyn std::error::Error,
                    page.host = host,
                    "a page's scripts could not be run"
                );
                Ran::Failed
            }
        }
    }

    fn task(&self, page: ScriptedPage<'_>, trail: &Trail<'_>) -> PageTask {
        let policies = page.headers.get_all(header::CONTENT_SECURITY_POLICY);
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        PageTask {
            url: page.url.to_string(),
            html: page.html,
            charset: page.charset.to_owned(),
            referrer: trail.referrer_of(page.url),
            user_agent: self.profile.user_agent().to_owned(),
            languages: languages(self.profile.accept_language()),
            is_mobile: self.profile.form_factor == FormFactor::Mobile,
            content_security_policies: policies.iter().map(text).collect(),
            now_ms: trail.now().0,
            seed: seed(page.url),
            timer_ms_max: self.budgets.refresh_delay_s_max.saturating_mul(1_000),
            fetches_max: self.budgets.scripts.fetches_max,
            storage: trail.storage_of(page.url),
        }
    }
}

/// The language ranges of an `Accept-Language` value, in the order given.
fn languages(accept_language: &str) -> Vec<String> {
    let ranges = accept_language.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    ranges.filter(|range| !range.is_empty() && *range != "*").map(str::to_owned).collect()
}

/// The same page draws the same numbers.
fn seed(url: &Url) -> u64 {
    let digest = Sha256::digest(url.as_str().as_bytes());
    digest.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_the_profiles_in_order() {
        assert_eq!(languages("en-US,en;q=0.9, de ; q=0.1,*;q=0"), ["en-US", "en", "de"]);
        assert_eq!(languages(""), [""; 0]);
    }

    #[test]
    fn a_page_draws_its_own_numbers() {
        let [a, b] = ["http://a.test/", "http://b.test/"].map(|text| Url::parse(text).unwrap());
        assert_eq!(seed(&a), seed(&a));
        assert_ne!(seed(&a), seed(&b));
    }
}
