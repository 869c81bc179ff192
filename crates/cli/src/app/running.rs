//! Composition: storage, way out, resolver, workers and API put together, started, and stopped in order.

use std::{fmt, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result};
use hopline_domain::{provider::Catalogue, short_link::ShortUrls, store::Store};
use hopline_engine::{Engine, EngineParts, EngineSettings, RetentionDays};
use hopline_outbound::OutboundConfig;
use hopline_server::{Api, AppParts, ServerLimits, StorageGate};
use url::Url;

use super::{
    AppConfig, FirstKey, Storage, Workers,
    bootstrap::{First, bootstrap},
    clicks::Clicks,
    disk::Disk,
    listeners::Listeners,
    metrics,
    readiness::ProcessReadiness,
};
use crate::{
    config::Settings,
    lifecycle::{DRAIN_MS, Drained, Lifecycle},
    resolver::{Resolver, ResolverParts},
};

/// A server that answers. Dropping it asks its tasks to end; [`Self::shutdown`] also waits for them.
pub struct RunningApp {
    pub public_addr: SocketAddr,
    /// `None` when it is off or its default port was taken.
    pub admin_addr: Option<SocketAddr>,
    pub public_url: Url,
    /// The key of a first start; its secrets are kept nowhere else.
    pub first_key: Option<FirstKey>,
    pub store: Arc<dyn Store>,
    pub engine: Arc<Engine>,
    lifecycle: Lifecycle,
    resolver: Resolver,
    /// Last: the folder's lock outlives everything that writes there.
    _storage: Storage,
}

impl RunningApp {
    /// Opens the data folder, takes the ports, makes the first workspace if there is none, and begins to serve.
    pub async fn start(config: AppConfig) -> Result<Self> {
        let lifecycle = Lifecycle::default();
        // The engine describes its metrics to the recorder, so that comes first.
        let metrics = metrics::start(&lifecycle)?;
        let storage = Storage::open(&config.settings.folder, config.entropy.as_ref())?;
        let listeners = Listeners::bind(&config.settings.listen).await?;
        let first_key = match bootstrap(&storage, config.clock.as_ref(), config.entropy.as_ref()).await? {
            First::Made(key) => Some(key),
            First::Existing(_) => None,
        };
        let clicks = Clicks::open(&config, &storage).await?;
        clicks.watch_places(&lifecycle);
        let composition =
            Composition { config: &config, storage: &storage, clicks: &clicks, lifecycle: &lifecycle };
        let resolver = composition.resolver()?;
        let public_url = public_url(&config.settings, listeners.public_addr)?;
        let engine = Arc::new(composition.engine(&resolver, &public_url));
        let api = composition.api(&engine, public_url.clone(), metrics, &resolver);
        api.start(&lifecycle.tracker, lifecycle.stop.clone());
        let (public_addr, admin_addr) = serve(listeners, &api, &lifecycle);
        Ok(Self {
            public_addr,
            admin_addr,
            public_url,
            first_key,
            store: storage.store.clone(),
            engine,
            lifecycle,
            resolver,
            _storage: storage,
        })
    }

    /// Stops accepting, lets what is under way end within a deadline, gives the rest back, and closes the store.
    pub async fn shutdown(self) -> Drained {
        let drained = self.lifecycle.drain(DRAIN_MS).await;
        self.resolver.close().await;
        drained
    }
}

impl fmt::Debug for RunningApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RunningApp");
        debug
            .field("public_addr", &self.public_addr)
            .field("admin_addr", &self.admin_addr)
            .finish_non_exhaustive()
    }
}

impl Drop for RunningApp {
    fn drop(&mut self) {
        self.lifecycle.stop.cancel();
    }
}

/// What the parts are made from.
struct Composition<'a> {
    config: &'a AppConfig,
    storage: &'a Storage,
    clicks: &'a Clicks,
    lifecycle: &'a Lifecycle,
}

impl Composition<'_> {
    fn resolver(&self) -> Result<Resolver> {
        let outbound = OutboundConfig {
            extra_roots: self.config.extra_roots.clone(),
            names: self.config.names.clone(),
            ..self.config.settings.outbound()
        };
        let clock = Arc::clone(&self.config.clock);
        let script_command = self.config.script_command.clone();
        Resolver::new(&self.config.settings, ResolverParts { outbound, clock, script_command })
    }

    fn engine(&self, resolver: &Resolver, public_url: &Url) -> Engine {
        let settings = &self.config.settings;
        Engine::new(EngineParts {
            store: self.storage.store.clone(),
            clicks: self.clicks.journal.clone(),
            peeler: resolver.peeler.clone(),
            outbound: resolver.outbound.clone(),
            master_key: Arc::clone(&self.storage.master_key),
            clock: Arc::clone(&self.config.clock),
            entropy: Arc::clone(&self.config.entropy),
            wake: Arc::clone(&self.storage.wake),
            plans: Arc::new(settings.plans.clone()),
            short_urls: Arc::new(ShortUrls::new(public_url)),
            settings: engine_settings(settings),
        })
    }

    fn api(
        &self,
        engine: &Engine,
        public_url: Url,
        metrics_render: metrics::Render,
        resolver: &Resolver,
    ) -> Api {
        let settings = &self.config.settings;
        Api::new(AppParts {
            store: self.storage.store.clone(),
            clock: Arc::clone(&self.config.clock),
            entropy: Arc::clone(&self.config.entropy),
            wake: Arc::clone(&self.storage.wake),
            master_key: Arc::clone(&self.storage.master_key),
            policy: settings.network.policy.clone(),
            outbound: resolver.outbound.clone(),
            catalogue: Catalogue::builtin(),
            plans: settings.plans.clone(),
            public_url,
            trusted_proxies: settings.listen.trusted_proxies.clone(),
            readiness: Arc::new(self.readiness(engine)),
            storage_gate: self.storage_gate(),
            metrics_render,
            clicks: self.clicks.journal.clone(),
            click_feed: self.clicks.journal.clone(),
            classifier: self.clicks.classifier.clone(),
            version: env!("CARGO_PKG_VERSION"),
            limits: server_limits(settings),
            blocked_hosts: settings.links.blocked_hosts.clone(),
            capabilities: self.config.capabilities.clone().unwrap_or_else(|| resolver.capabilities()),
        })
    }

    /// Starts the workers, unless they are stepped by hand.
    fn readiness(&self, engine: &Engine) -> ProcessReadiness {
        let Lifecycle { tracker, stop } = self.lifecycle;
        let health = match self.config.workers {
            Workers::Running => Some(engine.start(tracker, stop.clone()).health()),
            Workers::ByHand => None,
        };
        ProcessReadiness { health, journal: Arc::clone(&self.clicks.journal), stop: stop.clone() }
    }

    fn storage_gate(&self) -> Arc<dyn StorageGate> {
        let disk = || Disk::new(self.storage.folder.path().to_owned(), Arc::clone(&self.config.clock));
        self.config.storage_gate.clone().unwrap_or_else(|| Arc::new(disk()))
    }
}

fn engine_settings(settings: &Settings) -> EngineSettings {
    let kept = settings.retention;
    EngineSettings {
        resolve_concurrency: settings.limits.resolve_concurrency,
        deliver_concurrency: settings.limits.delivery_concurrency,
        retention: RetentionDays {
            jobs: kept.jobs_days,
            evidence: kept.evidence_days,
            screenshots: kept.screenshots_days,
            events: kept.events_days,
            attempts: kept.attempts_days,
            audit: kept.audit_days,
            clicks: kept.clicks_days,
        },
        ..EngineSettings::default()
    }
}

fn server_limits(settings: &Settings) -> ServerLimits {
    let kept = settings.retention;
    ServerLimits {
        idempotency_lifetime_ms: kept.idempotency_lifetime_ms,
        min_free_bytes: settings.limits.min_free_bytes,
        retention: hopline_server::RetentionDays {
            jobs: kept.jobs_days,
            evidence: kept.evidence_days,
            screenshots: kept.screenshots_days,
            events: kept.events_days,
            attempts: kept.attempts_days,
            audit: kept.audit_days,
            clicks: kept.clicks_days,
        },
    }
}

/// The address really bound, unless another was given.
fn public_url(settings: &Settings, bound: SocketAddr) -> Result<Url> {
    match &settings.listen.public_url {
        Some(url) => Ok(url.clone()),
        None => Url::parse(&format!("http://{bound}")).context("make the public URL"),
    }
}

fn serve(listeners: Listeners, api: &Api, lifecycle: &Lifecycle) -> (SocketAddr, Option<SocketAddr>) {
    let Lifecycle { tracker, stop } = lifecycle;
    let public = hopline_server::serve(listeners.public, api.public_router(), stop.clone(), tracker.clone());
    tracker.spawn(public);
    let admin_addr = listeners.admin.map(|(listener, address)| {
        tracker.spawn(hopline_server::serve(listener, api.admin_router(), stop.clone(), tracker.clone()));
        address
    });
    (listeners.public_addr, admin_addr)
}
