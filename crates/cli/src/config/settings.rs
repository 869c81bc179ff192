//! The settings that hold, checked.

use std::collections::BTreeMap;

use anyhow::Result;
use hopline_browser::BrowserConfig;
use hopline_domain::{plan::PlanCatalogue, profile::Profile};
use hopline_outbound::{OutboundConfig, PolitenessLimits};
use hopline_peel::Budgets;
use hopline_script::ScriptLimits;

use super::{
    ClicksSettings, EgressSettings, FolderSettings, Layer, LimitsSettings, LinksSettings, ListenSettings,
    NetworkSettings, RetentionSettings, TelemetrySettings, profiles,
};

/// Everything a server is told at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub folder: FolderSettings,
    pub listen: ListenSettings,
    pub network: NetworkSettings,
    pub egress: EgressSettings,
    /// `None` asks every host as fast as links come.
    pub politeness: Option<PolitenessLimits>,
    pub browser: BrowserConfig,
    pub script: ScriptLimits,
    pub clicks: ClicksSettings,
    pub telemetry: TelemetrySettings,
    pub limits: LimitsSettings,
    pub links: LinksSettings,
    pub retention: RetentionSettings,
    pub budgets: Budgets,
    /// Besides those that are built in.
    pub profiles: BTreeMap<String, Profile>,
    pub plans: PlanCatalogue,
}

impl Settings {
    pub(super) fn of(layer: Layer) -> Result<Self> {
        let egress = layer.egress.settle()?;
        Ok(Self {
            folder: layer.folder.settle()?,
            listen: layer.listen.settle()?,
            network: layer.network.settle()?,
            politeness: layer.politeness.settle()?,
            browser: layer.browser.settle()?,
            script: layer.script.settle()?,
            clicks: layer.clicks.settle()?,
            telemetry: layer.telemetry.settle()?,
            limits: layer.limits.settle()?,
            links: layer.links.settle()?,
            retention: layer.retention.settle()?,
            budgets: layer.budgets.settle()?,
            profiles: profiles::settle(layer.profiles, &egress.names())?,
            egress,
            plans: PlanCatalogue::with_overrides(layer.plans),
        })
    }

    /// The way out as the operator wants it; names and extra roots are left to the caller.
    pub(crate) fn outbound(&self) -> OutboundConfig {
        OutboundConfig {
            policy: self.network.policy.clone(),
            static_names: self.network.static_names.clone(),
            egresses: self.egress.proxies.clone(),
            politeness: self.politeness,
            ..OutboundConfig::default()
        }
    }
}

impl Default for Settings {
    /// What holds when nobody says anything.
    fn default() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "Invariant: only what somebody said can be refused; a test settles silence"
        )]
        Self::of(Layer::default()).expect("the defaults are valid")
    }
}
