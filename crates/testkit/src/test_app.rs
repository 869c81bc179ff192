//! A whole server: real socket, real database in a folder of its own, real workers, and a clock that stands still.
//!
//! Work that requests leave behind is done by [`TestApp::run_until_idle`], unless live workers are asked for.

mod books;
mod builder;
mod made_key;
mod names;

use std::path::Path;
use std::sync::Arc;

use hopline_cli::app::{RunningApp, Workers};
use hopline_cli::config::Settings;
use hopline_domain::store::Store;
use hopline_engine::Tally;
use tempfile::TempDir;

use crate::link_farm::LinkFarm;
use crate::manual_clock::ManualClock;
use crate::test_client::TestClient;

pub use books::Books;
pub use builder::TestAppBuilder;
pub use made_key::MadeKey;

#[derive(Debug)]
pub struct TestApp {
    /// The key of the first start: scopes `*` and `operator`, no limits.
    pub key: String,
    /// The webhook secret of that key's family.
    pub webhook_secret: String,
    pub clock: Arc<ManualClock>,
    /// The web that links lead into; see [`TestApp::link`] for its names.
    pub farm: LinkFarm,
    builder: TestAppBuilder,
    folder: TempDir,
    /// `None` only while it restarts.
    running: Option<RunningApp>,
}

impl TestApp {
    /// A server with nothing special about it.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn builder() -> TestAppBuilder {
        TestAppBuilder::default()
    }

    fn running(&self) -> &RunningApp {
        self.running.as_ref().expect("the server runs")
    }

    /// `http://host:port`; another one after a restart.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.running().public_addr)
    }

    /// A client with the first key.
    pub fn client(&self) -> TestClient {
        self.client_with(&self.key)
    }

    pub fn client_with(&self, key: &str) -> TestClient {
        self.anonymous().bearer(key)
    }

    /// A client without a key.
    pub fn anonymous(&self) -> TestClient {
        TestClient::new(self.base_url())
    }

    /// A client of the admin listener.
    pub fn admin(&self) -> TestClient {
        let address = self.running().admin_addr.expect("the admin listener is on");
        TestClient::new(format!("http://{address}"))
    }

    /// A URL on the farm by one of its names: `a.test`, `b.test`, `c.test`, `bit.ly` (standard) and `adf.ly` (premium).
    pub fn link(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.farm.address().port())
    }

    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.running().store)
    }

    pub fn data_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Does all work that is due at the clock's time; fails the test when the workers are live.
    pub async fn run_until_idle(&self) -> Tally {
        assert_eq!(self.builder.workers(), Workers::ByHand, "live workers need no stepping");
        self.running().engine.run_until_idle().await.expect("the engine can work")
    }

    /// What DNS answers from now on when TXT records at a name are asked for.
    pub fn set_texts(&self, name: &str, texts: &[&str]) {
        self.builder.set_texts(name, texts);
    }

    /// Changes what the next [`TestApp::restart`] starts with.
    pub fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        self.builder.change(change);
    }

    /// Stops the server in order and starts it again on the same folder, with another port.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.running = Some(self.builder.run(self.folder.path(), &self.clock).await);
    }

    async fn stop(&mut self) {
        let running = self.running.take().expect("the server runs");
        let drained = running.shutdown().await;
        assert_eq!(drained, hopline_cli::Drained::Whole, "not everything ended in time");
    }

    /// Stops the server; fails the test when a worker is dead, a lease is left over, or the books do not balance.
    pub async fn finish(mut self) {
        if self.running().admin_addr.is_some() {
            self.admin().get("/readyz").await.expect_status(200);
        }
        self.stop().await;
        books::audit(self.folder.path());
    }
}
