//! What a test may say about its server before it starts.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use hopline_cli::app::{AppConfig, RunningApp, Workers};
use hopline_cli::config::{AdminListen, Settings};
use hopline_domain::address::AddressPolicy;
use hopline_domain::plan::Plan;
use hopline_server::Capabilities;

use super::TestApp;
use super::names::TestNames;
use crate::link_farm::LinkFarm;
use crate::manual_clock::ManualClock;
use crate::seeded_entropy::SeededEntropy;

/// Draws of servers differ by their seed, so that a restarted one does not repeat the ids of its first life.
static SEEDS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);

#[derive(Clone, Debug)]
pub struct TestAppBuilder {
    settings: Settings,
    workers: Workers,
    names: TestNames,
    extra_roots: Vec<Vec<u8>>,
    capabilities: Option<Capabilities>,
}

impl Default for TestAppBuilder {
    /// Free ports, loopback may be dialled, a nearly full disk does not matter, work is done by hand.
    fn default() -> Self {
        let mut settings = Settings::default();
        let any = "127.0.0.1:0".parse().expect("an address");
        settings.listen.listen = any;
        settings.listen.admin_listen = AdminListen::At(any);
        settings.limits.min_free_bytes = 0;
        settings.network.policy = AddressPolicy::new(vec!["127.0.0.0/8".parse().expect("a net")]);
        Self {
            settings,
            workers: Workers::ByHand,
            names: TestNames::default(),
            extra_roots: Vec::new(),
            capabilities: None,
        }
    }
}

impl TestAppBuilder {
    /// Changes any setting.
    #[must_use]
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The plan of the first workspace.
    #[must_use]
    pub fn plan(self, plan: Plan) -> Self {
        use hopline_domain::plan::{FIRST_WORKSPACE_PLAN, PlanCatalogue};
        self.settings(|settings| {
            settings.plans = PlanCatalogue::with_overrides([(FIRST_WORKSPACE_PLAN.to_owned(), plan)].into());
        })
    }

    /// What the API says it can resolve with, whatever is there.
    #[must_use]
    pub fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = Some(capabilities);
        self
    }

    /// Nothing but public addresses is dialled; not even the farm.
    #[must_use]
    pub fn without_allowed_nets(self) -> Self {
        self.settings(|settings| settings.network.policy = AddressPolicy::default())
    }

    /// A net whose members' forwarding headers are believed.
    #[must_use]
    pub fn trusted_proxy(self, net: &str) -> Self {
        let net = net.parse().expect("a net");
        self.settings(|settings| settings.listen.trusted_proxies.push(net))
    }

    /// Workers run in the background instead of by hand. Their times are still the manual clock's.
    #[must_use]
    pub fn live_workers(mut self) -> Self {
        self.workers = Workers::Running;
        self
    }

    /// What DNS answers for a host. Names nobody gave do not exist.
    #[must_use]
    pub fn name(self, host: &str, addresses: &[&str]) -> Self {
        self.name_in_turn(host, &[addresses])
    }

    /// What DNS answers for a host, lookup by lookup; the last answer stays.
    #[must_use]
    pub fn name_in_turn(mut self, host: &str, answers: &[&[&str]]) -> Self {
        let addresses = |answer: &&[&str]| -> Vec<IpAddr> {
            answer.iter().map(|address| address.parse().expect("an address")).collect()
        };
        self.names.insert(host, answers.iter().map(addresses));
        self
    }

    /// Trusts a root certificate, DER, when dialling out.
    #[must_use]
    pub fn trust(mut self, root_der: &[u8]) -> Self {
        self.extra_roots.push(root_der.to_vec());
        self
    }

    pub async fn start(self) -> TestApp {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (clock, farm) = (Arc::new(ManualClock::default()), LinkFarm::start().await);
        let running = self.run(folder.path(), &clock).await;
        let first_key = running.first_key.as_ref().expect("a first start makes a key");
        TestApp {
            key: first_key.api_key.expose().to_owned(),
            webhook_secret: first_key.webhook_secret.expose().to_owned(),
            clock,
            farm,
            builder: self,
            folder,
            running: Some(running),
        }
    }

    pub(super) fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
    }

    pub(super) fn set_texts(&self, name: &str, texts: &[&str]) {
        self.names.set_texts(name, texts);
    }

    pub(super) fn workers(&self) -> Workers {
        self.workers
    }

    pub(super) async fn run(&self, folder: &Path, clock: &Arc<ManualClock>) -> RunningApp {
        let mut settings = self.settings.clone();
        settings.folder.data = folder.to_owned();
        settings.folder.master_key_file = folder.join("master.key");
        let seed = SEEDS.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let config = AppConfig {
            clock: Arc::<ManualClock>::clone(clock),
            entropy: Arc::new(SeededEntropy::new(seed)),
            extra_roots: self.extra_roots.iter().map(|root| root.clone().into()).collect(),
            names: Some(Arc::new(self.names.clone())),
            workers: self.workers,
            script_command: Some(crate::hopline_process::script_command()),
            capabilities: self.capabilities.clone(),
            ..AppConfig::new(settings)
        };
        RunningApp::start(config).await.expect("the server starts")
    }
}
