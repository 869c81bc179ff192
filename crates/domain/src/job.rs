//! Jobs: the execution of resolving one URL, from acceptance to its end.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use strum::{EnumString, IntoStaticStr};

use crate::{
    credit::Reserved,
    id::{FamilyId, JobId, KeyId, WorkspaceId},
    outcome::{Outcome, Reason},
    profile::Profile,
    provider::Tier,
    time::Timestamp,
    verdict::Verdicts,
};

/// Closed: drop-in clients read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JobStatus {
    Queued,
    Running,
    Done,
    Failed,
    Invalid,
}

impl JobStatus {
    pub const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done { .. } => Self::Done,
            Outcome::Failed { .. } => Self::Failed,
            Outcome::Invalid { .. } => Self::Invalid,
        }
    }

    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Invalid)
    }
}

/// Whether the browser engine may be used.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BrowserUse {
    #[default]
    Auto,
    Never,
    Always,
}

/// How a job is to be resolved: everything that can change its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOptions {
    #[serde(default)]
    pub browser: BrowserUse,
    /// The workspace's plan had the browser engine when the job was accepted: without it `auto` goes without.
    #[serde(default)]
    pub browser_allowed: bool,
    /// Keep a picture of the last page.
    #[serde(default)]
    pub screenshot: bool,
    #[serde(default)]
    pub profile: Profile,
    #[serde(default)]
    pub expected_domain: Option<String>,
}

impl JobOptions {
    /// Whether the browser engine may be used for this job, its plan considered.
    pub const fn browser_use(&self) -> BrowserUse {
        match self.browser {
            BrowserUse::Auto if !self.browser_allowed => BrowserUse::Never,
            browser => browser,
        }
    }
}

/// The only runner there is until devices come.
pub const RUNNER_SERVER: &str = "server";

/// Cache and single-flight key of contracts §1: workspace, parsed URL with fragment, runner, profile, browser. A job that
/// wants a picture is kept apart from those that don't.
pub fn cache_key(workspace_id: WorkspaceId, url: &str, options: &JobOptions) -> [u8; 32] {
    let browser: &'static str = options.browser.into();
    let profile = serde_json::to_vec(&options.profile).unwrap_or_default();
    let mut hash = Sha256::new();
    let picture: &[u8] = if options.screenshot { b"screenshot" } else { b"" };
    for part in [
        workspace_id.0.as_bytes().as_slice(),
        url.as_bytes(),
        RUNNER_SERVER.as_bytes(),
        browser.as_bytes(),
        &profile,
        picture,
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Price of a resolve, fixed at accept: 2 with `browser: always`, or for a premium provider unless `browser: never`.
pub const fn price(tier: Tier, browser: BrowserUse) -> i64 {
    match (browser, tier) {
        (BrowserUse::Always, _) | (BrowserUse::Auto, Tier::Premium) => 2,
        _ => 1,
    }
}

/// A job as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub workspace_id: WorkspaceId,
    pub family_id: FamilyId,
    pub key_id: KeyId,
    /// The link as it was given.
    pub url: String,
    pub options: JobOptions,
    pub webhook_url: Option<String>,
    pub provider: String,
    pub tier: Tier,
    pub reserved: Reserved,
    pub status: JobStatus,
    pub credits_charged: i64,
    pub target_url: Option<String>,
    pub reason: Option<Reason>,
    pub vendor: Option<String>,
    pub hops_count: Option<u32>,
    pub verdicts: Option<Verdicts>,
    /// SHA-256 of the stored chain document.
    pub evidence: Option<[u8; 32]>,
    /// SHA-256 of the stored picture.
    pub screenshot: Option<[u8; 32]>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn prices_follow_the_contract() {
        assert_eq!(price(Tier::Standard, BrowserUse::Auto), 1);
        assert_eq!(price(Tier::Premium, BrowserUse::Auto), 2);
        assert_eq!(price(Tier::Premium, BrowserUse::Never), 1);
        assert_eq!(price(Tier::Standard, BrowserUse::Always), 2);
    }

    #[test]
    fn auto_needs_the_plan() {
        for (browser, browser_allowed, used) in [
            (BrowserUse::Auto, false, BrowserUse::Never),
            (BrowserUse::Auto, true, BrowserUse::Auto),
            (BrowserUse::Never, true, BrowserUse::Never),
            (BrowserUse::Always, true, BrowserUse::Always),
        ] {
            let options = JobOptions { browser, browser_allowed, ..JobOptions::default() };
            assert_eq!(options.browser_use(), used);
        }
    }

    #[test]
    fn the_cache_key_keeps_apart_what_may_answer_differently() {
        let workspace = WorkspaceId(Uuid::nil());
        let plain = JobOptions::default();
        let never = JobOptions { browser: BrowserUse::Never, ..JobOptions::default() };
        let pictured = JobOptions { screenshot: true, ..JobOptions::default() };
        let keys = [
            cache_key(workspace, "https://a.example/", &plain),
            cache_key(workspace, "https://a.example/#x", &plain),
            cache_key(workspace, "https://a.example/", &never),
            cache_key(workspace, "https://a.example/", &pictured),
            cache_key(WorkspaceId(Uuid::max()), "https://a.example/", &plain),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[index + 1..].contains(key));
        }
        let expecting = JobOptions { expected_domain: Some("a.example".to_owned()), ..JobOptions::default() };
        assert_eq!(keys[0], cache_key(workspace, "https://a.example/", &expecting));
    }
}
