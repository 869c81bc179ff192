//! Everything the engine works with, handed in by the composition root.

use std::{fmt, sync::Arc};

use hopline_domain::{
    entropy::Entropy,
    plan::PlanCatalogue,
    short_link::ShortUrls,
    store::{ClickFeed, Store},
    time::{Clock, Timestamp},
    wake::WakeHub,
};
use hopline_outbound::Outbound;
use hopline_peel::Peeler;
use hopline_signing::MasterKey;

use crate::settings::EngineSettings;

/// What the workers share.
pub struct EngineParts {
    pub store: Arc<dyn Store>,
    /// The click journal.
    pub clicks: Arc<dyn ClickFeed>,
    pub peeler: Peeler,
    pub outbound: Outbound,
    /// Opens the webhook secrets.
    pub master_key: Arc<MasterKey>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// Where the store says that there is something to do.
    pub wake: Arc<WakeHub>,
    pub plans: Arc<PlanCatalogue>,
    /// How events write short URLs.
    pub short_urls: Arc<ShortUrls>,
    pub settings: EngineSettings,
}

impl EngineParts {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl fmt::Debug for EngineParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineParts").field("settings", &self.settings).finish_non_exhaustive()
    }
}
