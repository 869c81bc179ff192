//! What the composition root hands over: the store, the clock, the secrets, and windows into the other rooms.

use std::{fmt, sync::Arc};

use hopline_domain::{
    address::AddressPolicy,
    click::ClassifyVisit,
    entropy::Entropy,
    limits,
    plan::PlanCatalogue,
    provider::Catalogue,
    store::{ClickFeed, ClickLog, Store},
    time::Clock,
    wake::WakeHub,
};
use hopline_outbound::Outbound;
use hopline_signing::MasterKey;
use ipnet::IpNet;
use serde::Serialize;
use url::Url;

/// Everything the API is made of.
pub struct AppParts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub wake: Arc<WakeHub>,
    /// Seals webhook secrets.
    pub master_key: Arc<MasterKey>,
    /// Judges the text of links and receivers.
    pub policy: AddressPolicy,
    /// Looks hosts of endpoints up when they are saved, and proofs of domains.
    pub outbound: Outbound,
    pub catalogue: &'static Catalogue,
    pub plans: PlanCatalogue,
    /// Base of every address the server prints; may have a path.
    pub public_url: Url,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    pub readiness: Arc<dyn Readiness>,
    pub storage_gate: Arc<dyn StorageGate>,
    /// The metrics as Prometheus text.
    pub metrics_render: Arc<dyn Fn() -> String + Send + Sync>,
    pub version: &'static str,
    pub limits: ServerLimits,
    pub capabilities: Capabilities,
    /// Where clicks go before their redirects are answered.
    pub clicks: Arc<dyn ClickLog>,
    /// The journal behind it: how far it is.
    pub click_feed: Arc<dyn ClickFeed>,
    pub classifier: Arc<dyn ClassifyVisit>,
    /// Hosts that no link may lead to, with all below them; lower case.
    pub blocked_hosts: Vec<String>,
}

/// What this server can resolve with; told by `/v1/meta`, and held against every request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MetaEngines)]
pub struct Capabilities {
    /// Scripts of pages are run.
    pub script: bool,
    /// A browser is there for `browser: always` and `screenshot`.
    pub browser: bool,
    /// Names for `profile.egress`: told to keys only, as they may name customers and providers.
    #[serde(skip)]
    pub egresses: Vec<String>,
}

impl fmt::Debug for AppParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppParts").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Bounds that the operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    pub idempotency_lifetime_ms: i64,
    /// Creating calls are refused while the data folder has less room.
    pub min_free_bytes: u64,
    pub retention: RetentionDays,
}

/// How long things are kept, in days; told by `/v1/meta`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RetentionDays {
    pub jobs: u32,
    pub evidence: u32,
    pub screenshots: u32,
    /// Deliveries too.
    pub events: u32,
    pub attempts: u32,
    pub audit: u32,
    /// Raw ones; what was counted of them stays.
    pub clicks: u32,
}

impl Default for RetentionDays {
    fn default() -> Self {
        Self {
            jobs: limits::RETENTION_JOBS_DAYS,
            evidence: limits::RETENTION_EVIDENCE_DAYS,
            screenshots: limits::RETENTION_SCREENSHOTS_DAYS,
            events: limits::RETENTION_EVENTS_DAYS,
            attempts: limits::RETENTION_ATTEMPTS_DAYS,
            audit: limits::RETENTION_AUDIT_DAYS,
            clicks: limits::RETENTION_CLICKS_DAYS,
        }
    }
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            idempotency_lifetime_ms: limits::IDEMPOTENCY_LIFETIME_MS,
            min_free_bytes: limits::MIN_FREE_BYTES_DEFAULT,
            retention: RetentionDays::default(),
        }
    }
}

/// How the rest of the process is.
pub trait Readiness: Send + Sync + fmt::Debug {
    fn report(&self) -> ReadinessReport;
}

/// One line for each thing that can be unwell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadinessReport {
    pub checks: Vec<ReadinessCheck>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadinessCheck {
    pub name: String,
    pub state: ReadinessState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessState {
    Ok,
    /// Something is refused or lost, but the server should keep getting requests.
    Degraded,
    /// The server should get no requests.
    Failed,
}

impl ReadinessReport {
    /// Whether nothing has failed.
    pub fn is_ready(&self) -> bool {
        self.checks.iter().all(|check| check.state != ReadinessState::Failed)
    }
}

/// How much room the data folder has. The implementation caches: it is asked by every creating call.
pub trait StorageGate: Send + Sync + fmt::Debug {
    /// `None` when it can't be known; creating calls then go on.
    fn free_bytes(&self) -> Option<u64>;
}
