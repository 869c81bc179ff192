//! How much this server takes on.

use anyhow::{Result, ensure};
use hopline_domain::limits;
use serde::Deserialize;

use super::Environment;

const RESOLVE_CONCURRENCY_DEFAULT: u32 = 64;
const DELIVERY_CONCURRENCY_DEFAULT: u32 = 256;
const CONCURRENCY_MAX: u32 = 4_096;

/// `[limits]` of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsSection {
    /// Creating calls are refused while the data folder's disk has less room.
    pub min_free_bytes: Option<u64>,
    /// Links resolved at once; 0 = this process resolves none.
    pub resolve_concurrency: Option<u32>,
    /// Webhook deliveries under way at once; 0 = this process delivers none.
    pub delivery_concurrency: Option<u32>,
}

/// What holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsSettings {
    pub min_free_bytes: u64,
    pub resolve_concurrency: u32,
    pub delivery_concurrency: u32,
}

impl LimitsSection {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self> {
        Ok(Self {
            min_free_bytes: environment.value("MIN_FREE_BYTES")?,
            resolve_concurrency: environment.value("RESOLVE_CONCURRENCY")?,
            delivery_concurrency: environment.value("DELIVERY_CONCURRENCY")?,
        })
    }

    pub(super) fn over(self, lower: Self) -> Self {
        Self {
            min_free_bytes: self.min_free_bytes.or(lower.min_free_bytes),
            resolve_concurrency: self.resolve_concurrency.or(lower.resolve_concurrency),
            delivery_concurrency: self.delivery_concurrency.or(lower.delivery_concurrency),
        }
    }

    pub(super) fn settle(self) -> Result<LimitsSettings> {
        let default = LimitsSettings::default();
        let settings = LimitsSettings {
            min_free_bytes: self.min_free_bytes.unwrap_or(default.min_free_bytes),
            resolve_concurrency: self.resolve_concurrency.unwrap_or(default.resolve_concurrency),
            delivery_concurrency: self.delivery_concurrency.unwrap_or(default.delivery_concurrency),
        };
        for (name, value) in [
            ("resolve_concurrency", settings.resolve_concurrency),
            ("delivery_concurrency", settings.delivery_concurrency),
        ] {
            ensure!(
                value <= CONCURRENCY_MAX,
                "use [limits] {name} = {value}: write 0 (none here) to {CONCURRENCY_MAX}"
            );
        }
        Ok(settings)
    }
}

impl Default for LimitsSettings {
    fn default() -> Self {
        Self {
            min_free_bytes: limits::MIN_FREE_BYTES_DEFAULT,
            resolve_concurrency: RESOLVE_CONCURRENCY_DEFAULT,
            delivery_concurrency: DELIVERY_CONCURRENCY_DEFAULT,
        }
    }
}
