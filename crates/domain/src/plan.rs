//! Plans are data: named features and limits, read from the configuration.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::limits;

/// Features a plan can carry; an API answers `plan_limit` without them.
pub const FEATURE_WEBHOOKS: &str = "webhooks";
pub const FEATURE_BROWSER: &str = "browser";
pub const FEATURE_CUSTOM_DOMAINS: &str = "custom_domains";

/// One plan. An absent limit is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    #[serde(default)]
    pub features: BTreeSet<String>,
    #[serde(default)]
    pub limits: PlanLimits,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanLimits {
    pub keys: Option<u32>,
    /// Subscribed webhook endpoints.
    pub endpoints: Option<u32>,
    /// Granted to pool `plan` on the 1st of each month, 00:00 UTC.
    pub credits_per_month: Option<i64>,
    pub requests_per_minute: Option<u32>,
    /// Short links, archived ones too.
    pub links: Option<u32>,
    /// Links with a saved QR design.
    pub qr_codes: Option<u32>,
    /// How often a link may be checked at most: from 300 s; 3600 s when absent.
    pub watch_interval_s: Option<u32>,
}

impl PlanLimits {
    /// The shortest interval between two checks of a link.
    pub fn watch_interval_s_min(&self) -> u32 {
        let interval_s = self.watch_interval_s.unwrap_or(limits::WATCH_INTERVAL_S_MIN_DEFAULT);
        interval_s.max(limits::WATCH_INTERVAL_S_MIN)
    }
}

/// The plans this server knows, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanCatalogue(BTreeMap<String, Plan>);

pub const FIRST_WORKSPACE_PLAN: &str = "unlimited";

const SHIPPED: &str = r#"
[free]
features = ["webhooks"]
limits = { keys = 2, endpoints = 2, credits_per_month = 100, requests_per_minute = 60, links = 1000, qr_codes = 50 }

[pro]
features = ["api_links", "webhooks", "analytics", "custom_domains", "browser"]
limits = { keys = 50, endpoints = 100, credits_per_month = 100000, requests_per_minute = 6000, links = 1000000, qr_codes = 50000, watch_interval_s = 300 }

[unlimited]
features = ["api_links", "webhooks", "analytics", "custom_domains", "browser"]
"#;

impl PlanCatalogue {
    /// The shipped plans, each replaced by the operator's plan of the same name.
    ///
    /// # Panics
    /// Never: the shipped plans are a constant that a test reads.
    pub fn with_overrides(overrides: BTreeMap<String, Plan>) -> Self {
        #[expect(clippy::expect_used, reason = "Invariant: SHIPPED is a constant that a test reads")]
        let mut plans: BTreeMap<String, Plan> = toml::from_str(SHIPPED).expect("the shipped plans are TOML");
        plans.extend(overrides);
        Self(plans)
    }

    /// The plan of that name; a workspace whose plan is gone from the configuration has no features and no credits.
    pub fn get(&self, name: &str) -> Plan {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Plan)> {
        self.0.iter().map(|(name, plan)| (name.as_str(), plan))
    }
}

impl Default for PlanCatalogue {
    fn default() -> Self {
        Self::with_overrides(BTreeMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ships_three_plans_and_lets_the_operator_replace_one() {
        let shipped = PlanCatalogue::default();
        assert_eq!(shipped.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["free", "pro", "unlimited"]);
        assert!(!shipped.get("free").features.contains("api_links"));
        assert_eq!(shipped.get("unlimited").limits, PlanLimits::default());
        let mine = Plan { limits: PlanLimits { keys: Some(1), ..PlanLimits::default() }, ..Plan::default() };
        let changed = PlanCatalogue::with_overrides(BTreeMap::from([("free".to_owned(), mine.clone())]));
        assert_eq!(changed.get("free"), mine);
        let hasty = PlanLimits { watch_interval_s: Some(1), ..PlanLimits::default() };
        assert_eq!(
            (hasty.watch_interval_s_min(), PlanLimits::default().watch_interval_s_min()),
            (300, 3_600)
        );
    }
}
