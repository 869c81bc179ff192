//! How long things are kept.

use anyhow::{Result, ensure};
use hopline_domain::{limits, time::HOUR_MS};
use serde::Deserialize;

const DAYS_MAX: u32 = 3_650;
const IDEMPOTENCY_HOURS_MAX: u32 = 30 * 24;

/// `[retention]` of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionSection {
    pub jobs_days: Option<u32>,
    pub evidence_days: Option<u32>,
    pub screenshots_days: Option<u32>,
    pub events_days: Option<u32>,
    pub attempts_days: Option<u32>,
    pub audit_days: Option<u32>,
    /// Raw clicks; what was counted of them stays.
    pub clicks_days: Option<u32>,
    /// 1–720.
    pub idempotency_hours: Option<u32>,
}

/// What holds, in days; the life of an idempotency record in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionSettings {
    pub jobs_days: u32,
    pub evidence_days: u32,
    pub screenshots_days: u32,
    pub events_days: u32,
    pub attempts_days: u32,
    pub audit_days: u32,
    pub clicks_days: u32,
    pub idempotency_lifetime_ms: i64,
}

impl RetentionSection {
    pub(super) fn settle(self) -> Result<RetentionSettings> {
        let settings = RetentionSettings {
            jobs_days: self.jobs_days.unwrap_or(limits::RETENTION_JOBS_DAYS),
            evidence_days: self.evidence_days.unwrap_or(limits::RETENTION_EVIDENCE_DAYS),
            screenshots_days: self.screenshots_days.unwrap_or(limits::RETENTION_SCREENSHOTS_DAYS),
            events_days: self.events_days.unwrap_or(limits::RETENTION_EVENTS_DAYS),
            attempts_days: self.attempts_days.unwrap_or(limits::RETENTION_ATTEMPTS_DAYS),
            audit_days: self.audit_days.unwrap_or(limits::RETENTION_AUDIT_DAYS),
            clicks_days: self.clicks_days.unwrap_or(limits::RETENTION_CLICKS_DAYS),
            idempotency_lifetime_ms: lifetime_ms(self.idempotency_hours)?,
        };
        for (name, days) in settings.days() {
            ensure!(
                (1..=DAYS_MAX).contains(&days),
                "use [retention] {name} = {days}: write 1 to {DAYS_MAX} days"
            );
        }
        Ok(settings)
    }
}

fn lifetime_ms(hours: Option<u32>) -> Result<i64> {
    let Some(hours) = hours else { return Ok(limits::IDEMPOTENCY_LIFETIME_MS) };
    let range = 1..=IDEMPOTENCY_HOURS_MAX;
    ensure!(
        range.contains(&hours),
        "use [retention] idempotency_hours = {hours}: write 1 to {IDEMPOTENCY_HOURS_MAX}"
    );
    Ok(i64::from(hours) * HOUR_MS)
}

impl RetentionSettings {
    const fn days(&self) -> [(&'static str, u32); 7] {
        [
            ("jobs_days", self.jobs_days),
            ("evidence_days", self.evidence_days),
            ("screenshots_days", self.screenshots_days),
            ("events_days", self.events_days),
            ("attempts_days", self.attempts_days),
            ("audit_days", self.audit_days),
            ("clicks_days", self.clicks_days),
        ]
    }
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self {
            jobs_days: limits::RETENTION_JOBS_DAYS,
            evidence_days: limits::RETENTION_EVIDENCE_DAYS,
            screenshots_days: limits::RETENTION_SCREENSHOTS_DAYS,
            events_days: limits::RETENTION_EVENTS_DAYS,
            attempts_days: limits::RETENTION_ATTEMPTS_DAYS,
            audit_days: limits::RETENTION_AUDIT_DAYS,
            clicks_days: limits::RETENTION_CLICKS_DAYS,
            idempotency_lifetime_ms: limits::IDEMPOTENCY_LIFETIME_MS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_and_silence_is_the_default() {
        assert_eq!(RetentionSection::default().settle().unwrap(), RetentionSettings::default());
        let hours = |hours| {
            RetentionSection { idempotency_hours: Some(hours), ..RetentionSection::default() }.settle()
        };
        assert_eq!(hours(720).unwrap().idempotency_lifetime_ms, 30 * 24 * HOUR_MS);
        assert!(hours(0).is_err() && hours(721).is_err());
        assert!(RetentionSection { audit_days: Some(0), ..RetentionSection::default() }.settle().is_err());
    }
}
