//! How much one chain may cost.

use anyhow::{Result, ensure};
use hopline_peel::{Budgets, ScriptBudgets};
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
    pub browser_ms: Option<u64>,
    pub script_page_ms: Option<u64>,
    pub script_fetch_ms: Option<u64>,
    pub script_fetches_max: Option<u32>,
    pub script_hosts_max: Option<usize>,
    pub script_bytes_max: Option<usize>,
}

/// No budget may be so large that it is none.
const HOPS_MAX: usize = 100;
const TOTAL_MS_MAX: u64 = 300_000;
const FETCHES_MAX: usize = 1_000;
const BODY_BYTES_MIN: usize = 1_024;
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
            browser_ms: self.browser_ms.unwrap_or(default.browser_ms),
            scripts: self.scripts(default.scripts),
        };
        check(&budgets)?;
        Ok(budgets)
    }

    fn scripts(&self, default: ScriptBudgets) -> ScriptBudgets {
        ScriptBudgets {
            page_ms: self.script_page_ms.unwrap_or(default.page_ms),
            fetch_ms: self.script_fetch_ms.unwrap_or(default.fetch_ms),
            fetches_max: self.script_fetches_max.unwrap_or(default.fetches_max),
            hosts_max: self.script_hosts_max.unwrap_or(default.hosts_max),
            bytes_max: self.script_bytes_max.unwrap_or(default.bytes_max),
        }
    }
}

fn check(budgets: &Budgets) -> Result<()> {
    let Budgets { hops_max, hosts_max, scripts, .. } = *budgets;
    for (name, value) in [("hops_max", hops_max), ("hosts_max", hosts_max)] {
        ensure!((1..=HOPS_MAX).contains(&value), "use [budgets] {name} = {value}: write 1 to {HOPS_MAX}");
    }
    // Scripts may be given nothing to fetch.
    for (name, value) in
        [("script_fetches_max", scripts.fetches_max as usize), ("script_hosts_max", scripts.hosts_max)]
    {
        ensure!(value <= FETCHES_MAX, "use [budgets] {name} = {value}: write 0 to {FETCHES_MAX}");
    }
    for (name, value) in [
        ("connect_ms", budgets.connect_ms),
        ("hop_ms", budgets.hop_ms),
        ("total_ms", budgets.total_ms),
        ("browser_ms", budgets.browser_ms),
        ("script_page_ms", scripts.page_ms),
        ("script_fetch_ms", scripts.fetch_ms),
    ] {
        ensure!(
            (1..=TOTAL_MS_MAX).contains(&value),
            "use [budgets] {name} = {value}: write 1 to {TOTAL_MS_MAX}"
        );
    }
    for (name, value) in [("body_bytes_max", budgets.body_bytes_max), ("script_bytes_max", scripts.bytes_max)]
    {
        ensure!(
            (BODY_BYTES_MIN..=BODY_BYTES_MAX).contains(&value),
            "use [budgets] {name} = {value}: write {BODY_BYTES_MIN} to {BODY_BYTES_MAX}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_budget_is_none_or_endless() {
        assert_eq!(BudgetsSection::default().settle().unwrap(), Budgets::default());
        for file in [
            "hops_max = 0",
            "hosts_max = 101",
            "total_ms = 300001",
            "browser_ms = 0",
            "script_page_ms = 0",
            "script_fetches_max = 1001",
            "body_bytes_max = 1023",
            "script_bytes_max = 67108865",
        ] {
            let section: BudgetsSection = toml::from_str(file).unwrap();
            let error = section.settle().unwrap_err().to_string();
            assert!(error.starts_with(&format!("use [budgets] {file}: write ")), "{error}");
        }
        let frugal: BudgetsSection = toml::from_str("script_fetches_max = 0").unwrap();
        assert_eq!(frugal.settle().unwrap().scripts.fetches_max, 0);
    }
}
