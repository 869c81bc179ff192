//! The settings that hold, checked.

use anyhow::Result;
use hopline_domain::plan::PlanCatalogue;
use hopline_peel::Budgets;

use super::{
    FolderSettings, Layer, LimitsSettings, ListenSettings, NetworkSettings, RetentionSettings,
    TelemetrySettings,
};

/// Everything a server is told at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub folder: FolderSettings,
    pub listen: ListenSettings,
    pub network: NetworkSettings,
    pub telemetry: TelemetrySettings,
    pub limits: LimitsSettings,
    pub retention: RetentionSettings,
    pub budgets: Budgets,
    pub plans: PlanCatalogue,
}

impl Settings {
    pub(super) fn of(layer: Layer) -> Result<Self> {
        Ok(Self {
            folder: layer.folder.settle()?,
            listen: layer.listen.settle()?,
            network: layer.network.settle()?,
            telemetry: layer.telemetry.settle()?,
            limits: layer.limits.settle()?,
            retention: layer.retention.settle()?,
            budgets: layer.budgets.settle()?,
            plans: PlanCatalogue::with_overrides(layer.plans),
        })
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
