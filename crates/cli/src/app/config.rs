//! What a server is composed of besides its settings: time, chance, and doors for tests.

use std::{fmt, sync::Arc};

use hopline_domain::{
    entropy::{Entropy, OsEntropy},
    time::{Clock, SystemClock},
};
use hopline_outbound::{CertificateDer, NameResolver};
use hopline_script::ScriptCommand;
use hopline_server::{Capabilities, StorageGate};

use crate::config::Settings;

/// Everything [`super::RunningApp::start`] needs.
pub struct AppConfig {
    pub settings: Settings,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// Roots trusted besides Mozilla's when dialling out.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Where names are looked up; `None` is the system's DNS.
    pub names: Option<Arc<dyn NameResolver>>,
    /// Says how much room is left; `None` asks the file system.
    pub storage_gate: Option<Arc<dyn StorageGate>>,
    /// How script workers are started; `None` is this program.
    pub script_command: Option<ScriptCommand>,
    /// What the API says it can resolve with; `None` is what was found.
    pub capabilities: Option<Capabilities>,
    pub workers: Workers,
}

/// Who does the work that requests leave behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// Workers in the background.
    Running,
    /// Nobody, until `Engine::run_until_idle` is called.
    ByHand,
}

impl AppConfig {
    /// The machine's clock, chance, names and disk.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            extra_roots: Vec::new(),
            names: None,
            storage_gate: None,
            script_command: None,
            capabilities: None,
            workers: Workers::Running,
        }
    }
}

impl fmt::Debug for AppConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("AppConfig");
        debug.field("settings", &self.settings).field("workers", &self.workers).finish_non_exhaustive()
    }
}
