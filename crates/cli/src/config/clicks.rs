//! How clicks are kept: the journal, the address database, what of an address is kept.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use hopline_clicks::OnFailure;
use serde::Deserialize;

use super::Environment;

const SYNC_MS_DEFAULT: u64 = 1_000;
const SYNC_MS_MAX: u64 = 60_000;

/// `[clicks]` of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClicksSection {
    /// A click is on the disk at most this much after its redirect; 0 = before it.
    pub sync_ms: Option<u64>,
    pub on_failure: Option<OnFailureWord>,
    /// A `MaxMind` DB file with countries or cities; taken up again when it changes.
    pub mmdb: Option<PathBuf>,
    /// Keep the visitor's address with each click.
    pub keep_addresses: Option<bool>,
}

/// What a redirect gets when its click can't be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailureWord {
    Answer,
    Refuse,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClicksSettings {
    pub sync_ms: u64,
    pub on_failure: OnFailure,
    pub mmdb: Option<PathBuf>,
    pub keep_addresses: bool,
}

impl ClicksSection {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self> {
        Ok(Self {
            sync_ms: environment.value("CLICKS_SYNC_MS")?,
            mmdb: environment.value("CLICKS_MMDB")?,
            ..Self::default()
        })
    }

    pub(super) fn over(self, lower: Self) -> Self {
        Self {
            sync_ms: self.sync_ms.or(lower.sync_ms),
            on_failure: self.on_failure.or(lower.on_failure),
            mmdb: self.mmdb.or(lower.mmdb),
            keep_addresses: self.keep_addresses.or(lower.keep_addresses),
        }
    }

    pub(super) fn settle(self) -> Result<ClicksSettings> {
        let sync_ms = self.sync_ms.unwrap_or(SYNC_MS_DEFAULT);
        ensure!(sync_ms <= SYNC_MS_MAX, "use [clicks] sync_ms = {sync_ms}: write 0 to {SYNC_MS_MAX}");
        Ok(ClicksSettings {
            sync_ms,
            on_failure: match self.on_failure {
                Some(OnFailureWord::Refuse) => OnFailure::Refuse,
                Some(OnFailureWord::Answer) | None => OnFailure::Answer,
            },
            mmdb: self.mmdb,
            keep_addresses: self.keep_addresses.unwrap_or(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_keeps_no_addresses_and_syncs_each_second() {
        let settings = ClicksSection::default().settle().unwrap();
        assert_eq!((settings.sync_ms, settings.on_failure), (1_000, OnFailure::Answer));
        assert!(!settings.keep_addresses);
        assert!(ClicksSection { sync_ms: Some(60_001), ..ClicksSection::default() }.settle().is_err());
    }

    #[test]
    fn the_environment_is_laid_over_the_file() {
        let environment = Environment::of(&[("HOPLINE_CLICKS_SYNC_MS", "0")]);
        let file = ClicksSection {
            sync_ms: Some(5),
            on_failure: Some(OnFailureWord::Refuse),
            ..ClicksSection::default()
        };
        let both = ClicksSection::from_environment(&environment).unwrap().over(file);
        let settings = both.settle().unwrap();
        assert_eq!((settings.sync_ms, settings.on_failure), (0, OnFailure::Refuse));
    }
}
