//! How much the script engine may take.

use std::{num::NonZero, time::Duration};

use anyhow::{Result, ensure};
use hopline_script::ScriptLimits;
use serde::Deserialize;

const PAGES_MAX: usize = 64;
const PAGE_MS_MAX: u64 = 60_000;

/// `[script]` of the file; what is absent is the engine's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScriptSection {
    /// Pages whose scripts run at once, each in a process of its own.
    pub pages_max: Option<usize>,
    /// What one page may take by the clock, without waiting for what it fetches.
    pub page_ms_max: Option<u64>,
}

impl ScriptSection {
    pub(super) fn settle(self) -> Result<ScriptLimits> {
        let default = ScriptLimits::default();
        let pages_max = self.pages_max.unwrap_or(default.pages_max.get());
        let page_ms_max = self.page_ms_max.map_or(default.page_time_max, Duration::from_millis);
        let Some(pages) = NonZero::new(pages_max).filter(|pages| pages.get() <= PAGES_MAX) else {
            anyhow::bail!("use [script] pages_max = {pages_max}: write 1 to {PAGES_MAX}");
        };
        let milliseconds = page_ms_max.as_millis();
        ensure!(
            (1..=u128::from(PAGE_MS_MAX)).contains(&milliseconds),
            "use [script] page_ms_max = {milliseconds}: write 1 to {PAGE_MS_MAX}"
        );
        Ok(ScriptLimits { pages_max: pages, page_time_max: page_ms_max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_checked() {
        assert_eq!(ScriptSection::default().settle().unwrap(), ScriptLimits::default());
        for (pages_max, page_ms_max) in
            [(Some(0), None), (Some(65), None), (None, Some(0)), (None, Some(60_001))]
        {
            assert!(ScriptSection { pages_max, page_ms_max }.settle().is_err());
        }
    }
}
