//! How much one chain may cost. Every bound is a setting with its default here.

use std::time::Duration;

use hopline_outbound::ExchangeLimits;

/// Bounds of one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// HTTP redirects followed in one navigation; Chromium fails on the 20th.
    pub redirects_per_navigation_max: u32,
    pub hops_max: usize,
    /// Distinct hosts asked.
    pub hosts_max: usize,
    /// Name, connection and TLS of one hop.
    pub connect_ms: u64,
    /// One hop, from the name to the last byte.
    pub hop_ms: u64,
    /// The whole chain.
    pub total_ms: u64,
    /// Body of one hop, after decompression.
    pub body_bytes_max: usize,
    pub cookies_max: usize,
    /// A refresh that waits longer is recorded, not followed.
    pub refresh_delay_s_max: u64,
    pub scripts: ScriptBudgets,
    /// One link in the browser: waiting for a tab, all its visits, and the picture.
    pub browser_ms: u64,
}

/// Bounds of what one page's scripts may ask of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptBudgets {
    /// All waiting of one page for subresources.
    pub page_ms: u64,
    /// One subresource, redirects included.
    pub fetch_ms: u64,
    pub fetches_max: u32,
    /// Distinct hosts asked for subresources; they do not count among the chain's.
    pub hosts_max: usize,
    /// Bodies of all subresources, after decompression.
    pub bytes_max: usize,
}

impl Default for ScriptBudgets {
    fn default() -> Self {
        Self { page_ms: 10_000, fetch_ms: 4_000, fetches_max: 24, hosts_max: 12, bytes_max: 8 * 1024 * 1024 }
    }
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            redirects_per_navigation_max: 19,
            hops_max: 30,
            hosts_max: 16,
            connect_ms: 5_000,
            hop_ms: 10_000,
            total_ms: 30_000,
            body_bytes_max: 2 * 1024 * 1024,
            cookies_max: 50,
            refresh_delay_s_max: 30,
            scripts: ScriptBudgets::default(),
            browser_ms: 60_000,
        }
    }
}

impl Budgets {
    pub(crate) const fn exchange_limits(&self) -> ExchangeLimits {
        ExchangeLimits {
            connect_ms: self.connect_ms,
            total_ms: self.hop_ms,
            body_bytes_max: self.body_bytes_max,
        }
    }

    pub(crate) const fn total(&self) -> Duration {
        Duration::from_millis(self.total_ms)
    }

    pub(crate) const fn browser(&self) -> Duration {
        Duration::from_millis(self.browser_ms)
    }
}
