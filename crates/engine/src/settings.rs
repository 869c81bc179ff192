//! What one installation decides about its workers, with the defaults of the contracts.

use hopline_domain::limits;

/// Settings of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineSettings {
    /// Jobs resolved at a time.
    pub resolve_concurrency: u32,
    /// Deliveries being sent at a time, over all lanes.
    pub deliver_concurrency: u32,
    /// How long a job is leased; extended every third of it while the job runs.
    pub lease_ms: i64,
    /// Longest time a worker waits without looking at the store.
    pub idle_poll_ms: u64,
    /// How long work under way may go on after a stop was asked for.
    pub drain_ms: u64,
    pub retention: RetentionDays,
    /// Sent to receivers as `User-Agent: Hopline/<version>`.
    pub version: &'static str,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            resolve_concurrency: 64,
            deliver_concurrency: 256,
            lease_ms: limits::LEASE_MS,
            idle_poll_ms: 1_000,
            drain_ms: 20_000,
            retention: RetentionDays::default(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// How many days each kind of record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionDays {
    pub jobs: u32,
    pub evidence: u32,
    pub screenshots: u32,
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
