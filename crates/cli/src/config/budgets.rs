//! How much one chain may cost.

use anyhow::{Result, ensure};
use hopline_peel::Budgets;
use serde::Deserialize;

/// `[budgets]` of the file; what is absent is the resolver's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetsSection {
    pub redirects_per_navigation_max: Option<u32>,
    pub hops_max: Option<usize>,
    pub hosts_max: Option<usize>,
    pub connect_ms: Option<u64>,
    pub hop_ms: Option<u64>,
    pub total_ms: Option<u64>,
    pub body_bytes_max: Option<usize>,
    pub cookies_max: Option<usize>,
    pub refresh_delay_s_max: Option<u64>,
}

/// No budget may be so large that it is none.
const HOPS_MAX: usize = 100;
const TOTAL_MS_MAX: u64 = 300_000;
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

impl BudgetsSection {
    pub(super) fn settle(self) -> Result<Budgets> {
        let default = Budgets::default();
        let budgets = Budgets {
            redirects_per_navigation_max: self
                .redirects_per_navigation_max
                .unwrap_or(default.redirects_per_navigation_max),
            hops_max: self.hops_max.unwrap_or(default.hops_max),
            hosts_max: self.hosts_max.unwrap_or(default.hosts_max),
            connect_ms: self.connect_ms.unwrap_or(default.connect_ms),
            hop_ms: self.hop_ms.unwrap_or(default.hop_ms),
            total_ms: self.total_ms.unwrap_or(default.total_ms),
            body_bytes_max: self.body_bytes_max.unwrap_or(default.body_bytes_max),
            cookies_max: self.cookies_max.unwrap_or(default.cookies_max),
            refresh_delay_s_max: self.refresh_delay_s_max.unwrap_or(default.refresh_delay_s_max),
        };
        check(&budgets)?;
        Ok(budgets)
    }
}

fn check(budgets: &Budgets) -> Result<()> {
    let Budgets { hops_max, hosts_max, total_ms, body_bytes_max, .. } = *budgets;
    ensure!((1..=HOPS_MAX).contains(&hops_max), "use [budgets] hops_max = {hops_max}: write 1 to {HOPS_MAX}");
    ensure!(
        (1..=HOPS_MAX).contains(&hosts_max),
        "use [budgets] hosts_max = {hosts_max}: write 1 to {HOPS_MAX}"
    );
    let milliseconds = 1..=TOTAL_MS_MAX;
    for (name, value) in
        [("connect_ms", budgets.connect_ms), ("hop_ms", budgets.hop_ms), ("total_ms", total_ms)]
    {
        ensure!(milliseconds.contains(&value), "use [budgets] {name} = {value}: write 1 to {TOTAL_MS_MAX}");
    }
    let bytes = 1_024..=BODY_BYTES_MAX;
    ensure!(
        bytes.contains(&body_bytes_max),
        "use [budgets] body_bytes_max = {body_bytes_max}: write 1024 to {BODY_BYTES_MAX}"
    );
    Ok(())
}
