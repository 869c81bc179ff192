//! What one host is asked to bear while links are resolved.

use anyhow::{Result, ensure};
use clap::Args;
use hopline_outbound::PolitenessLimits;
use serde::Deserialize;

use super::Environment;

const PER_HOST_MAX: usize = 4_096;
/// A chain waits for its turns within its own time; longer intervals would only end it.
const WAIT_MS_MAX: u64 = 60_000;

/// `[politeness]` of the file, and what other sources say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolitenessSection {
    /// Requests to one host at once
    #[arg(long, value_name = "N")]
    pub per_host_max: Option<usize>,
    /// Milliseconds between the starts of two requests to one host
    #[arg(long, value_name = "MS")]
    pub interval_ms: Option<u64>,
    /// Longest to leave a host alone that answers 429 or 503 with Retry-After; 0 takes no notice
    #[arg(long, value_name = "MS")]
    pub pause_ms_max: Option<u64>,
}

impl PolitenessSection {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self> {
        Ok(Self {
            per_host_max: environment.value("POLITENESS_PER_HOST_MAX")?,
            interval_ms: environment.value("POLITENESS_INTERVAL_MS")?,
            pause_ms_max: environment.value("POLITENESS_PAUSE_MS_MAX")?,
        })
    }

    pub(super) fn over(self, lower: Self) -> Self {
        Self {
            per_host_max: self.per_host_max.or(lower.per_host_max),
            interval_ms: self.interval_ms.or(lower.interval_ms),
            pause_ms_max: self.pause_ms_max.or(lower.pause_ms_max),
        }
    }

    /// `None` when nobody said anything: hosts are then asked as fast as links come.
    pub(super) fn settle(self) -> Result<Option<PolitenessLimits>> {
        if self == Self::default() {
            return Ok(None);
        }
        let default = PolitenessLimits::default();
        let limits = PolitenessLimits {
            per_host_max: self.per_host_max.unwrap_or(default.per_host_max),
            interval_ms: self.interval_ms.unwrap_or(default.interval_ms),
            pause_ms_max: self.pause_ms_max.unwrap_or(default.pause_ms_max),
            ..default
        };
        ensure!(
            (1..=PER_HOST_MAX).contains(&limits.per_host_max),
            "use [politeness] per_host_max = {}: write 1 to {PER_HOST_MAX}, or leave the section out for no limit",
            limits.per_host_max
        );
        for (name, value) in [("interval_ms", limits.interval_ms), ("pause_ms_max", limits.pause_ms_max)] {
            ensure!(value <= WAIT_MS_MAX, "use [politeness] {name} = {value}: write 0 to {WAIT_MS_MAX}");
        }
        Ok(Some(limits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_no_politeness_and_one_word_brings_the_defaults() {
        assert_eq!(PolitenessSection::default().settle().unwrap(), None);
        let section = PolitenessSection { interval_ms: Some(500), ..PolitenessSection::default() };
        let settled = section.settle().unwrap();
        assert_eq!(settled, Some(PolitenessLimits { interval_ms: 500, ..PolitenessLimits::default() }));
    }

    #[test]
    fn what_would_stop_everything_is_refused() {
        for (per_host_max, interval_ms) in [(Some(0), None), (Some(5_000), None), (None, Some(60_001))] {
            let section = PolitenessSection { per_host_max, interval_ms, pause_ms_max: None };
            let error = section.settle().unwrap_err().to_string();
            assert!(error.starts_with("use [politeness] "), "{error}");
        }
    }
}
